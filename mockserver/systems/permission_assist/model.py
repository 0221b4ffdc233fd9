"""Application imports and their rules. No HTTP here: import it in a plain unit test.

An import's whole life is planned when it is staged and stored as a timeline; its status, times and log are read
off the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from mockserver.clock import Clock
from mockserver.ids import Ids
from mockserver.state import Insert, Record, Replace, Store, transact
from mockserver.system import Resource
from mockserver.systems.permission_assist.applications import APPLICATIONS, Application
from mockserver.timeline import Timeline

PICKUP_TAKES = 2.0  # seconds until the service looks for work; ours, not a vendor number (A23)
RUN_TAKES = 20.0  # seconds; ours (A23)
CANCEL_TAKES = 5.0  # seconds from Canceling to Canceled; ours (A18)
PAGE_SIZE = 50  # imports a page of the list (E17)
IMPORT = "import"
SERVICE = "service"  # per customer: the number given last, and the import staged last
FILE_GROUP = ("a1b2c3d4-0000-0000-0000-000000000001", "Employee File")  # as in the vendor's sample (A26)


class Status(StrEnum):
    """Where an import stands (E10)."""

    PENDING = "Pending"
    RUNNING = "Running"
    CANCELING = "Canceling"
    CANCELED = "Canceled"
    FAILED = "Failed"
    FINISHED = "Finished"


class Kind(StrEnum):
    """What started an import; on the wire its `type` (E11)."""

    SCHEDULED = "Scheduled"
    MANUAL = "Manual"
    API = "API"


CANCELABLE = frozenset({Status.PENDING, Status.RUNNING})  # E8, E9
ENDED = frozenset({Status.CANCELED, Status.FAILED, Status.FINISHED})  # E8
BEFORE: Mapping[str, tuple[Status, ...]] = {
    Status.PENDING: (),
    Status.RUNNING: (Status.PENDING,),
    Status.CANCELING: (Status.PENDING, Status.RUNNING),
    Status.CANCELED: (Status.PENDING, Status.RUNNING, Status.CANCELING),
    Status.FAILED: (Status.PENDING, Status.RUNNING),
    Status.FINISHED: (Status.PENDING, Status.RUNNING),
}
"""What an import has been through when it is put straight into a status."""
BY_ITSELF: Mapping[tuple[str, str], Status] = {
    (Status.PENDING, "start"): Status.RUNNING,
    (Status.RUNNING, "finish"): Status.FINISHED,
    (Status.RUNNING, "fail"): Status.FAILED,
    (Status.CANCELING, "settle"): Status.CANCELED,
    (Status.CANCELING, "finish"): Status.FINISHED,
    (Status.CANCELING, "fail"): Status.FAILED,
}
"""The steps the service takes (E13, A7)."""
RUN_LOG = (
    (0.0, "Import started."),
    (0.1, "Reading files..."),
    (0.3, "Processing users..."),
    (0.6, "Processing privileges..."),
)
"""What the log says at which part of a run (E29, A24)."""
TURN_LOG: Mapping[str, str] = {
    Status.CANCELING: "Cancel requested.",
    Status.CANCELED: "Import canceled.",
    Status.FAILED: "Import failed.",
    Status.FINISHED: "Import finished.",
}
"""What the log says when the status turns (A24)."""


class UnknownImport(Exception):
    """This customer has no such import."""


class NotCancelable(Exception):
    """The import is being cancelled already, or has ended (E8)."""

    def __init__(self, refused: Import) -> None:
        super().__init__(refused.id)
        self.refused = refused


class UnknownApplication(Exception):
    """This customer has no such application."""


class ArchivedApplication(Exception):
    """An archived application is imported no more (E25)."""


class UnscheduledApplication(Exception):
    """The application has no import schedule, so there is nothing to stage by (E12)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds."""

    pickup: float = PICKUP_TAKES
    run: float = RUN_TAKES
    cancel: float = CANCEL_TAKES

    @classmethod
    def of(cls, timings: Mapping[str, float]) -> Pace:
        """The pace with some of its constants overridden by name."""
        return cls(
            pickup=timings.get("PICKUP_TAKES", PICKUP_TAKES),
            run=timings.get("RUN_TAKES", RUN_TAKES),
            cancel=timings.get("CANCEL_TAKES", CANCEL_TAKES),
        )


@dataclass(frozen=True, slots=True)
class File:
    """A file that a run has read."""

    id: str
    group_id: str
    group: str
    name: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What was imported, by whom, and how that came about."""

    application: Application
    kind: str
    created_by: str


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it is at one moment. `log` is None before the run."""

    id: str
    customer: str
    number: int
    origin: Origin
    status: str
    started: float | None
    ended: float | None
    log: str | None
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class ImportPage:
    """One page of a list. `total` counts the imports of all pages."""

    imports: list[Import]
    total: int

    @property
    def count(self) -> int:
        """How many pages there are."""
        return -(-self.total // PAGE_SIZE)


class Imports:
    """All imports of all customers."""

    kind = IMPORT

    def __init__(self, store: Store, clock: Clock, ids: Ids, pace: Pace = Pace()) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._pace = pace

    def stage(self, customer: str, application_id: str, created_by: str) -> Import:
        """Stage an import; it runs once those staged before it have ended (E12, E13, A27).

        Refused for an application that is unknown, archived or without schedule.
        """
        origin = Origin(_stageable(customer, application_id), Kind.API, created_by)
        return transact(lambda: self._stage(customer, origin, self._clock.now()))

    def get(self, customer: str, import_id: str) -> Import:
        """One import of a customer's, its id in any case (A5), or UnknownImport."""
        return self._seen(self._record(customer, import_id), self._clock.now())

    def page(self, customer: str, number: int = 1, application_id: str | None = None) -> ImportPage:
        """A customer's imports, the latest start first; pages count from 1, those beyond are empty (E17, A13)."""
        now = self._clock.now()
        records = self._store.find(IMPORT, customer)
        if application_id is not None:
            records = [each for each in records if each.data["application"] == application_id.lower()]
        records.sort(key=lambda each: _place_in_list(each, now))
        start = (number - 1) * PAGE_SIZE
        shown = records[start : start + PAGE_SIZE]
        return ImportPage([self._seen(each, now) for each in shown], len(records))

    def cancel(self, customer: str, import_id: str) -> Import:
        """Ask a pending or running import to stop; it shows as Canceling until the service has obeyed (E7, E9).

        NotCancelable while Canceling and once it has ended (E8, C1).
        """
        return transact(lambda: self._cancel(self._record(customer, import_id), self._clock.now()))

    def _cancel(self, record: Record, now: float) -> Import:
        seen = self._seen(record, now)
        if seen.status not in CANCELABLE:
            raise NotCancelable(seen)
        return self._turn(record, now, Status.CANCELING)

    def _stage(self, customer: str, origin: Origin, now: float) -> Import:
        service = self._service(customer)
        start = max(now + self._pace.pickup, self._free_at(service))
        timeline = Timeline.starting(
            now, [(0.0, Status.PENDING), (start - now, Status.RUNNING), *self._after(Status.RUNNING)]
        )
        record = self._draft(customer, service, origin, timeline, start)
        self._store.commit(Insert(record), _noted(service, number=record.data["number"], last=record.id))
        return self._seen(record, now)

    def _free_at(self, service: Record) -> float:
        """When the service is done with the import staged last; cancelled or not, not before its turn."""
        last = self._store.get(IMPORT, service.data["last"])
        return max(last.data["turn"], _timeline(last).moments[-1].at) if last else 0.0

    # The control API's view: `mockserver.system.Model`.

    def place(self, state: str, fields: Mapping[str, Any], tenant: str) -> str:
        """Put a new import straight into a status. Fields: applicationId, type, createdBy."""
        if state not in BEFORE:
            raise ValueError(f"unknown state `{state}`. Known states: {', '.join(Status)}.")
        origin = _origin(tenant, fields)
        return transact(lambda: self._place(tenant, state, origin, self._clock.now()))

    def _place(self, customer: str, state: str, origin: Origin, now: float) -> str:
        service = self._service(customer)
        record = self._draft(customer, service, origin, self._arriving(state, now), now)
        self._store.commit(Insert(record), _noted(service, number=record.data["number"]))
        return record.id

    def move(self, id: str, trigger: str) -> None:
        """Take a step now: any that the service takes, or a cancel."""
        transact(lambda: self._move(self._any_record(id), trigger, self._clock.now()))

    def _move(self, record: Record, trigger: str, now: float) -> None:
        status = _timeline(record).state(now)
        if trigger == "cancel" and status in CANCELABLE:
            self._turn(record, now, Status.CANCELING)
        elif following := BY_ITSELF.get((status, trigger)):
            self._turn(record, now, following)
        else:
            raise ValueError(f"import {record.id} is {status}: `{trigger}` does not happen there.")

    def resource(self, id: str) -> Resource:
        """One import of any customer."""
        return _resource(self._any_record(id), self._clock.now())

    def resources(self, offset: int = 0, limit: int | None = None) -> list[Resource]:
        """All imports, oldest first."""
        now = self._clock.now()
        return [_resource(record, now) for record in self._store.find(IMPORT, offset=offset, limit=limit)]

    # What is stored.

    def _draft(self, customer: str, service: Record, origin: Origin, timeline: Timeline, turn: float) -> Record:
        """A new import's record. `turn` is when the service gets to it."""
        data = {
            "number": service.data["number"] + 1,
            "application": origin.application.id,
            "kind": origin.kind,
            "created_by": origin.created_by,
            "file": self._ids.guid(),
            "turn": turn,
            "timeline": timeline.to_json(),
        }
        return Record(IMPORT, self._ids.guid(), customer, data)

    def _turn(self, record: Record, now: float, status: Status) -> Import:
        timeline = _timeline(record).turn(now, [(0.0, status), *self._after(status)])
        changed = record.holding({**record.data, "timeline": timeline.to_json()})
        self._store.commit(Replace(changed))
        return self._seen(changed, now)

    def _after(self, status: str) -> list[tuple[float, str]]:
        """What follows a status if nobody interferes, as (seconds later, status)."""
        following: Mapping[str, list[tuple[float, str]]] = {
            Status.PENDING: [(self._pace.pickup, Status.RUNNING), (self._pace.run, Status.FINISHED)],
            Status.RUNNING: [(self._pace.run, Status.FINISHED)],
            Status.CANCELING: [(self._pace.cancel, Status.CANCELED)],
        }
        return following.get(status, [])

    def _arriving(self, state: str, now: float) -> Timeline:
        """A life that reaches `state` now, at the usual pace, and goes on from there."""
        takes = {Status.PENDING: self._pace.pickup, Status.RUNNING: self._pace.run, Status.CANCELING: self._pace.cancel}
        statuses, seconds = [*BEFORE[state], state], [takes[each] for each in BEFORE[state]]
        steps = zip([0.0, *seconds], statuses, strict=True)
        return Timeline.starting(now - sum(seconds), [*steps, *self._after(state)])

    def _record(self, customer: str, import_id: str) -> Record:
        record = self._store.get(IMPORT, import_id.lower())
        if record is None or record.scope != customer:
            raise UnknownImport(import_id)
        return record

    def _any_record(self, import_id: str) -> Record:
        if (record := self._store.get(IMPORT, import_id.lower())) is None:
            raise KeyError(import_id)
        return record

    def _service(self, customer: str) -> Record:
        return self._store.get(SERVICE, customer) or Record(SERVICE, customer, customer, {"number": 0, "last": ""})

    def _seen(self, record: Record, now: float) -> Import:
        data, timeline = record.data, _timeline(record)
        started = _started(timeline, now)
        return Import(
            id=record.id,
            customer=record.scope,
            number=data["number"],
            origin=Origin(APPLICATIONS[record.scope][data["application"]], data["kind"], data["created_by"]),
            status=timeline.state(now),
            started=started,
            ended=timeline.since(now) if timeline.state(now) in ENDED else None,
            log=None if started is None else "\n".join(self._log(timeline, started, now)),
            files=() if started is None else (_file(data["file"], started),),
        )

    def _log(self, timeline: Timeline, started: float, now: float) -> Iterator[str]:
        """The run's own lines up to where it was turned, then a line a turn."""
        turns = [moment for moment in timeline.past(now) if moment.state in TURN_LOG]
        ran = min([now, *(moment.at for moment in turns)]) - started
        yield from (line for part, line in RUN_LOG if part * self._pace.run <= ran)
        yield from (TURN_LOG[moment.state] for moment in turns)


