"""The model against EVIDENCE.md: what the vendor does, told without the spec."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockserver.clock import VirtualClock
from mockserver.ids import Ids
from mockserver.state import Change, Store
from mockserver.state.memory import MemoryStorage
from mockserver.systems.ops_manager.course import MissingCredentials, NotAHostPort, Order
from mockserver.systems.ops_manager.model import Import, ImportNotFound, Imports, NotFailed, NotInProgress

OURS, THEIRS = "507f1f77bcf86cd799439012", "507f1f77bcf86cd799439022"
USER = "507f1f77bcf86cd799439013"
NOBODY = "507f1f77bcf86cd799439099"
RUNNING = [
    "PENDING",
    "AWAIT_SEED_HOST_CONNECTED",
    "AWAIT_HOSTS_DISCOVERED",
    "AWAIT_AUTOMATION_IMPORTED",
    "AWAIT_GOAL_STATE",
]
ENDS = ["SUCCESS", "FAILED", "CANCELLED"]
MINUTE = 60.0


class World:
    """A model with the clock and the store it lives in."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.store: Store = MemoryStorage().store("ops_manager")
        self.imports = Imports(self.store, self.clock, Ids())

    def create(self, seed: str = "mongodb1.example.com:27017", **more: Any) -> Import:
        return self.imports.create(OURS, USER, Order(seed, **{"processes": (seed,), **more}))

    def placed(self, state: str, project: str = OURS) -> str:
        return self.imports.place(state, {}, project)

    def state(self, import_id: str) -> str:
        return self.imports.get(OURS, import_id).state

    def history(self, import_id: str) -> list[tuple[str, float]]:
        """States, and the minutes from the beginning until each was entered."""
        moments = self.imports.get(OURS, import_id).history
        return [(moment.state, (moment.at - moments[0].at) / MINUTE) for moment in moments]


@pytest.fixture
def world() -> World:
    return World()


def test_create_gives_a_pending_request_of_who_asked(world: World) -> None:
    created = world.create()

    assert (created.state, created.project, created.user) == ("PENDING", OURS, USER)  # E4, E6
    assert [moment.state for moment in created.history] == ["PENDING"]  # E8


def test_request_walks_through_all_states_and_keeps_its_history(world: World) -> None:
    created = world.create()

    world.clock.advance(30 * MINUTE)

    assert world.history(created.id) == [  # E7, and the pace of E8
        ("PENDING", 0),
        ("AWAIT_SEED_HOST_CONNECTED", 2),
        ("AWAIT_HOSTS_DISCOVERED", 5),
        ("AWAIT_AUTOMATION_IMPORTED", 8),
        ("AWAIT_GOAL_STATE", 12),
        ("SUCCESS", 20),  # A18
    ]


def test_state_changes_at_its_moment_and_not_before(world: World) -> None:
    created = world.create()

    world.clock.advance(2 * MINUTE - 0.001)
    assert world.state(created.id) == "PENDING"
    world.clock.advance(0.001)
    assert world.state(created.id) == "AWAIT_SEED_HOST_CONNECTED"


@pytest.mark.parametrize("state", RUNNING)
def test_cancel_of_a_request_in_progress_shows_at_once_and_for_good(world: World, state: str) -> None:
    import_id = world.placed(state)
    before = world.history(import_id)

    assert world.imports.cancel(OURS, import_id).state == "CANCELLED"  # E9, A1
    world.clock.advance(3600)

    after = world.history(import_id)
    assert after[:-1] == before
    assert after[-1][0] == "CANCELLED"  # A1


@pytest.mark.parametrize("state", ENDS)
def test_cancel_of_a_request_that_has_ended_is_refused_and_changes_nothing(world: World, state: str) -> None:
    import_id = world.placed(state)
    before = world.imports.get(OURS, import_id)

    with pytest.raises(NotInProgress):  # E10, A8
        world.imports.cancel(OURS, import_id)

    assert world.imports.get(OURS, import_id) == before


def test_cancel_in_the_moment_of_success_is_refused(world: World) -> None:
    created = world.create()
    world.clock.advance(20 * MINUTE)

    with pytest.raises(NotInProgress):
        world.imports.cancel(OURS, created.id)

    assert world.state(created.id) == "SUCCESS"


def test_delete_of_a_failed_request_makes_it_unknown(world: World) -> None:
    import_id = world.placed("FAILED")

    world.imports.delete(OURS, import_id)  # E11

    with pytest.raises(ImportNotFound):
        world.imports.get(OURS, import_id)
    assert world.imports.newest(OURS) == []  # A15


@pytest.mark.parametrize("state", [*RUNNING, "SUCCESS", "CANCELLED"])
def test_delete_in_any_other_state_is_refused_and_changes_nothing(world: World, state: str) -> None:
    import_id = world.placed(state)
    before = world.imports.get(OURS, import_id)

    with pytest.raises(NotFailed):  # E11, A7
        world.imports.delete(OURS, import_id)

    assert world.imports.get(OURS, import_id) == before


