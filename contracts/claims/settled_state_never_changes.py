"""A settled job stays what it is: after more requests, after more time, and to the end of the run."""

from __future__ import annotations

from contextlib import suppress

from contracts.answer import Reading
from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.supply.job import Job, NotAvailable

LATER = 3600.0  # seconds that a mock's clock is moved
LOOKED_AT = 12  # settled jobs that are read once more


def check(bench: Bench) -> None:
    """One case a terminal state: cancelled, listed, read. Then every job that ever read as settled, after a while."""
    for state in bench.lifecycle.terminal:
        with bench.case() as case:
            _bothered(case, case.job(state, patient=True))
    bench.patience.pass_time(LATER)
    for job, settled in _settled_jobs(bench)[:LOOKED_AT]:
        with bench.case() as case:
            bench.notebook.page.lease(job)
            _compare(case, job, settled, case.read(job))


def _bothered(case: Case, job: Job) -> None:
    before = case.readable(job)
    case.cancel(job)
    with suppress(NotAvailable):
        case.bench.reader.listing()
    _compare(case, job, before, case.read(job))


def _settled_jobs(bench: Bench) -> list[tuple[Job, Reading]]:
    """Jobs that read as settled at some time, with the first such reading."""
    found = []
    for job in bench.stock.idle:
        readings = bench.reader.readings.get(job.id, [])
        first = next((each for each in readings if each.state in bench.lifecycle.terminal), None)
        if first is not None:
            found.append((job, first))
    return found


def _compare(case: Case, job: Job, settled: Reading, now: Reading) -> None:
    if differences := case.bench.differences(settled, now):
        expected = f"{settled.shown}, as it was read before"
        case.fails(now.answer, expected, "changes", state=settled.state, job=job, changed=differences)


CLAIM = Claim(
    id="settled_state_never_changes",
    meaning="a settled job stays what it is, also after more requests",
    source="the spec's lifecycle: terminal states",
    check=check,
    stage=Stage.REVIEW,
)