def _stageable(customer: str, application_id: str) -> Application:
    application = APPLICATIONS[customer].get(application_id.lower())
    if application is None:
        raise UnknownApplication(application_id)
    if application.archived:
        raise ArchivedApplication(application_id)
    if not application.scheduled:
        raise UnscheduledApplication(application_id)
    return application


def _origin(customer: str, fields: Mapping[str, Any]) -> Origin:
    """Where a placed import is said to come from; by default the schedule, as in the vendor's sample (E5)."""
    known = {"applicationId", "type", "createdBy"}
    if unknown := set(fields) - known:
        raise ValueError(f"unknown field `{min(unknown)}`. Known fields: {', '.join(sorted(known))}.")
    applications = APPLICATIONS[customer]
    application_id, kind = (
        str(fields.get("applicationId", next(iter(applications)))),
        fields.get("type", Kind.SCHEDULED),
    )
    if application_id not in applications:
        raise ValueError(f"unknown applicationId `{application_id}`. Known ids: {', '.join(applications)}.")
    if kind not in list(Kind):
        raise ValueError(f"unknown type `{kind}`. Known types: {', '.join(Kind)}.")
    return Origin(applications[application_id], kind, str(fields.get("createdBy", "Permission Assist")))


def _noted(service: Record, **facts: Any) -> Insert | Replace:
    """The service's record with new facts; inserted when it is the customer's first."""
    changed = service.holding({**service.data, **facts})
    return Replace(changed) if service.version else Insert(changed)


def _place_in_list(record: Record, now: float) -> tuple[bool, float, int]:
    """Latest start first; those that never started come last, the newest of them first (A22)."""
    started = _started(_timeline(record), now)
    return started is None, -(started or 0.0), -record.data["number"]


def _started(timeline: Timeline, now: float) -> float | None:
    return next((moment.at for moment in timeline.past(now) if moment.state == Status.RUNNING), None)


def _file(file_id: str, started: float) -> File:
    day = datetime.fromtimestamp(started, UTC).strftime("%Y%m%d")
    return File(file_id, *FILE_GROUP, name=f"employees_{day}.csv")


def _timeline(record: Record) -> Timeline:
    return Timeline(record.data["timeline"])


def _resource(record: Record, now: float) -> Resource:
    parameters = {"applicationImportId": record.id, "id": record.id}
    return Resource(record.id, _timeline(record).state(now), record.scope, parameters)