@pytest.mark.parametrize("act", ["get", "cancel", "delete"])
@pytest.mark.parametrize("whose", ["nobody's", "another project's"])
def test_request_that_the_project_does_not_have_is_not_found(world: World, act: str, whose: str) -> None:
    theirs = world.placed("FAILED", THEIRS)

    with pytest.raises(ImportNotFound):
        getattr(world.imports, act)(OURS, theirs if whose == "another project's" else NOBODY)

    assert world.imports.get(THEIRS, theirs).state == "FAILED"


def test_list_has_the_newest_first_and_cancelled_ones_too(world: World) -> None:
    first, second, _ = world.create(), world.create(), world.placed("SUCCESS", THEIRS)
    world.imports.cancel(OURS, first.id)

    assert [(each.id, each.state) for each in world.imports.newest(OURS)] == [  # A15
        (second.id, "PENDING"),
        (first.id, "CANCELLED"),
    ]


@pytest.mark.parametrize(
    ("more", "stage", "minutes"),
    [
        ({"seed": "a.unreachable.invalid:1"}, "AWAIT_SEED_HOST_CONNECTED", 2 + 10),
        ({"processes": ("h:1", "b.undiscovered.invalid:1")}, "AWAIT_HOSTS_DISCOVERED", 5 + 10),
        ({"processes": ("c.unimported.invalid:1",)}, "AWAIT_AUTOMATION_IMPORTED", 8 + 10),
        ({"processes": ("unsettled.invalid:1",)}, "AWAIT_GOAL_STATE", 12 + 10),
        ({"processes": ("unsettled.invalid:1", "b.undiscovered.invalid:1")}, "AWAIT_HOSTS_DISCOVERED", 5 + 10),
    ],
    ids=["seed", "discovery", "import", "goal state", "the earlier of two"],
)
def test_bad_host_holds_the_import_until_the_timeout_fails_it(
    world: World, more: dict[str, Any], stage: str, minutes: float
) -> None:
    created = world.create(**more)

    world.clock.advance(minutes * MINUTE - 1)
    assert world.state(created.id) == stage  # A19
    world.clock.advance(1)

    assert world.history(created.id)[-1] == ("FAILED", minutes)  # A18


def test_timeout_shorter_than_its_stage_fails_the_import(world: World) -> None:
    created = world.create(timeouts={"AWAIT_AUTOMATION_IMPORTED": 210.0})

    world.clock.advance(3600)

    assert world.history(created.id)[-2:] == [  # A18
        ("AWAIT_AUTOMATION_IMPORTED", 8),
        ("FAILED", 8 + 3.5),
    ]


def test_timeouts_of_the_documented_example_are_long_enough(world: World) -> None:
    stages = dict(zip(RUNNING[1:], (300.0, 600.0, 600.0, 1200.0), strict=True))
    created = world.create(timeouts=stages)

    world.clock.advance(3600)

    assert world.state(created.id) == "SUCCESS"


@pytest.mark.parametrize("host", ["h", "h:", ":1", "h:0", "h:65536", "h:1:2", "h h:1", "h:1\n", "", "http://h:1"])
@pytest.mark.parametrize("place", ["seed", "process"])
def test_create_with_what_is_no_host_and_port_is_refused_and_leaves_nothing(
    world: World, host: str, place: str
) -> None:
    order = {"seed": host, "processes": ("h:1",)} if place == "seed" else {"processes": ("h:1", host)}

    with pytest.raises(NotAHostPort):  # A9
        world.create(**order)

    assert world.imports.resources() == []


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"mechanism": "MONGODB_CR"}, True),
        ({"mechanism": "MONGODB_CR", "username": "u"}, True),
        ({"mechanism": "MONGODB_CR", "username": "u", "password": "p"}, False),
        ({"mechanism": "PLAIN"}, True),
        ({"mechanism": "GSSAPI", "username": "u"}, False),
        ({"mechanism": "MONGODB_X509", "username": "u"}, False),
        ({"mechanism": "NONE"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_create_needs_the_credentials_of_its_mechanism(world: World, more: dict[str, str], missing: bool) -> None:
    try:
        world.create(**more)
        refused = False
    except MissingCredentials:  # E37, A9
        refused = True

    assert refused is missing


def test_secrets_are_not_even_stored(world: World) -> None:
    created = world.create(mechanism="MONGODB_CR", username="u", password="unguessable")

    assert "unguessable" not in str(world.store.get("import", created.id))  # E6


def test_cancel_of_one_leaves_all_others_alone(world: World) -> None:
    ids = [world.placed(state) for state in RUNNING]
    world.imports.cancel(OURS, ids[2])

    assert [world.state(each) for each in ids] == [*RUNNING[:2], "CANCELLED", *RUNNING[3:]]


def test_cancel_loses_to_a_change_that_comes_between_reading_and_writing() -> None:
    class Rival:
        """A store in which somebody else's cancel wins the race for the first write."""

        def __init__(self, world: World) -> None:
            self.get, self.find, self.count = world.store.get, world.store.find, world.store.count
            self._world, self.beaten = world, False

        def commit(self, *changes: Change) -> None:
            if not self.beaten:
                self.beaten = True
                self._world.imports.cancel(OURS, changes[0].record.id)
            self._world.store.commit(*changes)

    world = World()
    import_id = world.placed("PENDING")

    with pytest.raises(NotInProgress):
        Imports(Rival(world), world.clock, Ids()).cancel(OURS, import_id)

    assert [state for state, _ in world.history(import_id)] == ["PENDING", "CANCELLED"]


def test_of_many_cancels_at_once_one_is_accepted(world: World) -> None:
    import_id = world.placed("AWAIT_GOAL_STATE")

    def attempt(_: int) -> bool:
        try:
            return world.imports.cancel(OURS, import_id).state == "CANCELLED"
        except NotInProgress:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(64))) == 1


