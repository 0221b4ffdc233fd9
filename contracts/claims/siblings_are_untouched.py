"""Cancelling one job leaves every other job as it was: ours in other states, and whatever else the list shows.

A request names its job in one place; another job's id elsewhere in it is nobody's to be cancelled.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from contracts.bench import Bench
from contracts.calls import Call
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.journeys import Journey, Surroundings, cancelled_once
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import reachable_by_itself, state_of

EXPECTED = "every other job as it was"
MOST = 20  # jobs that nobody has named
LATER = 1.0  # seconds after the last cancel; what a queue does may come late


def check(bench: Bench) -> None:
    """One case a state that accepts cancel: a job in it is cancelled among others. Then a later look at these.

    One a job that nobody has named in a request to change it; at last one a place where a cancel may name another job.
    """
    for state in bench.cancellable:
        with bench.case() as case:
            journey = cancelled_once(case, state)
            if not journey.first.answer.ok or journey.before is None or journey.after is None:
                raise NotAvailable("the cancel was not accepted (see running_job_accepts_cancel)")
            _compare_read(case, journey, journey.before, journey.after)
            _compare_listed(case, journey, journey.before, journey.after)
    bench.patience.pass_time(LATER)
    for state in bench.cancellable:
        with bench.case() as case:
            _compare_later(case, cancelled_once(case, state))
    for job in [each for each in bench.stock.idle if not bench.guard.named_for_change(each.id)][:MOST]:
        with bench.case() as case:
            bench.notebook.page.lease(job)
            _goes_by_itself(case, job)
    for place in ("query", "body"):
        with bench.case() as case:
            _named_beside(case, place)


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


def _compare_later(case: Case, journey: Journey) -> None:
    """Siblings that nobody has cancelled since are where they were, or where they go by themselves."""
    bench = case.bench
    for reading in journey.after.readings if journey.after else ():
        sibling = reading.answer.call.job
        if sibling is None or sibling.spent or reading.state is None or bench.guard.asked_for_change(sibling.id):
            continue
        now = case.read(sibling)
        if now.state not in reachable_by_itself(bench.spec, bench.lifecycle, reading.state):
            changed = [f"state: {reading.shown} -> {now.shown}"]
            case.fails(journey.first.answer, EXPECTED, "a sibling changed later", sibling=sibling.id, changed=changed)


def _goes_by_itself(case: Case, job: Job) -> None:
    """A job that nobody has named, with all that was done to others in this run."""
    bench = case.bench
    case.read(job)
    told = [each for each in bench.reader.readings[job.id] if each.answer.ok or each.answer.refused]
    for earlier, later in pairwise(told):
        if later.state not in reachable_by_itself(bench.spec, bench.lifecycle, str(earlier.state)):
            changed = [f"state: {earlier.shown} -> {later.shown}"]
            case.fails(later.answer, EXPECTED, "a job changed that nobody named", job=job, changed=changed)
            return


def _named_beside(case: Case, place: str) -> None:
    """Cancel one job with the id of another in the query or body: whatever becomes of the first, the other stays."""
    bench = case.bench
    job, other = case.job(), case.job()
    location = bench.cancel_effect.id
    if location is None or (place == "body" and location.where == "body"):
        raise NotAvailable("the id travels in the body already")
    before = case.readable(other)
    call = _beside(bench.call("cancel", job), place, {location.name: other.id, "id": other.id})
    answer = case.send(call)
    job.spent = job.spent or not answer.refused
    after = case.read(other)
    if not bench.moved_by_itself(before, after) and (changed := bench.differences(before, after)):
        other.spent = True
        kind = f"the job named in the {place} changed"
        case.fails(answer, "the job named in its place cancelled, no other", kind, sibling=other.id, changed=changed)


def _beside(call: Call, place: str, more: dict[str, str]) -> Call:
    """A cancel that names another job as well. It is no documented call: what it is answered is not judged."""
    said = call.asking(**more) if place == "query" else call.saying(more)
    return said.to(said.target)


def _state(bench: Bench, item: Any) -> str | None:
    return state_of(bench.lifecycle, item) if item is not None else None


CLAIM = Claim(
    id="siblings_are_untouched",
    meaning="cancelling one job leaves every other job as it was",
    source="the cancel operation names one job",
    check=check,
    stage=Stage.REVIEW,
)
