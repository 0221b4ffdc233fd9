"""Restore jobs and their rules. No HTTP here: import it in a plain unit test.

A job's whole life is planned when it is created and stored as a timeline; what it shows is read off the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mockserver.clock import Clock
from mockserver.ids import Ids
from mockserver.project_api.placing import check_fields, check_state, chosen_id
from mockserver.state import Change, Insert, Record, Replace, Store, transact
from mockserver.system import Resource
from mockserver.systems.atlas.course import DELIVERY_OF, ENDED, FIRST, POSSIBLE, STEPS, Delivery, Pace, State
from mockserver.systems.atlas.snapshots import GOOD_SNAPSHOTS, OLDEST, Snapshot
from mockserver.timeline import Moment, Timeline

KIND = "restore_job"
DOWNLOADS = "downloads"  # a record for each project: the created downloads that may still be under way
MAX_DOWNLOADS = 20  # of a project at a time (E7)
CANCELLABLE = frozenset({State.IN_PROGRESS, State.READY})  # A6, E33
PLACEABLE = ("id", "clusterName", "deliveryType", "snapshotId", "shard")  # what the control API may say of a job

Steps = Iterable[tuple[float, str]]
"""(seconds after the previous step, state entered)."""


class JobNotFound(Exception):
    """The cluster has no such job (E12)."""


class SnapshotNotFound(Exception):
    """The cluster has no such snapshot (E28)."""


class NotRestorable(Exception):
    """A moment that lies in the future or before the oldest snapshot (E28, A18)."""


class AlreadyDownloading(Exception):
    """The snapshot is being downloaded (E7)."""


class TooManyDownloads(Exception):
    """The project has as many downloads as it may (E7)."""


class AutomatedRestore(Exception):
    """No download, so it cannot be cancelled (E9, E10)."""


class OneShard(Exception):
    """The restore of one shard, which cannot be cancelled alone (E11)."""


class HasEnded(Exception):
    """There is nothing left to cancel (A5)."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster of a project."""

    group: str
    name: str

    @property
    def scope(self) -> str:
        """What its jobs are stored under."""
        return f"{self.group}/{self.name}"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be restored, and to where. `point`, `oplog` and `increment` say which moment."""

    delivery: str
    snapshot: str | None = None
    target_group: str | None = None
    target_cluster: str | None = None
    point: int | None = None
    oplog: int | None = None
    increment: int | None = None
    shard: bool = False

    def check(self, now: float) -> None:
        """Raise SnapshotNotFound or NotRestorable for an order that cannot be met."""
        if self.delivery == Delivery.POINT_IN_TIME:
            if not OLDEST <= self.moment <= now:
                raise NotRestorable(self.moment)
        elif Snapshot.named(self.snapshot or "") is None:
            raise SnapshotNotFound(self.snapshot)

    @property
    def moment(self) -> int:
        """The point in time that is wanted."""
        return next(each for each in (self.point, self.oplog, 0) if each is not None)

    @property
    def fails(self) -> bool:
        """Whether it fails on purpose (A8)."""
        snapshot = Snapshot.named(self.snapshot or "")
        return self.delivery != Delivery.POINT_IN_TIME and snapshot is not None and not snapshot.is_good


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is at one moment. `history` ends with the present state; `lasts` is how long a download is kept."""

    id: str
    cluster: Cluster
    order: Order
    history: tuple[Moment, ...]
    lasts: float

    @property
    def state(self) -> str:
        """The present state."""
        return self.history[-1].state

    @property
    def created_at(self) -> float:
        """When it was asked for."""
        return self.history[0].at

    @property
    def finished_at(self) -> float | None:
        """When the restore was done, if it has been (E8)."""
        return self._entered(State.FINISHED)

    @property
    def expires_at(self) -> float | None:
        """Until when the download could be fetched, once it has been ready (E8, A15)."""
        ready = self._entered(State.READY)
        return None if ready is None else ready + self.lasts

    @property
    def under_way(self) -> bool:
        """Whether it has not ended."""
        return self.state not in ENDED

    def _entered(self, state: str) -> float | None:
        return next((moment.at for moment in self.history if moment.state == state), None)


