"""Reports of a run, each from the same result; every text passes through `scrub` on its way to a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from contracts.exchange import Exchange
from contracts.guard import KeptBack
from contracts.notebook import Found
from contracts.report import har, junit, page, record, replay
from contracts.report.glossary import glossary
from contracts.secret import scrub
from contracts.verdict import RunResult

__all__ = ["KEPT_BACK", "KINDS", "Material", "NotWritten", "write", "write_overview"]

KEPT_BACK = "kept-back.json"  # requests that the guard did not let out, and why


@dataclass(slots=True)
class Material:
    """What reports are made of: the result, its findings with their steps, what was sent and what was not."""

    result: RunResult
    found: Sequence[Found]
    journal: Iterable[Exchange]
    kept_back: Sequence[KeptBack] = ()


KINDS: Mapping[str, tuple[str, Callable[[Material], str]]] = {
    "json": (record.NAME, lambda material: record.render(material.result)),
    "junit": (junit.NAME, lambda material: junit.render(material.result)),
    "html": (page.NAME, lambda material: page.render([material.result], glossary([material.result]))),
    "har": (har.NAME, lambda material: har.render(material.journal)),
}
"""Report kinds by name: the file each is written to, and how."""


class NotWritten(Exception):
    """A report could not be written; the message is for people."""


def write(material: Material, folder: Path, kinds: Sequence[str]) -> list[Path]:
    """Write these kinds and the replay files; `report.json` is always among them. Raises NotWritten."""
    try:
        return _written(material, folder, kinds)
    except OSError as error:
        raise NotWritten(
            f"{error.filename or folder}: a report cannot be written: {error.strerror}. "
            "Make room for it, or name another folder with --report-dir."
        ) from error


def _written(material: Material, folder: Path, kinds: Sequence[str]) -> list[Path]:
    facts = material.result
    facts.findings = replay.write(facts.target.system, facts.target.variant, facts.seed, material.found, folder)
    files = [_write(folder / KINDS[kind][0], KINDS[kind][1](material)) for kind in dict.fromkeys(("json", *kinds))]
    if material.kept_back:
        files.append(_write(folder / KEPT_BACK, json.dumps([asdict(each) for each in material.kept_back], indent=2)))
    return files


def write_overview(results: Sequence[RunResult], folder: Path) -> Path:
    """One page for several systems."""
    return _write(folder / page.NAME, page.render(results, glossary(results)))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(scrub(text), encoding="utf-8")
    return path
