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


def check(bench: Bench) -> None:
    """One case a job that was read: everything that was ever seen of it."""
    if not bench.reader.readings:
        with bench.case() as case:
            cancelled_once(case, bench.cancellable[0])
    jobs = [job for job in bench.stock.idle if len(bench.reader.readings.get(job.id, ())) > 1]
    for job in jobs:
        with bench.case() as case:
            bench.notebook.page.lease(job)
            readings = [each for each in bench.reader.readings[job.id] if each.state is not None]
            _walks(case, job, readings)
            _tells(case, job, readings)
            _begins(case, job, readings)
            _grows(case, job, readings)
            _happens(case, job, readings)


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
    """From one reading to the next: what has happened stays, and no moment moves back or is forgotten."""
    lifecycle = case.bench.lifecycle
    for earlier, later in pairwise(readings):
        past, now = (history_of(lifecycle, each.representation) for each in (earlier, later))
        if past and now is not None and now[: len(past)] != past:
            case.fails(later.answer, "a past that stays", "the past changed", state=earlier.state, job=job)
        was, is_ = moments(lifecycle, earlier.representation), moments(lifecycle, later.representation)
        for path, moment in was.items():
            if path not in is_ or is_[path] < moment:
                kind = f"{path} went back"
                found = f"{moment.isoformat()} -> {value_at(later.representation, path)}"
                case.fails(later.answer, "moments that stay or move forward", kind, job=job, found=found)


def _happens(case: Case, job: Job, readings: Sequence[Reading]) -> None:
    """What is new in a reading happened since the one before, by the server's own clock (a mock's may be moved)."""
    lifecycle = case.bench.lifecycle
    for earlier, later in pairwise(readings) if case.bench.control is None else ():
        since, until = date_of(earlier.answer.reply), date_of(later.answer.reply)
        if since is None or until is None:
            continue
        for what, moment in _news(lifecycle, earlier.representation, later.representation):
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


CLAIM = Claim(
    id="history_is_monotonic",
    meaning="times and transitions only move forward, in each representation and from one to the next",
    source="the spec's lifecycle: history and times",
    check=check,
    stage=Stage.REVIEW,
)
