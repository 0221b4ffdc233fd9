"""Cancels that meet each other, or the job's own end, and are not told apart: no lock, no compare-and-set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Lock
from typing import Any

from mockserver.defects.answers import crash, success, too_late, unknown
from mockserver.defects.calls import job_of, surround
from mockserver.defects.fitting import accepts_repeat, ends_otherwise, has_history, refuses_repeat
from mockserver.defects.lives import is_running, life, relive
from mockserver.system import Call, Defect, Model, Parts, Reply, Request, Resource, VendorError
from mockserver.timeline import Moment, Timeline

KIND = "races"
WINDOW = 0.03  # seconds between looking at a job and acting on what was seen
AGREE = ("concurrent_cancels_agree",)


class _Meetings:
    """Which jobs have several requests under way at the same time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way: Counter[str] = Counter()
        self._met: set[str] = set()

    @contextmanager
    def attending(self, id: str) -> Iterator[None]:
        """For as long as a request about this job is under way."""
        with self._lock:
            self._under_way[id] += 1
            if self._under_way[id] > 1:
                self._met.add(id)
        try:
            yield
        finally:
            with self._lock:
                self._under_way[id] -= 1
                if not self._under_way[id]:
                    self._met.discard(id)

    def several(self, id: str) -> bool:
        """Whether this request has met another."""
        with self._lock:
            return id in self._met


Loses = Callable[[Parts, Call, Request, Resource], Reply]


def _losers(lose: Loses) -> Callable[[Parts], None]:
    """A bug in what becomes of a cancel that found a running job, and another cancel was quicker."""

    def plant(parts: Parts) -> None:
        parts.concurrent = True
        turn, meetings = Lock(), _Meetings()

        def around(call: Call, request: Request) -> Reply:
            seen = job_of(parts, request)
            if seen is None or not is_running(parts.spec, seen.state):
                return call(request)
            with meetings.attending(seen.id):
                Event().wait(WINDOW)
                with turn:
                    now = job_of(parts, request)
                    beaten = meetings.several(seen.id) and now and not is_running(parts.spec, now.state)
                    return lose(parts, call, request, seen) if beaten else call(request)

        surround(parts, "cancel", around)

    return plant


def _wins_too(parts: Parts, call: Call, request: Request, job: Resource) -> Reply:
    reply = success(parts, call, request, job)
    return call(request) if reply is None else reply


def _is_noted_twice(parts: Parts, call: Call, request: Request, job: Resource) -> Reply:
    reply = _wins_too(parts, call, request, job)
    now, lived = parts.world.clock.now(), life(parts, job.id)
    past, state = lived.past(now), lived.state(now)
    future = lived.moments[len(past) :]
    relive(parts, job.id, Timeline((*past, Moment(now, state), *future)))
    return reply


def _crashes(parts: Parts, call: Call, request: Request, job: Resource) -> Reply:
    raise crash()


def _finds_nothing(parts: Parts, call: Call, request: Request, job: Resource) -> Reply:
    return unknown(parts, call, request)


def _is_refused(parts: Parts, call: Call, request: Request, job: Resource) -> Reply:
    return too_late(parts, call, request, job)


def _nobody_wins(parts: Parts) -> None:
    """Each finds the job taken by another, and it is cancelled all the same."""
    parts.concurrent = True
    turn, meetings = Lock(), _Meetings()

    def around(call: Call, request: Request) -> Reply:
        seen = job_of(parts, request)
        if seen is None or not is_running(parts.spec, seen.state):
            return call(request)
        with meetings.attending(seen.id):
            Event().wait(WINDOW)
            with turn:
                return _beaten_anyway(parts, call, request, seen) if meetings.several(seen.id) else call(request)

    surround(parts, "cancel", around)


def _beaten_anyway(parts: Parts, call: Call, request: Request, job: Resource) -> Reply:
    with suppress(VendorError):
        call(request)
    return too_late(parts, call, request, job)


class _Overwriting:
    """A model whose jobs end by themselves without looking again: what came in between is lost."""

    def __init__(self, model: Model, parts: Parts) -> None:
        self._model = model
        self._parts = parts
        self.kind = model.kind

    def place(self, state: str, fields: Mapping[str, Any], tenant: str) -> str:
        """As it was."""
        return self._model.place(state, fields, tenant)

    def move(self, id: str, trigger: str) -> None:
        """Read, think, write."""
        before = life(self._parts, id)
        self._model.move(id, trigger)
        if trigger == "cancel":
            return
        after = life(self._parts, id)
        relive(self._parts, id, before)
        Event().wait(WINDOW)
        relive(self._parts, id, after)

    def resource(self, id: str) -> Resource:
        """As it was."""
        return self._model.resource(id)

    def resources(self, offset: int = 0, limit: int | None = None) -> list[Resource]:
        """As it was."""
        return self._model.resources(offset, limit)


def _end_overwrites_cancel(parts: Parts) -> None:
    parts.concurrent = True
    parts.model = _Overwriting(parts.model, parts)


DEFECTS = (
    Defect(
        "both_cancels_win",
        KIND,
        "of several cancels at the same moment each is told that it was the one",
        _losers(_wins_too),
        AGREE,
        refuses_repeat,
    ),
    Defect(
        "both_cancels_are_noted",
        KIND,
        "several cancels at the same moment are several transitions in the history",
        _losers(_is_noted_twice),
        AGREE,
        has_history,
    ),
    Defect(
        "beaten_cancel_crashes",
        KIND,
        "a cancel that another one beats to it is answered 500",
        _losers(_crashes),
        (*AGREE, "no_server_errors"),
    ),
    Defect(
        "beaten_cancel_finds_nothing",
        KIND,
        "a cancel that another one beats to it does not find the job",
        _losers(_finds_nothing),
        AGREE,
    ),
    Defect(
        "beaten_cancel_is_refused",
        KIND,
        "a cancel that another one beats to it is refused, where repeats are accepted",
        _losers(_is_refused),
        AGREE,
        accepts_repeat,
    ),
    Defect(
        "no_cancel_wins",
        KIND,
        "of several cancels at the same moment each is refused, and the job is cancelled",
        _nobody_wins,
        AGREE,
    ),
    Defect(
        "end_overwrites_cancel",
        KIND,
        "a job that ends by itself at the moment of its cancel forgets the cancel that was accepted",
        _end_overwrites_cancel,
        ("cancel_racing_completion_agrees",),
        ends_otherwise,
    ),
)
