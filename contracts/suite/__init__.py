"""The claims that generated requests test: spec and target go in, Schemathesis generates, verdicts come out."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.bench import Bench
from contracts.claim import Outcome
from contracts.suite.cast import Cast
from contracts.suite.configuration import Settings
from contracts.suite.driver import Drive, drive
from contracts.suite.outcome import outcomes
from contracts.suite.progress import Progress, Watch
from contracts.suite.subjects import Subjects

__all__ = ["Generated", "Settings", "Watch", "generate"]


@dataclass(frozen=True, slots=True)
class Generated:
    """What generated requests showed. `stopped`: someone pressed Ctrl-C before the end."""

    outcomes: tuple[Outcome, ...]
    stopped: bool


def generate(bench: Bench, settings: Settings, watch: Watch) -> Generated:
    """Test every promise on a bench."""
    cast = Cast.of(bench)
    subjects = Subjects(bench.spec, bench.guard.ledger, cast.by_operation(), bench.scope)
    progress = Progress.of(bench.spec, bench.target, settings, watch)
    run = Drive(bench.guard, bench.requests_auth(), subjects, cast.states, settings, progress.note)
    collector = drive(run)
    return Generated(outcomes(run, collector), collector.interrupted)
