"""The model against EVIDENCE.md: what the vendor does, told without the spec."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockserver.clock import VirtualClock
from mockserver.ids import Ids
from mockserver.state import Store
from mockserver.state.memory import MemoryStorage
from mockserver.systems.atlas.course import Pace
from mockserver.systems.atlas.model import (
    AlreadyDownloading,
    AutomatedRestore,
    Cluster,
    HasEnded,
    Job,
    JobNotFound,
    NotRestorable,
    OneShard,
    Order,
    RestoreJobs,
    SnapshotNotFound,
    TooManyDownloads,
)

OURS = Cluster("5b6212af90dc76637950a2c6", "MyCluster")
SIBLING = Cluster("5b6212af90dc76637950a2c6", "MyOtherCluster")
THEIRS = Cluster("5b6212af90dc76637950a2d6", "MyCluster")
NOBODY = "5b622f7087d9d6039fafe099"
DOWNLOADS = ["IN_PROGRESS", "READY"]
ENDS = ["CANCELLED", "FAILED", "EXPIRED", "FINISHED"]
OTHERS = ["RESTORING", "RECOVERING"]
MINUTE, HOUR = 60.0, 3600.0


def snapshot(number: int = 0) -> str:
    return f"5b6211ff87d9d663c59d3d{number:02x}"  # A8


DOWNLOAD = Order("download", snapshot())
AUTOMATED = Order("automated", snapshot(), OURS.group, "MyOtherCluster")
POINT = Order("pointInTime", None, OURS.group, "MyOtherCluster", point=1767222000)


class World:
    """A model with the clock and the store it lives in."""

    def __init__(self, **more: Any) -> None:
        self.clock = VirtualClock()
        self.store: Store = MemoryStorage().store("atlas")
        self.jobs = RestoreJobs(self.store, self.clock, Ids(), Pace(), **more)

    def create(self, order: Order = DOWNLOAD) -> Job:
        return self.jobs.create(OURS, order)

    def placed(self, state: str, **fields: Any) -> str:
        return self.jobs.place(state, fields, OURS.group)

    def state(self, job_id: str) -> str:
        return self.jobs.get(OURS, job_id).state

    def walk(self, job_id: str) -> list[tuple[str, float]]:
        """States, and the minutes from the beginning until each was entered."""
        history = self.jobs.get(OURS, job_id).history
        return [(moment.state, (moment.at - history[0].at) / MINUTE) for moment in history]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("order", "walk"),
    [
        (DOWNLOAD, [("IN_PROGRESS", 0), ("READY", 3), ("EXPIRED", 63)]),
        (AUTOMATED, [("RESTORING", 0), ("FINISHED", 10)]),
        (POINT, [("RECOVERING", 0), ("FINISHED", 10)]),
        (Order("download", snapshot(0xF0)), [("IN_PROGRESS", 0), ("FAILED", 1)]),
        (Order("automated", snapshot(0xFF), OURS.group, "MyOtherCluster"), [("RESTORING", 0), ("FAILED", 1)]),
    ],
    ids=["download", "automated", "point in time", "bad download", "bad restore"],
)
def test_job_walks_to_its_end_by_itself(world: World, order: Order, walk: list[tuple[str, float]]) -> None:
    created = world.create(order)

    world.clock.advance(2 * HOUR)

    assert world.walk(created.id) == walk  # A1, A7, A8, E8


def test_download_expires_an_hour_after_it_was_ready(world: World) -> None:
    job_id = world.create().id
    before = world.jobs.get(OURS, job_id).expires_at

    world.clock.advance(3 * MINUTE)
    ready = world.jobs.get(OURS, job_id)
    world.clock.advance(HOUR - 0.001)
    last = world.jobs.get(OURS, job_id)
    world.clock.advance(0.001)
    over = world.jobs.get(OURS, job_id)

    assert before is None  # E8
    assert (ready.state, ready.expires_at) == ("READY", ready.created_at + 3 * MINUTE + HOUR)
    assert (last.state, over.state) == ("READY", "EXPIRED")
    assert over.expires_at == ready.expires_at  # A15


def test_ready_download_is_not_finished_and_a_restore_is(world: World) -> None:
    download, restore = world.create().id, world.create(AUTOMATED).id

    world.clock.advance(10 * MINUTE)

    assert world.jobs.get(OURS, download).finished_at is None  # E8
    assert world.jobs.get(OURS, restore).finished_at == world.clock.now()


@pytest.mark.parametrize("state", DOWNLOADS)
def test_cancel_of_a_download_shows_at_once_and_for_good(world: World, state: str) -> None:
    job_id = world.placed(state)

    assert world.jobs.cancel(OURS, job_id).state == "CANCELLED"  # E2, A6
    world.clock.advance(2 * HOUR)

    assert world.state(job_id) == "CANCELLED"


def test_expiry_stays_known_after_a_cancel(world: World) -> None:
    job_id = world.placed("READY")
    before = world.jobs.get(OURS, job_id).expires_at

    assert world.jobs.cancel(OURS, job_id).expires_at == before  # A15


@pytest.mark.parametrize(
    ("state", "fields", "refusal"),
    [
        ("RESTORING", {}, AutomatedRestore),  # E10
        ("RECOVERING", {}, AutomatedRestore),  # E9, A4
        ("FINISHED", {}, AutomatedRestore),  # A5
        ("FAILED", {"deliveryType": "automated"}, AutomatedRestore),
        ("FAILED", {}, HasEnded),  # A5
        ("EXPIRED", {}, HasEnded),
        ("CANCELLED", {}, HasEnded),
        ("IN_PROGRESS", {"shard": True}, OneShard),  # E11, A19
    ],
    ids=str,
)
def test_cancel_of_any_other_job_is_refused_and_changes_nothing(
    world: World, state: str, fields: dict[str, Any], refusal: type[Exception]
) -> None:
    job_id = world.placed(state, **fields)
    before = world.jobs.get(OURS, job_id)

    with pytest.raises(refusal):
        world.jobs.cancel(OURS, job_id)

    assert world.jobs.get(OURS, job_id) == before


def test_cancel_of_a_ready_download_is_refused_in_the_other_reading() -> None:
    world = World(cancellable=frozenset({"IN_PROGRESS"}))
    job_id = world.placed("READY")

    with pytest.raises(HasEnded):  # A6
        world.jobs.cancel(OURS, job_id)

    assert world.state(job_id) == "READY"


@pytest.mark.parametrize("act", ["get", "cancel"])
@pytest.mark.parametrize("cluster", [SIBLING, THEIRS], ids=["of a sibling", "of another project"])
def test_job_of_another_cluster_is_not_found_and_stays_as_it_is(world: World, act: str, cluster: Cluster) -> None:
    job_id = world.jobs.place("IN_PROGRESS", {"clusterName": cluster.name}, cluster.group)

    for each in (job_id, NOBODY):
        with pytest.raises(JobNotFound):  # E12
            getattr(world.jobs, act)(OURS, each)

    assert world.jobs.get(cluster, job_id).state == "IN_PROGRESS"


def test_list_is_of_one_cluster_newest_first_in_pages(world: World) -> None:
    ids = [world.create(Order("download", snapshot(number))).id for number in range(5)]
    world.jobs.place("READY", {"clusterName": "MyOtherCluster"}, OURS.group)

    assert [job.id for job in world.jobs.newest(OURS)] == ids[::-1]  # E14
    assert [job.id for job in world.jobs.newest(OURS, offset=2, limit=2)] == [ids[2], ids[1]]
    assert world.jobs.count(OURS) == 5


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        (Order("download", "5b6211ff87d9d663c59d3e00"), SnapshotNotFound),
        (Order("automated", NOBODY, OURS.group, "MyOtherCluster"), SnapshotNotFound),
        (Order("pointInTime", point=0), NotRestorable),
        (Order("pointInTime", point=10**30), NotRestorable),
        (Order("pointInTime", oplog=-1, increment=1), NotRestorable),
    ],
    ids=["unknown snapshot", "unknown snapshot to restore", "before all", "future", "negative oplog"],
)
def test_create_of_what_cannot_be_restored_is_refused_and_leaves_nothing(
    world: World, order: Order, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):  # E28, A18
        world.create(order)

    assert world.jobs.resources() == []


@pytest.mark.parametrize("minutes", [0, 3], ids=["in progress", "ready"])
def test_second_download_of_a_snapshot_is_refused_until_the_first_has_ended(world: World, minutes: float) -> None:
    first = world.create()
    world.clock.advance(minutes * MINUTE)

    with pytest.raises(AlreadyDownloading):  # E7
        world.create()
    world.create(Order("download", snapshot(1)))
    world.jobs.create(SIBLING, DOWNLOAD)
    world.create(AUTOMATED)
    world.jobs.cancel(OURS, first.id)

    assert world.create().state == "IN_PROGRESS"


def test_project_has_at_most_twenty_downloads_at_a_time(world: World) -> None:
    first, *_ = [world.create(Order("download", snapshot(number))) for number in range(20)]

    with pytest.raises(TooManyDownloads):  # E7
        world.jobs.create(SIBLING, Order("download", snapshot(20)))
    world.jobs.create(THEIRS, DOWNLOAD)
    world.jobs.cancel(OURS, first.id)

    assert world.jobs.create(SIBLING, Order("download", snapshot(20))).state == "IN_PROGRESS"


def test_of_many_creates_of_one_download_at_once_one_is_accepted(world: World) -> None:
    def attempt(_: int) -> bool:
        try:
            return world.create().state == "IN_PROGRESS"
        except AlreadyDownloading:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(32))) == 1

    assert world.jobs.count(OURS) == 1


def test_of_many_cancels_at_once_one_is_accepted(world: World) -> None:
    job_id = world.placed("IN_PROGRESS")

    def attempt(_: int) -> bool:
        try:
            return world.jobs.cancel(OURS, job_id).state == "CANCELLED"
        except HasEnded:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(64))) == 1


@pytest.mark.parametrize("state", [*DOWNLOADS, *OTHERS, *ENDS])
def test_placed_job_is_in_its_state_now_and_has_a_past_that_leads_there(world: World, state: str) -> None:
    job = world.jobs.get(OURS, world.placed(state))

    assert (job.state, job.history[-1].at) == (state, world.clock.now())
    assert job.history[0].state in ("IN_PROGRESS", "RESTORING", "RECOVERING")
    assert [moment.at for moment in job.history] == sorted(moment.at for moment in job.history)


@pytest.mark.parametrize(
    ("state", "fields", "complaint"),
    [
        ("RUNNING", {}, "unknown state"),
        ("READY", {"color": 1}, "unknown field"),
        ("READY", {"deliveryType": "automated"}, "is ever READY"),
        ("READY", {"deliveryType": "pigeon"}, "is ever READY"),
        ("READY", {"id": "short"}, "is no id"),
    ],
    ids=["state", "field", "impossible", "unknown type", "id"],
)
def test_place_of_what_cannot_be_is_refused(world: World, state: str, fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        world.placed(state, **fields)


@pytest.mark.parametrize(
    ("state", "trigger", "following"),
    [
        ("IN_PROGRESS", "deliver", "READY"),
        ("IN_PROGRESS", "fail", "FAILED"),
        ("IN_PROGRESS", "cancel", "CANCELLED"),
        ("READY", "expire", "EXPIRED"),
        ("READY", "cancel", "CANCELLED"),
        ("RESTORING", "finish", "FINISHED"),
        ("RESTORING", "fail", "FAILED"),
        ("RECOVERING", "finish", "FINISHED"),
        ("RECOVERING", "fail", "FAILED"),
    ],
)
def test_move_takes_every_legal_step(world: World, state: str, trigger: str, following: str) -> None:
    job_id = world.placed(state)

    world.jobs.move(job_id, trigger)

    assert world.state(job_id) == following  # A7


@pytest.mark.parametrize(
    ("state", "trigger"), [("READY", "deliver"), ("RESTORING", "cancel"), ("EXPIRED", "cancel"), ("FINISHED", "fail")]
)
def test_move_that_is_not_legal_is_refused(world: World, state: str, trigger: str) -> None:
    job_id = world.placed(state)

    with pytest.raises(ValueError, match="does not happen there"):
        world.jobs.move(job_id, trigger)


def test_resources_are_those_of_all_projects_with_what_addresses_them(world: World) -> None:
    ours, theirs = world.placed("READY"), world.jobs.place("IN_PROGRESS", {}, THEIRS.group)

    assert [(each.id, each.state, each.tenant) for each in world.jobs.resources()] == [
        (ours, "READY", OURS.group),
        (theirs, "IN_PROGRESS", THEIRS.group),
    ]
    assert world.jobs.resource(ours).parameters == {
        "GROUP-ID": OURS.group,
        "CLUSTER-NAME": "MyCluster",
        "JOB-ID": ours,
    }
