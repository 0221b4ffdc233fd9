"""Replay files: what it takes to see a finding again, one file a finding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from contracts.notebook import Found
from contracts.secret import scrub
from contracts.verdict import Finding

FORMAT = 1
FOLDER = "replay"


class ReplayError(ValueError):
    """A file that is no replay file; the message is for people."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A finding, where it was met, and the steps that led to it."""

    system: str
    variant: str
    seed: int
    finding: Finding
    steps: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """The content of a replay file."""
        return {"format": FORMAT, **asdict(self)}


def write(system: str, variant: str, seed: int, found: Iterable[Found], folder: Path) -> list[Finding]:
    """Write a file for each finding and return the findings, each with the path of its file."""
    written = []
    for number, each in enumerate(found, start=1):
        path = folder / FOLDER / f"{number:02d}-{each.finding.claim}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        recording = Recording(system, variant, seed, each.finding, each.steps)
        path.write_text(
            scrub(json.dumps(recording.to_json(), indent=2, ensure_ascii=False, default=str)) + "\n", "utf-8"
        )
        written.append(replace(each.finding, replay=str(path)))
    return written


def read(path: Path) -> Recording:
    """A recording from its file. ReplayError says what is wrong with the file."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReplayError(
            f"{path}: cannot be read ({error.strerror}). Name a file from a report's replay folder."
        ) from None
    except ValueError as error:
        raise ReplayError(f"{path}: is not JSON ({error}). Name a file from a report's replay folder.") from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ReplayError(f'{path}: is no replay file. Expected "format": {FORMAT}. Name a file from a report.')
    try:
        return _recording(facts)
    except KeyError as error:
        raise ReplayError(f"{path}: lacks {error}. Expected what `contracts run` writes. Record it again.") from None
    except (TypeError, ValueError):
        raise ReplayError(f"{path}: is damaged. Expected what `contracts run` writes. Record it again.") from None


def _recording(facts: Mapping[str, Any]) -> Recording:
    finding, steps, seed = facts["finding"], facts["steps"], facts["seed"]
    if not (isinstance(seed, int) and isinstance(finding, dict) and all(isinstance(each, dict) for each in steps)):
        raise TypeError
    lists = {name: tuple(finding[name]) for name in ("evidence", "path", "ids")}
    return Recording(
        system=facts["system"],
        variant=facts["variant"],
        seed=seed,
        finding=Finding(**{**finding, **lists}),
        steps=tuple(steps),
    )
