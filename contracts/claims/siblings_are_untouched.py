"""Cancelling one job leaves every other job as it was: ours in other states, and whatever else the list shows."""

from __future__ import annotations

from typing import Any

from contracts.answer import Answer, Reading
from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.reader import Listing
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import state_of

MOST = 8  # siblings of ours that are read one by one


def check(bench: Bench) -> None:
    """One case a state that accepts cancel: a job in it is cancelled among others."""
    for state in bench.cancellable:
        with bench.case() as case:
            siblings = _siblings(case)
            job = case.job(state, fresh=True)
            others = [each for each in siblings if each is not job]
            before, listed = [case.read(each) for each in others], _listed(case)
            answer = case.cancel(job)
            if not answer.ok:
                raise NotAvailable("the cancel was not accepted (see running_job_accepts_cancel)")
            _compare_read(case, answer, before, [case.read(each) for each in others])
            _compare_listed(case, answer, job, listed, _listed(case))


def _siblings(case: Case) -> list[Job]:
    """Ours: one in each state that accepts cancel as far as there are any, and those that lie idle."""
    bench, found = case.bench, []
    for state in bench.cancellable:
        try:
            found.append(case.job(state))
        except NotAvailable:
            continue
    return [*found, *bench.stock.idle[: MOST - len(found)]]


def _listed(case: Case) -> Listing:
    try:
        return case.bench.reader.listing()
    except NotAvailable:
        return Listing({}, ())


def _compare_read(case: Case, answer: Answer, before: list[Reading], after: list[Reading]) -> None:
    for one, other in zip(before, after, strict=True):
        if case.bench.moved_by_itself(one, other) or not (differences := case.bench.differences(one, other)):
            continue
        expected = "every other job as it was"
        sibling = one.answer.call.job
        case.fails(answer, expected, "a sibling changed", sibling=sibling.id if sibling else "", changed=differences)


def _compare_listed(case: Case, answer: Answer, job: Job, before: Listing, after: Listing) -> None:
    """Foreign jobs are only ever looked at in the list. They may go their own way, but not ours."""
    bench = case.bench
    for id, item in before.items.items():
        was, now = _state(bench, item), _state(bench, after.items.get(id))
        if id == job.id or was is None or now == was or now in bench.by_itself(was):
            continue
        if now is None and not bench.guard.ledger.is_ours(id):
            continue
        changed = [f"state: {was} -> {now or 'not listed'}"]
        case.fails(answer, "every other job as it was", "a listed sibling changed", sibling=id, changed=changed)


def _state(bench: Bench, item: Any) -> str | None:
    return state_of(bench.lifecycle, item) if item is not None else None


CLAIM = Claim(
    id="siblings_are_untouched",
    meaning="cancelling one job leaves every other job as it was",
    source="the cancel operation names one job",
    check=check,
    stage=Stage.JOURNEYS,
)
