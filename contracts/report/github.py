"""What GitHub shows beside a run: an annotation a broken claim, and the matrix on the job's summary page."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from contracts.report import wording
from contracts.report.grouping import Cause, by_cause
from contracts.report.page import matrix
from contracts.verdict import ClaimResult, RunResult, Verdict

MARKS = {Verdict.HELD: "✅", Verdict.BROKEN: "❌", Verdict.NOT_TESTED: "–"}


def wanted(environment: Mapping[str, str] | None = None) -> bool:
    """Whether we run there."""
    return (os.environ if environment is None else environment).get("GITHUB_ACTIONS") == "true"


def lines(results: Iterable[RunResult]) -> list[str]:
    """Workflow commands, one a cause, for standard output."""
    return [_line(cause, result) for result in results for cause in by_cause(result.findings)]


def write_summary(results: Sequence[RunResult], environment: Mapping[str, str] | None = None) -> None:
    """Add the matrix to the job's summary page, where there is one."""
    path = (os.environ if environment is None else environment).get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8") as page:
            page.write(summary(results))


def summary(results: Sequence[RunResult]) -> str:
    """The matrix in Markdown."""
    head = ["claim", *(result.target.system for result in results)]
    rows = [[f"`{row.claim}`", *(_cell(cell) for cell in row.cells)] for row in matrix(results)]
    table = [head, ["---"] * len(head), *rows]
    told = [_told(each) for each in results]
    return "\n".join(["## Cancel contract", "", *told, "", *(f"| {' | '.join(row)} |" for row in table), "", ""])


def _told(result: RunResult) -> str:
    line = f"- **{result.target.system}**: {result.conclusion.value}, {wording.summary(result)}"
    return f"{line}; why: {_as_text(result.doubt)}" if result.doubt else line


def _as_text(said: str) -> str:
    """What may quote a target, as plain words of one line of Markdown."""
    return re.sub(r"([\\`*_{}\[\]#|~])", r"\\\1", html.escape(" ".join(said.split()), quote=False))


def _cell(claim: ClaimResult | None) -> str:
    return "" if claim is None else f"{MARKS[claim.verdict]} {claim.cases or ''}".strip()


def _line(cause: Cause, result: RunResult) -> str:
    title = _property(f"{result.target.system}: {cause.example.claim}")
    return f"::error title={title}::{_message(wording.told(cause, result))}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
