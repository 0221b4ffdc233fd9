"""Cancelling one job leaves every other job as it was: ours in other states, and whatever else the list shows."""

from __future__ import annotations

from typing import Any

from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.journeys import Journey, Surroundings, cancelled_once
from contracts.supply.job import NotAvailable
from specs.lifecycle import state_of

EXPECTED = "every other job as it was"


def check(bench: Bench) -> None:
    """One case a state that accepts cancel: a job in it is cancelled among others."""
    for state in bench.cancellable:
        with bench.case() as case:
            journey = cancelled_once(case, state)
            if not journey.first.answer.ok or journey.before is None or journey.after is None:
                raise NotAvailable("the cancel was not accepted (see running_job_accepts_cancel)")
            _compare_read(case, journey, journey.before, journey.after)
            _compare_listed(case, journey, journey.before, journey.after)


def _compare_read(case: Case, journey: Journey, before: Surroundings, after: Surroundings) -> None:
    for one, other in zip(before.readings, after.readings, strict=True):
        if case.bench.moved_by_itself(one, other) or not (differences := case.bench.differences(one, other)):
            continue
        sibling = one.answer.call.job
        case.fails(
            journey.first.answer,
            EXPECTED,
            "a sibling changed",
            sibling=sibling.id if sibling else "",
            changed=differences,
        )


def _compare_listed(case: Case, journey: Journey, before: Surroundings, after: Surroundings) -> None:
    """Foreign jobs are only ever looked at in the list. They may go their own way, but not ours."""
    bench = case.bench
    for id, item in before.listed.items():
        was, now = _state(bench, item), _state(bench, after.listed.get(id))
        if id == journey.job.id or was is None or now == was or now in bench.by_itself(was):
            continue
        if now is None and not bench.guard.ledger.is_ours(id):
            continue
        changed = [f"state: {was} -> {now or 'not listed'}"]
        case.fails(journey.first.answer, EXPECTED, "a listed sibling changed", sibling=id, changed=changed)


def _state(bench: Bench, item: Any) -> str | None:
    return state_of(bench.lifecycle, item) if item is not None else None


CLAIM = Claim(
    id="siblings_are_untouched",
    meaning="cancelling one job leaves every other job as it was",
    source="the cancel operation names one job",
    check=check,
    stage=Stage.JOURNEYS,
)
