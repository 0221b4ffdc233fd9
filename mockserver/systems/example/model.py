"""Print jobs and their rules. No HTTP here: import it in a plain unit test.

A job's whole life is planned when it is created and stored as a timeline; what state it is in is read off the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mockserver.clock import Clock
from mockserver.ids import Ids
from mockserver.state import Insert, Record, Replace, Store, transact
from mockserver.system import Resource
from mockserver.timeline import Moment, Timeline

QUEUE_TAKES = 60.0  # seconds; ours, not a vendor number (A1)
PAGE_TAKES = 25.0  # seconds a page; ours (A1)
CANCEL_TAKES = 5.0  # seconds until the press stops; ours (A1)
PAGE_SIZE = 20  # jobs a page of the list (E3)
KIND = "job"


class Status(StrEnum):
    """The states of a job (E4-E7)."""

    QUEUED = "QUEUED"
    PRINTING = "PRINTING"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    PRINTED = "PRINTED"
    JAMMED = "JAMMED"


LIMITS: Mapping[str, tuple[type, int]] = {"title": (str, 80), "pages": (int, 500), "copies": (int, 10_000)}
"""Type and largest length or number of what an order says (E2)."""
ENDED = frozenset({Status.CANCELLED, Status.PRINTED, Status.JAMMED})
BEFORE: Mapping[str, tuple[Status, ...]] = {
    Status.QUEUED: (),
    Status.PRINTING: (Status.QUEUED,),
    Status.CANCELLING: (Status.QUEUED, Status.PRINTING),
    Status.CANCELLED: (Status.QUEUED,),
    Status.PRINTED: (Status.QUEUED, Status.PRINTING),
    Status.JAMMED: (Status.QUEUED, Status.PRINTING),
}
"""What a job has been through when it is put straight into a state."""
BY_ITSELF: Mapping[tuple[str, str], Status] = {
    (Status.QUEUED, "start"): Status.PRINTING,
    (Status.PRINTING, "finish"): Status.PRINTED,
    (Status.PRINTING, "jam"): Status.JAMMED,
    (Status.CANCELLING, "settle"): Status.CANCELLED,
    (Status.CANCELLING, "finish"): Status.PRINTED,
}
"""The steps that happen without a request (E5, E7)."""


class JobNotFound(Exception):
    """This newsroom has no such job (E9, E13)."""


class NotCancellable(Exception):
    """The job has ended, or is being cancelled already (E6)."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.id)
        self.job = job


@dataclass(frozen=True, slots=True)
class Order:
    """What a newsroom asks for."""

    title: str
    pages: int
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds."""

    queue: float = QUEUE_TAKES
    page: float = PAGE_TAKES
    cancel: float = CANCEL_TAKES

    @classmethod
    def of(cls, timings: Mapping[str, float]) -> Pace:
        """The pace with some of its constants overridden by name."""
        return cls(
            queue=timings.get("QUEUE_TAKES", QUEUE_TAKES),
            page=timings.get("PAGE_TAKES", PAGE_TAKES),
            cancel=timings.get("CANCEL_TAKES", CANCEL_TAKES),
        )


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is at one moment. `history` ends with the present state."""

    id: str
    newsroom: str
    order: Order
    history: tuple[Moment, ...]
    pages_printed: int

    @property
    def status(self) -> str:
        """The present state."""
        return self.history[-1].state

    @property
    def created_at(self) -> float:
        """When it came into the queue."""
        return self.history[0].at

    @property
    def finished_at(self) -> float | None:
        """When it ended, if it has."""
        return self.history[-1].at if self.status in ENDED else None


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of a list. `total` counts all pages' jobs."""

    jobs: list[Job]
    total: int


