"""What the claims of `contracts` add to the time that Schemathesis needs to generate requests."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SEEDS = (1, 2, 3)
GENERATED = "schemathesis"  # how a HAR calls its requests
PROMISES = frozenset(
    {"replies_match_the_spec", "no_server_errors", "invalid_requests_are_refused", "valid_requests_are_accepted"}
)
"""The claims that generated requests test. They share one generation, and each reports how long all of it took."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one run."""

    generation: float
    waiting: float  # of that, for replies
    claims: float

    @property
    def added(self) -> float:
        """What claims take, as a share of generation without the waiting."""
        return self.claims / (self.generation - self.waiting)


def cost(systems: tuple[str, ...]) -> str:
    """A row a system, medians over the seeds."""
    rows = [
        "| system | generation s | of it waiting s | all other claims s | added to generation without waiting |",
        "|---|--:|--:|--:|--:|",
    ]
    for system in systems:
        costs = [_cost(system, seed) for seed in SEEDS]
        seconds = [
            statistics.median(figures)
            for figures in zip(*((each.generation, each.waiting, each.claims) for each in costs), strict=True)
        ]
        added = statistics.median(each.added for each in costs)
        rows.append(f"| {system} | {' | '.join(f'{each:.1f}' for each in seconds)} | {added:.0%} |")
    return f"{INTRO}\n\n" + "\n".join(rows)


INTRO = f"""\
A whole `contracts run` on a mock of its own, medians of {len(SEEDS)} seeds. Generation lasts from Schemathesis's start
to its end: it draws requests, waits for replies and judges them, while our guard and our hooks watch. All other claims
send and judge requests of their own; their waiting is not taken off."""


def _cost(system: str, seed: int) -> Cost:
    with TemporaryDirectory() as folder:
        options = ["--seed", str(seed), "--report", "json,har", "--report-dir", folder, "--quiet"]
        command = [sys.executable, "-m", "contracts", "run", system, *options]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        report = _read(Path(folder) / system / "report.json")
        sent = _read(Path(folder) / system / "run.har")["log"]["entries"]
    took: dict[str, float] = {each["id"]: each["duration_s"] for each in report["claims"]}
    return Cost(
        generation=max(took[id] for id in PROMISES),
        waiting=sum(each["time"] for each in sent if each["comment"] == GENERATED) / 1000,
        claims=sum(seconds for id, seconds in took.items() if id not in PROMISES),
    )


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