@pytest.mark.parametrize("state", [*RUNNING, *ENDS])
def test_placed_request_is_in_its_state_now_and_has_a_past_that_leads_there(world: World, state: str) -> None:
    import_id = world.placed(state)

    request = world.imports.get(OURS, import_id)

    assert (request.state, request.history[-1].at) == (state, world.clock.now())
    assert request.history[0].state == "PENDING"
    assert [moment.at for moment in request.history] == sorted(moment.at for moment in request.history)


def test_placed_request_goes_on_by_itself(world: World) -> None:
    import_id = world.placed("AWAIT_GOAL_STATE")

    world.clock.advance(8 * MINUTE)

    assert world.state(import_id) == "SUCCESS"


@pytest.mark.parametrize(
    ("state", "fields", "complaint"),
    [
        ("RUNNING", {}, "unknown state"),
        ("PENDING", {"color": 1}, "unknown field"),
        ("PENDING", {"id": "short"}, "is no id"),
        ("PENDING", {"id": "507f1f77bcf86cd799439011"}, "is taken"),
    ],
    ids=["state", "field", "id", "taken id"],
)
def test_place_of_what_cannot_be_is_refused(world: World, state: str, fields: dict[str, Any], complaint: str) -> None:
    world.imports.place("PENDING", {"id": "507f1f77bcf86cd799439011"}, OURS)

    with pytest.raises(ValueError, match=complaint):
        world.imports.place(state, fields, OURS)


def test_move_takes_the_whole_walk_step_by_step(world: World) -> None:
    import_id = world.placed("PENDING")

    walk = []
    for trigger in ("start", "connect", "discover", "import", "finish"):  # A13
        world.imports.move(import_id, trigger)
        walk.append(world.state(import_id))

    assert walk == [*RUNNING[1:], "SUCCESS"]


@pytest.mark.parametrize("state", RUNNING)
@pytest.mark.parametrize(("trigger", "end"), [("fail", "FAILED"), ("cancel", "CANCELLED")])
def test_move_ends_a_request_in_progress(world: World, state: str, trigger: str, end: str) -> None:
    import_id = world.placed(state)

    world.imports.move(import_id, trigger)

    assert world.state(import_id) == end


@pytest.mark.parametrize(
    ("state", "trigger"),
    [("PENDING", "finish"), ("SUCCESS", "fail"), ("FAILED", "cancel"), ("CANCELLED", "delete"), ("PENDING", "jump")],
)
def test_move_that_is_not_legal_is_refused(world: World, state: str, trigger: str) -> None:
    import_id = world.placed(state)

    with pytest.raises(ValueError, match="does not happen there"):
        world.imports.move(import_id, trigger)


def test_resources_are_those_of_all_projects_with_what_addresses_them(world: World) -> None:
    ours, theirs = world.placed("PENDING"), world.placed("FAILED", THEIRS)

    assert [(each.id, each.state, each.tenant) for each in world.imports.resources()] == [
        (ours, "PENDING", OURS),
        (theirs, "FAILED", THEIRS),
    ]
    assert world.imports.resource(ours).parameters == {"PROJECT-ID": OURS, "REQUEST-ID": ours}


def test_pace_can_be_changed_by_name() -> None:
    world = World()
    imports = Imports(world.store, world.clock, Ids(), {"PENDING_TAKES": 1, "DEFAULT_TIMEOUT": 5})
    created = imports.create(OURS, USER, Order("x.unreachable.invalid:1", ()))

    world.clock.advance(6)

    assert imports.get(OURS, created.id).state == "FAILED"
