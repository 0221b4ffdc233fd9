"""What ids in a report stand for: the meaning of claims, the words of the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import specs
from contracts.claim import discover
from contracts.promises import PROMISES
from contracts.report.page import Glossary
from contracts.verdict import RunResult
from specs.rules.evidence import entries


def glossary(results: Iterable[RunResult]) -> Glossary:
    """Claims and evidence for these runs."""
    meanings = {each.id: each.meaning for each in discover()} | {each.id: each.meaning for each in PROMISES}
    return Glossary(meanings, {each.target.system: _evidence(each) for each in results})


def _evidence(result: RunResult) -> Mapping[str, str]:
    path = specs.load(result.target.system, result.target.variant).path.parent / "EVIDENCE.md"
    return dict(entries(path.read_text(encoding="utf-8"))) if path.is_file() else {}
