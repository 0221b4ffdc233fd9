"""`report.json`: the documented record of a run of one system, written and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.verdict import ClaimResult, Conclusion, Finding, RunResult, TargetFacts, Verdict

NAME = "report.json"


def render(result: RunResult) -> str:
    """The record as text."""
    return json.dumps(result.to_json(), indent=2, ensure_ascii=False, default=str) + "\n"


def read(path: Path) -> RunResult:
    """A record that `render` wrote."""
    return parse(json.loads(path.read_text(encoding="utf-8")))


def parse(record: Mapping[str, Any]) -> RunResult:
    """A run as its record tells it."""
    return RunResult(
        target=TargetFacts(**record["target"]),
        seed=record["seed"],
        conclusion=Conclusion(record["verdict"]),
        duration_s=record["duration_s"],
        requests=record["requests"],
        touched=list(record["touched"]),
        refused_by_guard=record["refused_by_guard"],
        claims=[_claim(each) for each in record["claims"]],
        findings=[_finding(each) for each in record["findings"]],
    )


def _claim(record: Mapping[str, Any]) -> ClaimResult:
    return ClaimResult(**{**record, "verdict": Verdict(record["verdict"]), "met": tuple(record["met"])})


def _finding(record: Mapping[str, Any]) -> Finding:
    lists = {name: tuple(record[name]) for name in ("evidence", "path", "ids")}
    return Finding(**{**record, **lists})
