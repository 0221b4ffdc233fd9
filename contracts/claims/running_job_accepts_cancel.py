"""A job in each cancellable state answers the documented success."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.claim import Claim, Stage
from contracts.journeys import cancelled_once


def check(bench: Bench) -> None:
    """One case a state that accepts cancel."""
    for state in bench.cancellable:
        with bench.case() as case:
            first = cancelled_once(case, state).first
            case.accepted(first.answer, first.before, first.after)


CLAIM = Claim(
    id="running_job_accepts_cancel",
    meaning="a job in each cancellable state answers the documented success",
    source="the spec's lifecycle: states with a cancel among their moves",
    check=check,
    stage=Stage.JOURNEYS,
)
