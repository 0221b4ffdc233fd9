"""Walks that several claims look at: one job a state, cancelled once and watched, or cancelled again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from contracts.answer import Answer, Reading
from contracts.case import Case
from contracts.identity import OWNER, STRANGER
from contracts.notebook import Page
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import next_states

REPEATS = 3  # cancels in a row
SIBLINGS = 6  # idle jobs of ours that are watched while another is cancelled


@dataclass(frozen=True, slots=True)
class Attempt:
    """One cancel with the job read before and right after it."""

    before: Reading
    answer: Answer
    after: Reading

    @property
    def seconds(self) -> float:
        """How long it took until the job had been read again."""
        return self.after.at - self.before.at


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All other jobs at one moment: ours read one by one, and whatever the lists show us and the stranger."""

    readings: tuple[Reading, ...]
    listed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Journey:
    """A job that was cancelled, with its surroundings before and right after.

    `settled` is its first reading in a terminal state, if it came in time; `trail` holds the readings from right
    after the cancel on.
    """

    job: Job
    attempts: tuple[Attempt, ...]
    page: Page
    settled: Reading | None = None
    trail: tuple[Reading, ...] = ()
    before: Surroundings | None = None
    after: Surroundings | None = None

    @property
    def first(self) -> Attempt:
        """The first cancel."""
        return self.attempts[0]

    @property
    def settling(self) -> float:
        """Seconds from the reading after the cancel to the first settled one; 0 where nothing was waited for."""
        waited = self.settled is not None and self.settled.state != self.first.after.state
        return self.settled.at - self.first.after.at if self.settled and waited else 0.0


def cancelled_once(case: Case, state: str) -> Journey:
    """A job in `state`, cancelled once and watched until it settles. NotAvailable where there is no such job."""
    return _shared(case, f"cancelled once in {state}", lambda: _cancel_once(case, state))


def cancelled_again(case: Case, state: str) -> Journey:
    """A job in `state`, cancelled three times in a row."""
    return _shared(case, f"cancelled again in {state}", lambda: _cancel_again(case, state))


def usual_journeys(case: Case) -> list[Journey]:
    """What became of jobs that were cancelled once, in every state to be had. The case goes on with its own steps."""
    page, found = case.bench.notebook.page, []
    for state in case.bench.cancellable:
        with suppress(NotAvailable):
            found.append(cancelled_once(case, state))
    case.bench.notebook.page = page
    return found


def usually_settles(case: Case, state: str) -> bool:
    """Whether cancels lead out of `state`, and jobs that are cancelled once, and accept that, all settle in time."""
    if state in next_states(case.bench.lifecycle, state, "cancel"):
        return False
    accepted = [each for each in usual_journeys(case) if each.first.answer.ok]
    return bool(accepted) and all(each.settled is not None for each in accepted)


def attempt(case: Case, job: Job) -> Attempt:
    """Read, cancel, read."""
    before = case.readable(job)
    answer = case.cancel(job)
    return Attempt(before, answer, case.read(job))


def _cancel_once(case: Case, state: str) -> Journey:
    siblings = _siblings(case)
    job = _victim(case, state, siblings)
    before = _surroundings(case, job, siblings)
    first = attempt(case, job)
    seen = len(case.bench.reader.readings[job.id]) - 1
    after = _surroundings(case, job, siblings)
    settled = case.settles(job) if first.answer.ok else None
    trail = tuple(case.bench.reader.readings[job.id][seen:])
    return Journey(job, (first,), case.bench.notebook.page, settled, trail, before, after)


def _siblings(case: Case) -> list[Job]:
    """One of ours that could be cancelled, too, and some of those that lie idle."""
    with suppress(NotAvailable):
        case.job()
    return [*case.bench.stock.leased, *case.bench.stock.idle[:SIBLINGS]]


def _victim(case: Case, state: str, siblings: list[Job]) -> Job:
    """A fresh job; where jobs are scarce, the sibling that is in that state."""
    try:
        return case.job(state, fresh=True, patient=True)
    except NotAvailable:
        for sibling in siblings:
            if case.read(sibling).state == state:
                return sibling
        raise


def _surroundings(case: Case, job: Job, siblings: list[Job]) -> Surroundings:
    readings = tuple(case.read(each) for each in siblings if each is not job)
    listed: dict[str, Any] = {}
    for identity in (OWNER, STRANGER):
        with suppress(NotAvailable):
            listed.update(case.bench.reader.listing(identity).items)
    return Surroundings(readings, listed)


def _cancel_again(case: Case, state: str) -> Journey:
    job = case.job(state, fresh=True, patient=True)
    attempts = tuple(attempt(case, job) for _ in range(REPEATS))
    return Journey(job, attempts, case.bench.notebook.page)


def _shared(case: Case, key: str, make: Callable[[], Journey]) -> Journey:
    """Made once; why it could not be made is remembered, too. The case goes on with the journey's own steps."""
    journey = case.bench.once(key, lambda: _outcome(make))
    if isinstance(journey, str):
        raise NotAvailable(journey)
    case.bench.notebook.page = journey.page
    return journey


def _outcome(make: Callable[[], Journey]) -> Journey | str:
    try:
        return make()
    except NotAvailable as reason:
        return str(reason)