class Jobs:
    """All jobs of all newsrooms.

    `repeat_cancel` is the other reading of C1: cancelling a job that is being cancelled succeeds and changes nothing.
    """

    kind = KIND

    def __init__(self, store: Store, clock: Clock, ids: Ids, pace: Pace = Pace(), repeat_cancel: bool = False) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self.pace = pace
        self._repeat_cancel = repeat_cancel

    def create(self, newsroom: str, order: Order) -> Job:
        """Put a job into the queue (E2)."""
        return self._insert(newsroom, order, Status.QUEUED)

    def get(self, newsroom: str, job_id: str) -> Job:
        """One job of a newsroom, or JobNotFound."""
        return self._job(self._record(newsroom, job_id), self._clock.now())

    def page(self, newsroom: str, number: int = 1, status: str | None = None) -> JobPage:
        """The newsroom's jobs, newest first; pages count from 1, and those after the last are empty (E3, A3)."""
        start = (number - 1) * PAGE_SIZE
        if status is None:
            records = self._store.find(KIND, newsroom, newest_first=True, offset=start, limit=PAGE_SIZE)
            return JobPage(self._seen(records), self._store.count(KIND, newsroom))
        matching = [
            job for job in self._seen(self._store.find(KIND, newsroom, newest_first=True)) if job.status == status
        ]
        return JobPage(matching[start : start + PAGE_SIZE], len(matching))

    def cancel(self, newsroom: str, job_id: str) -> Job:
        """Stop a job: at once in the queue, a little later on the press (E4, E5).

        NotCancellable while it is being cancelled and once it has ended (E6, C1).
        """
        return transact(lambda: self._cancel(self._record(newsroom, job_id), self._clock.now()))

    def _cancel(self, record: Record, now: float) -> Job:
        job = self._job(record, now)
        if not self._stops(job.status):
            raise NotCancellable(job)
        if job.status == Status.CANCELLING:
            return job
        if job.status == Status.QUEUED:
            return self._turn(record, now, [(0, Status.CANCELLED)])
        return self._turn(record, now, self._stopping(record, now))

    def _stops(self, state: str) -> bool:
        """Whether a cancel succeeds (E6), a repeated one included (C1)."""
        return state in (Status.QUEUED, Status.PRINTING) or (self._repeat_cancel and state == Status.CANCELLING)

    def _stopping(self, record: Record, now: float) -> list[tuple[float, str]]:
        """CANCELLED once the press has stopped, unless the last page is out by then (E5)."""
        left = _timeline(record).moments[-1].at - now
        end = (left, Status.PRINTED) if left <= self.pace.cancel else (self.pace.cancel, Status.CANCELLED)
        return [(0, Status.CANCELLING), end]

    # The control API's view: `mockserver.system.Model`.

    def place(self, state: str, fields: Mapping[str, Any], tenant: str) -> str:
        """Put a new job straight into a state. Fields: title, pages, copies."""
        if state not in BEFORE:
            raise ValueError(f"unknown state `{state}`. Known states: {', '.join(Status)}.")
        return self._insert(tenant, _order_of(fields), state).id

    def move(self, id: str, trigger: str) -> None:
        """Take a step now: any that happens by itself, or a cancel."""
        transact(lambda: self._move(self._any_record(id), trigger, self._clock.now()))

    def _move(self, record: Record, trigger: str, now: float) -> None:
        state = _timeline(record).state(now)
        if trigger == "cancel" and self._stops(state):
            self._cancel(record, now)
        elif following := BY_ITSELF.get((state, trigger)):
            self._turn(record, now, self._rest(following, _order(record)))
        else:
            raise ValueError(f"job {record.id} is {state}: `{trigger}` does not happen there.")

    def resource(self, id: str) -> Resource:
        """One job of any newsroom."""
        return _resource(self._job(self._any_record(id), self._clock.now()))

    def resources(self, offset: int = 0, limit: int | None = None) -> list[Resource]:
        """All jobs, oldest first."""
        return [_resource(job) for job in self._seen(self._store.find(KIND, offset=offset, limit=limit))]

    # What is stored: the order and the timeline.

    def _insert(self, newsroom: str, order: Order, state: str) -> Job:
        return transact(lambda: self._try_insert(newsroom, order, state, self._clock.now()))

    def _try_insert(self, newsroom: str, order: Order, state: str, now: float) -> Job:
        life = [*((0.0, before) for before in BEFORE[state]), *self._rest(state, order)]
        data = {
            "title": order.title,
            "pages": order.pages,
            "copies": order.copies,
            "timeline": Timeline.starting(now, life).to_json(),
        }
        record = Record(KIND, f"pj-{self._ids.hex(12)}", newsroom, data)
        self._store.commit(Insert(record))
        return self._job(record, now)

    def _turn(self, record: Record, now: float, steps: Iterable[tuple[float, str]]) -> Job:
        timeline = _timeline(record).turn(now, steps)
        changed = record.holding({**record.data, "timeline": timeline.to_json()})
        self._store.commit(Replace(changed))
        return self._job(changed, now)

    def _rest(self, state: str, order: Order) -> list[tuple[float, str]]:
        """The life of a job from the moment it enters `state`, if nobody interferes (E5, E7)."""
        printing = [(order.pages * self.pace.page, Status.PRINTED)]
        following: Mapping[str, list[tuple[float, Status]]] = {
            Status.QUEUED: [(self.pace.queue, Status.PRINTING), *printing],
            Status.PRINTING: printing,
            Status.CANCELLING: [(self.pace.cancel, Status.CANCELLED)],
        }
        return [(0.0, state), *following.get(state, [])]

    def _record(self, newsroom: str, job_id: str) -> Record:
        record = self._store.get(KIND, job_id)
        if record is None or record.scope != newsroom:
            raise JobNotFound(job_id)
        return record

    def _any_record(self, job_id: str) -> Record:
        if (record := self._store.get(KIND, job_id)) is None:
            raise KeyError(job_id)
        return record

    def _seen(self, records: Iterable[Record]) -> list[Job]:
        now = self._clock.now()
        return [self._job(record, now) for record in records]

    def _job(self, record: Record, now: float) -> Job:
        order, history = _order(record), _timeline(record).past(now)
        return Job(record.id, record.scope, order, history, self._pages_printed(order, history, now))

    def _pages_printed(self, order: Order, history: tuple[Moment, ...], now: float) -> int:
        """Whole pages while the press runs; it stops when the job ends (A5)."""
        if history[-1].state == Status.PRINTED:
            return order.pages
        started = next((moment.at for moment in history if moment.state == Status.PRINTING), now)
        stopped = history[-1].at if history[-1].state in ENDED else now
        return int(max(0.0, stopped - started) / self.pace.page)


def _order(record: Record) -> Order:
    return Order(record.data["title"], record.data["pages"], record.data["copies"])


def _order_of(fields: Mapping[str, Any]) -> Order:
    """What a test author asks for; the rest is made up."""
    for name, value in fields.items():
        if name not in LIMITS:
            raise ValueError(f"unknown field `{name}`. Known fields: {', '.join(LIMITS)}.")
        kind, most = LIMITS[name]
        size = len(value) if isinstance(value, str) else value
        if type(value) is not kind or not 1 <= size <= most:
            raise ValueError(f"field `{name}` cannot be {value!r}. Expected {kind.__name__}, 1 to {most}.")
    return Order(**{"title": "Morning edition", "pages": 24, **fields})


def _timeline(record: Record) -> Timeline:
    return Timeline(record.data["timeline"])


def _resource(job: Job) -> Resource:
    return Resource(job.id, job.status, job.newsroom, {"jobId": job.id})
