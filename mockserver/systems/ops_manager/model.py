"""Import requests and their rules. No HTTP here: import it in a plain unit test.

A request's whole life is planned when it is created and stored as a timeline; its state is read off the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockserver.clock import Clock
from mockserver.ids import Ids
from mockserver.project_api.placing import check_fields, check_state, chosen_id
from mockserver.state import Delete, Insert, Record, Replace, Store, transact
from mockserver.system import Resource
from mockserver.systems.ops_manager.course import DEFAULT_TIMEOUT, ENDED, STEPS, TAKES, Course, Order, State, after
from mockserver.timeline import Moment, Timeline

KIND = "import"
PLACEABLE = ("id", "userId")  # what the control API may say of a request
UNKNOWN_USER = "000000000000000000000000"  # whose a placed request is unless told otherwise

Steps = Iterable[tuple[float, str]]
"""(seconds after the previous step, state entered)."""


class ImportNotFound(Exception):
    """The project has no such request."""


class NotInProgress(Exception):
    """The request has ended: there is nothing to cancel (E10)."""


class NotFailed(Exception):
    """Only failed requests are cleaned up (E11)."""


@dataclass(frozen=True, slots=True)
class Import:
    """A request as it is at one moment. `history` begins with PENDING and ends with the present state (E8)."""

    id: str
    project: str
    user: str
    history: tuple[Moment, ...]

    @property
    def state(self) -> str:
        """The present state."""
        return self.history[-1].state


class Imports:
    """All import requests of all projects.

    `timings` overrides how long states take (`PENDING_TAKES`, ...) and DEFAULT_TIMEOUT.
    """

    kind = KIND

    def __init__(self, store: Store, clock: Clock, ids: Ids, timings: Mapping[str, float] | None = None) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        timings = timings or {}
        takes = {state: timings.get(f"{state}_TAKES", seconds) for state, seconds in TAKES.items()}
        self._usual = Course(takes, default_timeout=timings.get("DEFAULT_TIMEOUT", DEFAULT_TIMEOUT))

    def create(self, project: str, user: str, order: Order) -> Import:
        """Take a request on (E4). NotAHostPort and MissingCredentials say what is wrong with it."""
        order.check()
        course = replace(self._usual, timeouts=order.timeouts, stall=order.stall)
        return self._insert(project, user, course, course.from_(State.PENDING))

    def get(self, project: str, import_id: str) -> Import:
        """One request of a project, or ImportNotFound."""
        return self._seen(self._record(project, import_id))

    def count(self, project: str) -> int:
        """How many requests a project has."""
        return self._store.count(KIND, project)

    def newest(self, project: str, offset: int = 0, limit: int | None = None) -> list[Import]:
        """Requests of a project, newest first (A15)."""
        records = self._store.find(KIND, project, newest_first=True, offset=offset, limit=limit)
        return [self._seen(record) for record in records]

    def cancel(self, project: str, import_id: str) -> Import:
        """Stop a request that is in progress; it is CANCELLED at once (E9). NotInProgress once it has ended (E10)."""
        return transact(lambda: self._cancel(self._record(project, import_id)))

    def delete(self, project: str, import_id: str) -> None:
        """Clean up a request that FAILED; NotFailed in any other state (E11)."""
        transact(lambda: self._delete(self._record(project, import_id)))

    def _cancel(self, record: Record) -> Import:
        if self._seen(record).state in ENDED:
            raise NotInProgress(record.id)
        return self._turn(record, [(0.0, State.CANCELLED)])

    def _delete(self, record: Record) -> None:
        if self._seen(record).state != State.FAILED:
            raise NotFailed(record.id)
        self._store.commit(Delete(record))

    # The control API's view: `mockserver.system.Model`.

    def place(self, state: str, fields: Mapping[str, Any], tenant: str) -> str:
        """Put a new request straight into a state, with a past that leads there."""
        check_state(state, tuple(State))
        check_fields(fields, PLACEABLE)
        past = self._usual.to(state)
        age = sum(seconds for seconds, _ in past)
        steps = [*past, *self._usual.from_(state)[1:]]
        user = str(fields.get("userId", UNKNOWN_USER))
        return self._insert(tenant, user, self._usual, steps, age, chosen_id(self._store, KIND, fields)).id

    def move(self, id: str, trigger: str) -> None:
        """Take a step now: the next one, `fail`, `cancel` or `delete`."""
        transact(lambda: self._move(self._any_record(id), trigger))

    def resource(self, id: str) -> Resource:
        """One request of any project."""
        return _resource(self._seen(self._any_record(id)))

    def resources(self, offset: int = 0, limit: int | None = None) -> list[Resource]:
        """All requests, oldest first."""
        return [_resource(self._seen(record)) for record in self._store.find(KIND, offset=offset, limit=limit)]

    def _move(self, record: Record, trigger: str) -> None:
        state = self._seen(record).state
        if trigger == "delete" and state == State.FAILED:
            self._delete(record)
        elif trigger in ("cancel", "fail") and state not in ENDED:
            self._turn(record, [(0.0, State.CANCELLED if trigger == "cancel" else State.FAILED)])
        elif trigger == STEPS.get(state):
            self._turn(record, self._course(record).from_(after(state)))
        else:
            raise ValueError(f"request {record.id} is {state}: `{trigger}` does not happen there.")

    # What is stored: who asked, the timeline, and what a change of plan must know.

    def _insert(
        self, project: str, user: str, course: Course, steps: Steps, age: float = 0.0, id: str | None = None
    ) -> Import:
        """A new request that began `age` seconds ago."""

        def insert() -> Import:
            timeline = Timeline.starting(self._clock.now() - age, steps)
            plan = {"timeouts": dict(course.timeouts), "stall": course.stall}
            data = {"user": user, "timeline": timeline.to_json(), **plan}
            record = Record(KIND, id or self._ids.object_id(), project, data)
            self._store.commit(Insert(record))
            return self._seen(record)

        return transact(insert)

    def _turn(self, record: Record, steps: Steps) -> Import:
        timeline = _timeline(record).turn(self._clock.now(), steps)
        changed = record.holding({**record.data, "timeline": timeline.to_json()})
        self._store.commit(Replace(changed))
        return self._seen(changed)

    def _course(self, record: Record) -> Course:
        return replace(self._usual, timeouts=record.data["timeouts"], stall=record.data["stall"])

    def _record(self, project: str, import_id: str) -> Record:
        record = self._store.get(KIND, import_id)
        if record is None or record.scope != project:
            raise ImportNotFound(import_id)
        return record

    def _any_record(self, import_id: str) -> Record:
        if (record := self._store.get(KIND, import_id)) is None:
            raise KeyError(import_id)
        return record

    def _seen(self, record: Record) -> Import:
        history = _timeline(record).past(self._clock.now())
        return Import(record.id, record.scope, record.data["user"], history)


def _timeline(record: Record) -> Timeline:
    return Timeline(record.data["timeline"])


def _resource(request: Import) -> Resource:
    return Resource(
        request.id, request.state, request.project, {"PROJECT-ID": request.project, "REQUEST-ID": request.id}
    )
