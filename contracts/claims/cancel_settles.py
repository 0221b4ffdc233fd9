"""Within the time limit a cancelled job reaches a documented settled state, without going back on the way."""

from __future__ import annotations

from itertools import pairwise

from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.journeys import Journey, cancelled_once
from contracts.supply.job import NotAvailable
from specs.lifecycle import reachable_by_itself, rivals_of, settled_after


def check(bench: Bench) -> None:
    """One case a state that accepts cancel."""
    for state in bench.cancellable:
        with bench.case() as case:
            journey = cancelled_once(case, state)
            if not journey.first.answer.ok:
                raise NotAvailable("the cancel was not accepted (see running_job_accepts_cancel)")
            _only_forward(case, journey)
            _settled(case, journey)


def _only_forward(case: Case, journey: Journey) -> None:
    bench = case.bench
    for earlier, later in pairwise(journey.trail):
        if earlier.state is None or later.state in reachable_by_itself(bench.spec, bench.lifecycle, earlier.state):
            continue
        expected = f"{earlier.state} or what follows it by itself"
        case.fails(
            later.answer, expected, f"{earlier.state} became {later.shown}", job=journey.job, read_as=later.shown
        )
        return


def _settled(case: Case, journey: Journey) -> None:
    bench, state = case.bench, journey.first.before.state or ""
    goals = settled_after(bench.spec, bench.lifecycle, state) | _settled_meanwhile(bench, state)
    expected = f"{' or '.join(sorted(goals))} within {bench.target.settle_timeout:g} s"
    if journey.settled is None:
        last = journey.trail[-1]
        case.fails(last.answer, expected, "does not settle", state=state, job=journey.job, read_as=last.shown)
    elif journey.settled.state not in goals:
        shown = journey.settled.shown
        case.fails(journey.settled.answer, expected, f"ends as {shown}", state=state, job=journey.job, read_as=shown)
    elif rivals := rivals_of(bench.lifecycle, journey.settled.representation):
        found = f"{journey.settled.shown} and {', '.join(rivals)}"
        case.fails(journey.settled.answer, "one end", "ends in two ways", state=state, job=journey.job, read_as=found)


def _settled_meanwhile(bench: Bench, state: str) -> frozenset[str]:
    """Where a job may end that moved on between the reading and the cancel."""
    return frozenset(
        goal for each in bench.by_itself(state) for goal in settled_after(bench.spec, bench.lifecycle, each)
    )


CLAIM = Claim(
    id="cancel_settles",
    meaning="within the time limit the job reaches a documented settled state",
    source="the spec's lifecycle: terminal states that the vendor's own moves lead to after a cancel",
    check=check,
    stage=Stage.JOURNEYS,
)
