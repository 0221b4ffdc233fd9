"""Times and transitions only move forward: within one representation, and from one reading to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from contracts.answer import Reading
from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.journeys import cancelled_once
from contracts.supply.job import Job
from contracts.transitions import date_of, history_of, moment_of, moments
from specs.lifecycle import reachable_by_itself, value_at, walkable
from specs.model import Lifecycle

SLACK = timedelta(minutes=1)  # by which a proxy's clock may differ from that of the server behind it
OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
APART = 1.5  # seconds in one state after which the next has another date: some vendors write whole seconds


def check(bench: Bench) -> None:
    """One case a job that was read: everything that was ever seen of it."""
    if not bench.reader.readings:
        with bench.case() as case:
            cancelled_once(case, bench.cancellable[0])
    if bench.lifecycle.dated:
        with bench.case() as case:
            _cancel_one_that_lay(case)
    ends = _of_the_end(bench)
    jobs = [job for job in bench.stock.idle if len(bench.reader.readings.get(job.id, ())) > 1]
    for job in jobs:
        with bench.case() as case:
            bench.notebook.page.lease(job)
            readings = [each for each in bench.reader.readings[job.id] if each.state is not None]
            _walks(case, job, readings)
            _tells(case, job, readings)
            _begins(case, job, readings)
            _grows(case, job, readings)
            _happens(case, job, readings, ends)
            _is_dated(case, job, readings)


def _cancel_one_that_lay(case: Case) -> None:
    """A job that has been in its state for a while is cancelled: the date of that is another one."""
    job = case.job()
    first = case.readable(job)
    if not _known_before(case.bench.reader.readings[job.id], first):
        case.bench.patience.pass_time(APART, at_most=APART)
    before = case.readable(job)
    case.cancel(job)
    _set_anew(case, job, [first, before], case.read(job))


def _walks(case: Case, job: Job, readings: Sequence[Reading]) -> None:
    """States follow each other as the lifecycle has it; a job that nobody touched moves by itself only."""
    bench = case.bench
    asked = job.spent or bench.guard.asked_for_change(job.id)
    for earlier, later in pairwise(readings):
        states = [str(earlier.state), str(later.state)]
        forward = later.state in reachable_by_itself(bench.spec, bench.lifecycle, states[0])
        if not (forward or (asked and walkable(bench.spec, bench.lifecycle, states))):
            expected = "states in an order the lifecycle has"
            case.fails(later.answer, expected, f"{states[0]} then {states[1]}", state=states[0], job=job)


def _tells(case: Case, job: Job, readings: Sequence[Reading]) -> None:
    """Each history by itself: in order of time, a legal walk, ending in the present state."""
    lifecycle = case.bench.lifecycle
    for reading in readings:
        for problem in _problems(case.bench, lifecycle, reading):
            expected = "a history in order, that ends in the present state"
            case.fails(reading.answer, expected, problem.partition(":")[0], state=reading.state, job=job, found=problem)


def _problems(bench: Bench, lifecycle: Lifecycle, reading: Reading) -> Iterator[str]:
    entries = history_of(lifecycle, reading.representation)
    if not entries:
        return
    times = [moment for entry in entries if (moment := moment_of(entry.at)) is not None]
    if any(later < earlier for earlier, later in pairwise(times)):
        yield f"times go back: {[entry.at for entry in entries]}"
    states = [entry.state for entry in entries]
    if states[0] not in lifecycle.initial:
        yield f"begins elsewhere: {states}"
    if states[-1] != reading.state:
        yield f"ends elsewhere: {states}, read as {reading.state}"
    if any(one == other for one, other in pairwise(states)) or not walkable(bench.spec, lifecycle, states):
        yield f"no legal walk: {states}"


def _begins(case: Case, job: Job, readings: Sequence[Reading]) -> None:
    """No moment lies before a job's beginning, which is the first of its times."""
    lifecycle = case.bench.lifecycle
    for reading in readings:
        named = moments(lifecycle, reading.representation)
        beginning = named.get(lifecycle.times[0]) if lifecycle.times else None
        for path, moment in named.items():
            if beginning is not None and moment < beginning:
                found = f"{moment.isoformat()}, begun {beginning.isoformat()}"
                expected = f"no moment before {lifecycle.times[0]}"
                case.fails(reading.answer, expected, f"{path} before the beginning", job=job, found=found)


