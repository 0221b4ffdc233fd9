"""The claims that generated requests test: spec and target go in, Schemathesis generates, verdicts come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.bench import Bench
from contracts.claim import Outcome
from contracts.suite.configuration import Settings
from contracts.suite.driver import Drive, drive
from contracts.suite.outcome import outcomes
from contracts.suite.progress import Progress, Watch
from contracts.suite.subjects import Subject, Subjects
from contracts.supply.job import NotAvailable

FRESH_JOBS = 6  # cancellable ones, so that generated cancels are not all of the same few jobs
REUSED_JOBS = 24  # of those that other claims had, the last ones
UNKNOWN = 2  # reserved ids that no job has

__all__ = ["Generated", "Settings", "Watch", "generate"]


@dataclass(frozen=True, slots=True)
class Generated:
    """What generated requests showed. `stopped`: someone pressed Ctrl-C before the end."""

    outcomes: tuple[Outcome, ...]
    stopped: bool


def generate(bench: Bench, settings: Settings, watch: Watch) -> Generated:
    """Test every promise on a bench."""
    subjects = Subjects(bench.spec, bench.guard.ledger, list(_subjects(bench)), bench.scope)
    progress = Progress.of(bench.spec, bench.target, settings, watch)
    run = Drive(bench.guard, bench.requests_auth(), subjects, settings, progress.note)
    collector = drive(run)
    return Generated(outcomes(run, collector), collector.interrupted)


def _subjects(bench: Bench) -> Iterator[Subject]:
    """Jobs of ours in as many states as can be had, and ids of none."""
    ledger = bench.guard.ledger
    if bench.stock.renewable:
        yield from _fresh(bench)
    for id in ledger.ours[-REUSED_JOBS:]:
        yield Subject(id, ledger.parameters_of(id))
    for _ in range(UNKNOWN):
        try:
            yield Subject(bench.absent_id(), {})
        except NotAvailable:
            return


def _fresh(bench: Bench) -> Iterator[Subject]:
    wanted = [*bench.cancellable] * (FRESH_JOBS // max(1, len(bench.cancellable)))
    for state in wanted:
        try:
            job = bench.job(state, fresh=True)
        except NotAvailable:
            continue
        yield Subject(job.id, job.parameters)
    bench.end()
