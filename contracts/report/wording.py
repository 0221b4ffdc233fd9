"""Findings as plain sentences, the same in JUnit, pytest, annotations and on the console."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from contracts.order import MOCK, TARGETS_FILE
from contracts.report.grouping import Cause
from contracts.target import host_of, is_loopback
from contracts.verdict import Finding, RunResult, Verdict, counted

BODY_SHOWN = 400  # characters of a reply's body; whole bodies are in the HAR file


def told(cause: Cause, result: RunResult) -> str:
    """A cause in a few lines: where, expected, received, sources, how to see it again."""
    lines = [f"{label}: {text}" for label, text in parts(cause, result)]
    return "\n".join([headline(cause), *(f"  {line}" for line in lines)])


def headline(cause: Cause) -> str:
    """The operation, the states and how often."""
    states = f" in {', '.join(cause.states)}" if cause.states else ""
    times = f" ({cause.times} times)" if cause.times > 1 else ""
    return f"{cause.example.operation}{states}{times}"


def parts(cause: Cause, result: RunResult) -> list[tuple[str, str]]:
    """What is known of a cause as (label, text), without what is empty."""
    finding = cause.example
    known = [
        ("expected", finding.expected),
        ("received", received(finding.received)),
        ("path", " > ".join(finding.path)),
        ("evidence", ", ".join(finding.evidence)),
        ("reproduce", finding.curl),
        ("replay", replay(finding, result)),
    ]
    return [(label, text) for label, text in known if text]


def replay(finding: Finding, result: RunResult) -> str:
    """The command that sends a finding again, as it can be pasted where the run was started."""
    if not finding.replay:
        return ""
    target = result.target
    words = ["contracts", "replay", finding.replay, "--target", target.name]
    if target.name == MOCK:
        return shlex.join(words)
    if result.targets_file not in {"", TARGETS_FILE}:
        words += ["--targets", result.targets_file]
    if not is_loopback(host := host_of(target.url)):
        words += ["--yes", host]
    return shlex.join(words)


def received(facts: Mapping[str, Any]) -> str:
    """What came back, the status first."""
    words = [str(facts["status"])] if "status" in facts else []
    words += [f"{name} {_short(value)}" for name, value in facts.items() if name != "status"]
    return ", ".join(words)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= BODY_SHOWN else text[:BODY_SHOWN] + "..."


def untested(result: RunResult) -> list[tuple[str, list[str]]]:
    """The claims that were not tested, by reason."""
    reasons: dict[str, list[str]] = {}
    for claim in result.claims:
        if claim.verdict is Verdict.NOT_TESTED:
            reasons.setdefault(claim.reason, []).append(claim.id)
    return list(reasons.items())


def summary(result: RunResult) -> str:
    """`28 held, 1 broken, 2 not tested; 842 requests in 12.3 s`."""
    verdicts = [claim.verdict for claim in result.claims]
    counts = [
        f"{verdicts.count(verdict)} {verdict.value.replace('_', ' ')}" for verdict in Verdict if verdict in verdicts
    ]
    return f"{', '.join(counts) or 'nothing tested'}; {counted(result.requests)} in {result.duration_s:.1f} s"