def _grows(case: Case, job: Job, readings: Sequence[Reading]) -> None:
    """From one reading to the next: what has happened stays, and no moment moves back or is forgotten.

    A job's beginning, which is the first of its times, does not move at all.
    """
    lifecycle = case.bench.lifecycle
    for earlier, later in pairwise(readings):
        past, now = (history_of(lifecycle, each.representation) for each in (earlier, later))
        if past and now is not None and now[: len(past)] != past:
            case.fails(later.answer, "a past that stays", "the past changed", state=earlier.state, job=job)
        was, is_ = moments(lifecycle, earlier.representation), moments(lifecycle, later.representation)
        for path, moment in was.items():
            found = f"{moment.isoformat()} -> {value_at(later.representation, path)}"
            if path not in is_ or is_[path] < moment:
                kind = f"{path} went back"
                case.fails(later.answer, "moments that stay or move forward", kind, job=job, found=found)
            elif path == lifecycle.times[0] and is_[path] > moment:
                case.fails(later.answer, "a beginning that stays", f"{path} moved", job=job, found=found)


def _is_dated(case: Case, job: Job, readings: Sequence[Reading]) -> None:
    """What says when the state last changed is set anew with every change."""
    for number, later in enumerate(readings) if not case.bench.patience.virtual else ():
        before = _known_before(readings[: number - 1], readings[number - 1]) if number else None
        if before is not None:
            _set_anew(case, job, [before, readings[number - 1]], later)


def _known_before(readings: Sequence[Reading], last: Reading) -> Reading | None:
    """A reading that showed the same state some time before."""
    return next((each for each in readings if each.state == last.state and last.at - each.at >= APART), None)


def _set_anew(case: Case, job: Job, earlier: Sequence[Reading], later: Reading) -> None:
    """Judge the dates after a change of state: `earlier` readings show the state before, some time apart."""
    lifecycle = case.bench.lifecycle
    if later.state is None or later.state == earlier[-1].state:
        return
    was = [moments(lifecycle, each.representation) for each in earlier]
    now = moments(lifecycle, later.representation)
    for path in lifecycle.dated:
        if path in now and all(each.get(path) == now[path] for each in was):
            found = f"{earlier[-1].state} -> {later.state}, still {now[path].isoformat()}"
            case.fails(later.answer, f"{path} set anew", f"{path} does not move", job=job, found=found)


def _of_the_end(bench: Bench) -> frozenset[str]:
    """The times that no job has been seen with before its end: they say when it ended, and lie in no future."""
    lifecycle = bench.lifecycle
    running = (each for seen in bench.reader.readings.values() for each in seen if each.state not in lifecycle.terminal)
    before = {path for each in running for path in moments(lifecycle, each.representation)}
    return frozenset(lifecycle.times) - before


def _happens(case: Case, job: Job, readings: Sequence[Reading], ends: frozenset[str]) -> None:
    """What is new in a reading happened since the one before, by the server's own clock (a mock's may be moved)."""
    lifecycle = case.bench.lifecycle
    for earlier, later in pairwise(readings) if case.bench.control is None else ():
        since, until = date_of(earlier.answer.reply), date_of(later.answer.reply)
        if since is None or until is None:
            continue
        news = [*_news(lifecycle, earlier.representation, later.representation)]
        if earlier.state != later.state:
            news += _new_times(ends.union(lifecycle.dated), earlier.representation, later.representation)
        for what, moment in news:
            if not since - SLACK <= moment <= until + SLACK:
                found = f"{what} at {moment.isoformat()}, seen between {since.isoformat()} and {until.isoformat()}"
                case.fails(later.answer, "what happened since the last reading", "another time", job=job, found=found)


def _news(lifecycle: Lifecycle, earlier: Any, later: Any) -> Iterator[tuple[str, datetime]]:
    """States that are new in a history, with their moments (those that say their offset from UTC)."""
    was, now = history_of(lifecycle, earlier), history_of(lifecycle, later)
    for entry in now[len(was) :] if was and now else ():
        moment = moment_of(entry.at)
        if moment is not None and OFFSET.search(entry.at):
            yield entry.state, moment


def _new_times(paths: frozenset[str], earlier: Any, later: Any) -> Iterator[tuple[str, datetime]]:
    """Moments that another state brought with it (those that say their offset from UTC)."""
    for path in sorted(paths):
        value = value_at(later, path)
        if value != value_at(earlier, path) and (moment := moment_of(value)) and OFFSET.search(value):
            yield path, moment


CLAIM = Claim(
    id="history_is_monotonic",
    meaning="times and transitions only move forward, in each representation and from one to the next",
    source="the spec's lifecycle: history and times",
    check=check,
    stage=Stage.REVIEW,
)