class RestoreJobs:
    """All restore jobs of all clusters. `cancellable`: the states in which a download can be cancelled (A6)."""

    kind = KIND

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        pace: Pace,
        cancellable: frozenset[str] = CANCELLABLE,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._pace = pace
        self._cancellable = cancellable

    def create(self, cluster: Cluster, order: Order) -> Job:
        """Take a job on (E6). What is wrong with the order is raised: `check`, AlreadyDownloading, TooManyDownloads."""
        order.check(self._clock.now())
        return transact(lambda: self._create(cluster, order))

    def get(self, cluster: Cluster, job_id: str) -> Job:
        """One job of a cluster, or JobNotFound."""
        return self._seen(self._record(cluster, job_id))

    def count(self, cluster: Cluster) -> int:
        """How many jobs a cluster has."""
        return self._store.count(KIND, cluster.scope)

    def newest(self, cluster: Cluster, offset: int = 0, limit: int | None = None) -> list[Job]:
        """Jobs of a cluster, newest first (E14)."""
        records = self._store.find(KIND, cluster.scope, newest_first=True, offset=offset, limit=limit)
        return [self._seen(record) for record in records]

    def cancel(self, cluster: Cluster, job_id: str) -> Job:
        """Cancel a download that has not ended (E2). Raises OneShard, AutomatedRestore, HasEnded."""
        return transact(lambda: self._cancel(self._record(cluster, job_id)))

    def _create(self, cluster: Cluster, order: Order) -> Job:
        steps = self._pace.from_(FIRST[order.delivery], fails=order.fails)
        record = self._new_record(cluster, order, steps)
        changes: list[Change] = [Insert(record)]
        if order.delivery == Delivery.DOWNLOAD:
            changes.append(self._booking(cluster, order, record.id))
        self._store.commit(*changes)
        return self._seen(record)

    def _booking(self, cluster: Cluster, order: Order, job_id: str) -> Change:
        """The project's downloads with one more, unless that is one too many (E7). One commit with the job itself."""
        stored = self._store.get(DOWNLOADS, cluster.group)
        booked = [self._store.get(KIND, each) for each in stored.data["jobs"]] if stored else []
        active = [job for job in (self._seen(record) for record in booked if record) if job.under_way]
        if any(job.cluster == cluster and job.order.snapshot == order.snapshot for job in active):
            raise AlreadyDownloading(order.snapshot)
        if len(active) >= MAX_DOWNLOADS:
            raise TooManyDownloads
        data = {"jobs": [*(job.id for job in active), job_id]}
        if stored is None:
            return Insert(Record(DOWNLOADS, cluster.group, cluster.group, data))
        return Replace(stored.holding(data))

    def _cancel(self, record: Record) -> Job:
        job = self._seen(record)
        if job.order.shard:
            raise OneShard(job.id)
        if job.order.delivery != Delivery.DOWNLOAD:
            raise AutomatedRestore(job.id)
        if job.state not in self._cancellable:
            raise HasEnded(job.id)
        return self._turn(record, [(0.0, State.CANCELLED)])

    # The control API's view: `mockserver.system.Model`.

    def place(self, state: str, fields: Mapping[str, Any], tenant: str) -> str:
        """Put a new job straight into a state, with a past that leads there; it books no download."""
        check_state(state, tuple(State))
        check_fields(fields, PLACEABLE)
        order = self._placed_order(state, fields, tenant)
        past = self._pace.to(state, order.delivery)
        steps = [*past, *self._pace.from_(state, fails=order.fails)[1:]]
        cluster = Cluster(tenant, str(fields.get("clusterName", "MyCluster")))
        age = sum(seconds for seconds, _ in past)
        chosen = chosen_id(self._store, KIND, fields)
        return transact(lambda: self._insert(self._new_record(cluster, order, steps, age, chosen)))

    def move(self, id: str, trigger: str) -> None:
        """Take a step now: one that happens by itself, or `cancel`."""
        transact(lambda: self._move(self._any_record(id), trigger))

    def resource(self, id: str) -> Resource:
        """One job of any cluster."""
        return _resource(self._seen(self._any_record(id)))

    def resources(self, offset: int = 0, limit: int | None = None) -> list[Resource]:
        """All jobs, oldest first."""
        return [_resource(self._seen(record)) for record in self._store.find(KIND, offset=offset, limit=limit)]

    def _move(self, record: Record, trigger: str) -> None:
        state = self._seen(record).state
        if trigger == "cancel" and state in self._cancellable:
            self._turn(record, [(0.0, State.CANCELLED)])
        elif following := STEPS.get((State(state), trigger)):
            self._turn(record, self._pace.from_(following))
        else:
            raise ValueError(f"job {record.id} is {state}: `{trigger}` does not happen there.")

    def _placed_order(self, state: str, fields: Mapping[str, Any], group: str) -> Order:
        delivery = fields.get("deliveryType", DELIVERY_OF.get(state, Delivery.DOWNLOAD))
        if delivery not in tuple(Delivery) or state not in POSSIBLE[delivery]:
            raise ValueError(f"no job with deliveryType `{delivery}` is ever {state}.")
        moment = int(self._clock.now()) - 1 if delivery == Delivery.POINT_IN_TIME else None
        snapshot = None if moment else fields.get("snapshotId", self._any_snapshot())
        target = None if delivery == Delivery.DOWNLOAD else "MyOtherCluster"
        shard = bool(fields.get("shard", False))
        return Order(delivery, snapshot, target and group, target, point=moment, shard=shard)

    def _any_snapshot(self) -> str:
        return Snapshot(int(self._ids.hex(2), 16) % GOOD_SNAPSHOTS).id

    # What is stored: the order and the timeline.

    def _new_record(
        self, cluster: Cluster, order: Order, steps: Steps, age: float = 0.0, id: str | None = None
    ) -> Record:
        """A new job that began `age` seconds ago."""
        timeline = Timeline.starting(self._clock.now() - age, steps)
        data = {"order": asdict(order), "timeline": timeline.to_json()}
        return Record(KIND, id or self._ids.object_id(), cluster.scope, data)

    def _insert(self, record: Record) -> str:
        self._store.commit(Insert(record))
        return record.id

    def _turn(self, record: Record, steps: Steps) -> Job:
        timeline = _timeline(record).turn(self._clock.now(), steps)
        changed = record.holding({**record.data, "timeline": timeline.to_json()})
        self._store.commit(Replace(changed))
        return self._seen(changed)

    def _record(self, cluster: Cluster, job_id: str) -> Record:
        record = self._store.get(KIND, job_id)
        if record is None or record.scope != cluster.scope:
            raise JobNotFound(job_id)
        return record

    def _any_record(self, job_id: str) -> Record:
        if (record := self._store.get(KIND, job_id)) is None:
            raise KeyError(job_id)
        return record

    def _seen(self, record: Record) -> Job:
        group, _, name = record.scope.partition("/")
        history = _timeline(record).past(self._clock.now())
        return Job(record.id, Cluster(group, name), Order(**record.data["order"]), history, self._pace.lasts)


def _timeline(record: Record) -> Timeline:
    return Timeline(record.data["timeline"])


def _resource(job: Job) -> Resource:
    parameters = {"GROUP-ID": job.cluster.group, "CLUSTER-NAME": job.cluster.name, "JOB-ID": job.id}
    return Resource(job.id, job.state, job.cluster.group, parameters)
