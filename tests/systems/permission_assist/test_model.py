"""The model against EVIDENCE.md: what the vendor does, told without the spec."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise

import pytest

from mockserver.clock import VirtualClock
from mockserver.ids import Ids
from mockserver.state import Change, Store
from mockserver.state.memory import MemoryStorage
from mockserver.systems.permission_assist.model import (
    ArchivedApplication,
    Import,
    Imports,
    NotCancelable,
    Pace,
    UnknownApplication,
    UnknownImport,
    UnscheduledApplication,
)
from tests.systems.permission_assist.door import BADGES, NOBODY, RETIRED, SILVERLAKE, SYMITAR

OURS, THEIRS = "riverside", "lakeside"
STATUSES = ["Pending", "Running", "Canceling", "Canceled", "Failed", "Finished"]
PACE = Pace(pickup=2, run=20, cancel=5)


class World:
    """A model with the clock and the store it lives in."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.store = MemoryStorage().store("permission_assist")
        self.imports = self.model(self.store)

    def model(self, store: Store, seed: int = 0) -> Imports:
        return Imports(store, self.clock, Ids(seed), PACE)

    def stage(self, application: str = SYMITAR) -> Import:
        return self.imports.stage(OURS, application, "HRIS Integration")

    def placed(self, status: str) -> str:
        return self.imports.place(status, {}, OURS)

    def status(self, import_id: str) -> str:
        return self.imports.get(OURS, import_id).status

    def times(self, import_id: str) -> tuple[float | None, float | None]:
        """Start and end in seconds before (-) or after now."""
        seen, now = self.imports.get(OURS, import_id), self.clock.now()
        return tuple(None if at is None else at - now for at in (seen.started, seen.ended))


@pytest.fixture
def world() -> World:
    return World()


def test_stage_with_schedule_gives_a_pending_import(world: World) -> None:
    staged = world.stage()

    assert (staged.status, staged.origin.kind, staged.origin.created_by) == (
        "Pending",
        "API",
        "HRIS Integration",
    )  # E12, E5
    assert (staged.started, staged.ended, staged.log, staged.files) == (None, None, None, ())  # E15


def test_stage_numbers_imports_in_sequence(world: World) -> None:
    assert [world.stage().number for _ in range(3)] == [1, 2, 3]  # E14


@pytest.mark.parametrize(
    ("application", "refusal"),
    [(NOBODY, UnknownApplication), (RETIRED, ArchivedApplication), (BADGES, UnscheduledApplication)],
    ids=["unknown", "archived", "unscheduled"],
)
def test_stage_of_an_unfit_application_is_refused_and_leaves_nothing(
    world: World, application: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):  # E12
        world.stage(application)

    assert world.imports.resources() == []


def test_stage_of_another_customers_application_is_refused(world: World) -> None:
    with pytest.raises(UnknownApplication):  # A19
        world.imports.stage(THEIRS, SYMITAR, "token")


def test_staged_import_runs_and_finishes_by_itself(world: World) -> None:
    staged = world.stage()

    walk = [world.status(staged.id)]
    for seconds in (1.9, 0.1, 19.9, 0.1, 3600):
        world.clock.advance(seconds)
        walk.append(world.status(staged.id))

    assert walk == ["Pending", "Pending", "Running", "Running", "Finished", "Finished"]  # E13


def test_staged_imports_run_one_after_another(world: World) -> None:
    first, second = world.stage(), world.stage()

    world.clock.advance(21.9)
    assert (world.status(first.id), world.status(second.id)) == ("Running", "Pending")  # E13
    world.clock.advance(0.1)
    assert (world.status(first.id), world.status(second.id)) == ("Finished", "Running")


def test_import_staged_after_a_cancel_waits_only_until_it_has_settled(world: World) -> None:
    first = world.stage()
    world.clock.advance(10)
    world.imports.cancel(OURS, first.id)

    second = world.stage()
    world.clock.advance(4.9)
    before = world.status(second.id)
    world.clock.advance(0.1)

    assert (before, world.status(first.id), world.status(second.id)) == ("Pending", "Canceled", "Running")  # A27


def test_import_staged_after_a_cancelled_pending_one_still_waits_for_the_running_one(world: World) -> None:
    running, waiting = world.stage(), world.stage()
    world.imports.cancel(OURS, waiting.id)

    last = world.stage()
    world.clock.advance(21.9)
    before = (world.status(running.id), world.status(last.id))
    world.clock.advance(0.1)

    assert before == ("Running", "Pending")  # A27
    assert world.status(last.id) == "Running"


def test_customers_run_their_imports_apart(world: World) -> None:
    world.stage()
    theirs = world.imports.stage(THEIRS, "77777777-6666-4555-8444-333322221111", "token")

    world.clock.advance(2)

    assert world.imports.get(THEIRS, theirs.id).status == "Running"  # A19: another customer, another server
    assert theirs.number == 1


@pytest.mark.parametrize("status", ["Pending", "Running"])
def test_cancel_of_a_live_import_shows_canceling_and_settles_canceled(world: World, status: str) -> None:
    import_id = world.placed(status)

    answer = world.imports.cancel(OURS, import_id)
    read = world.status(import_id)
    world.clock.advance(4.9)
    still = world.status(import_id)
    world.clock.advance(0.1)

    assert (answer.status, read, still, world.status(import_id)) == (
        "Canceling",
        "Canceling",
        "Canceling",
        "Canceled",
    )  # E7, A7


@pytest.mark.parametrize("status", ["Canceling", "Canceled", "Failed", "Finished"])
def test_cancel_past_cancelling_is_refused_and_changes_nothing(world: World, status: str) -> None:
    import_id = world.placed(status)
    before = asdict(world.imports.get(OURS, import_id))

    with pytest.raises(NotCancelable) as refusal:  # E8
        world.imports.cancel(OURS, import_id)

    assert refusal.value.refused.status == status
    assert asdict(world.imports.get(OURS, import_id)) == before


def test_cancel_again_does_not_put_the_end_off(world: World) -> None:
    import_id = world.placed("Running")
    world.imports.cancel(OURS, import_id)
    world.clock.advance(4)

    with pytest.raises(NotCancelable):
        world.imports.cancel(OURS, import_id)
    world.clock.advance(1)

    assert world.status(import_id) == "Canceled"


@pytest.mark.parametrize("status", ["Canceled", "Failed", "Finished"])
def test_ended_import_stays_as_it_is(world: World, status: str) -> None:
    import_id = world.placed(status)
    before = asdict(world.imports.get(OURS, import_id))

    world.clock.advance(1_000_000)

    assert asdict(world.imports.get(OURS, import_id)) == before


def test_cancelled_pending_import_never_starts(world: World) -> None:
    staged, now = world.stage(), world.clock.now()
    canceling = world.imports.cancel(OURS, staged.id)

    world.clock.advance(100)
    canceled = world.imports.get(OURS, staged.id)

    assert (canceling.started, canceling.ended, canceling.log) == (None, None, None)  # A8
    assert (canceled.status, canceled.started, canceled.log, canceled.files) == ("Canceled", None, None, ())
    assert canceled.ended == now + 5  # A9


@pytest.mark.parametrize(
    ("status", "times"),
    [
        ("Pending", (None, None)),
        ("Running", (0, None)),
        ("Canceling", (-20, None)),
        ("Canceled", (-25, 0)),
        ("Failed", (-20, 0)),
        ("Finished", (-20, 0)),
    ],
    ids=STATUSES,
)
def test_build_times_fit_the_status(world: World, status: str, times: tuple[float | None, float | None]) -> None:
    assert world.times(world.placed(status)) == times  # E15, A9


@pytest.mark.parametrize("status", ["Pending", "Running"])
def test_import_is_cancelled_once_when_two_cancel_together(world: World, status: str) -> None:
    import_id = world.placed(status)
    late = world.model(Overtaken(world.store, lambda: world.imports.cancel(OURS, import_id)))

    with pytest.raises(NotCancelable):  # A10
        late.cancel(OURS, import_id)

    assert world.status(import_id) == "Canceling"


class Overtaken:
    """A store on which somebody else commits just before the first commit."""

    def __init__(self, store: Store, rival: Callable[[], object]) -> None:
        self._store = store
        self._rival: Callable[[], object] | None = rival
        self.get, self.find, self.count = store.get, store.find, store.count

    def commit(self, *changes: Change) -> None:
        if self._rival:
            rival, self._rival = self._rival, None
            rival()
        self._store.commit(*changes)


def test_two_staged_together_get_numbers_and_turns_of_their_own(world: World) -> None:
    rivals: list[Import] = []
    late = world.model(Overtaken(world.store, lambda: rivals.append(world.stage())), seed=1)

    staged = late.stage(OURS, SYMITAR, "token")
    world.clock.advance(2)

    assert (rivals[0].number, staged.number) == (1, 2)
    assert (world.status(rivals[0].id), world.status(staged.id)) == ("Running", "Pending")


def test_log_grows_while_the_import_runs_and_is_kept_when_it_ends(world: World) -> None:
    import_id = world.placed("Running")

    logs = [world.imports.get(OURS, import_id).log]
    for seconds in (2, 4, 6, 8, 100):
        world.clock.advance(seconds)
        logs.append(world.imports.get(OURS, import_id).log)

    assert logs[0] == "Import started."
    assert logs[2] == "Import started.\nReading files...\nProcessing users..."  # E29
    assert all(str(later).startswith(str(earlier)) for earlier, later in pairwise(logs))
    assert logs[4] == logs[5]


def test_log_of_a_cancelled_run_stops_where_it_was_cancelled(world: World) -> None:
    import_id = world.placed("Running")
    world.imports.cancel(OURS, import_id)

    world.clock.advance(3600)

    assert world.imports.get(OURS, import_id).log == "Import started.\nCancel requested.\nImport canceled."  # A24


@pytest.mark.parametrize(
    ("customer", "import_id"), [(OURS, NOBODY), (THEIRS, None), (OURS, "")], ids=["unknown", "other_customer", "empty"]
)
def test_import_out_of_reach_is_unknown(world: World, customer: str, import_id: str | None) -> None:
    placed = world.placed("Running")

    for call in (world.imports.get, world.imports.cancel):
        with pytest.raises(UnknownImport):  # A19
            call(customer, placed if import_id is None else import_id)

    assert world.status(placed) == "Running"


def test_id_is_found_in_any_case(world: World) -> None:
    import_id = world.placed("Running")

    assert world.imports.get(OURS, import_id.upper()).id == import_id  # A5
    assert world.imports.cancel(OURS, import_id.upper()).id == import_id


def test_page_shows_latest_start_first_and_those_not_started_last(world: World) -> None:
    waiting = world.placed("Pending")
    finished = world.placed("Finished")
    running = world.placed("Running")
    waiting_too = world.placed("Pending")

    page = world.imports.page(OURS)

    assert [each.id for each in page.imports] == [running, finished, waiting_too, waiting]  # E17, A22


def test_page_holds_fifty_and_others_the_rest(world: World) -> None:
    for _ in range(51):
        world.placed("Running")

    pages = [world.imports.page(OURS, number) for number in (1, 2, 3)]

    assert [len(page.imports) for page in pages] == [50, 1, 0]  # E17, A13
    assert {(page.total, page.count) for page in pages} == {(51, 2)}
    assert len({each.id for page in pages for each in page.imports}) == 51


@pytest.mark.parametrize("number", [2, 10**30])
def test_page_beyond_the_last_is_empty(world: World, number: int) -> None:
    world.placed("Running")

    page = world.imports.page(OURS, number)

    assert (page.imports, page.total) == ([], 1)  # A13


def test_page_of_one_application_leaves_the_others_out(world: World) -> None:
    world.placed("Running")
    silverlake = world.imports.place("Running", {"applicationId": SILVERLAKE}, OURS)

    page = world.imports.page(OURS, application_id=SILVERLAKE.upper())

    assert ([each.id for each in page.imports], page.total) == ([silverlake], 1)  # E17


def test_page_shows_one_customers_imports_only(world: World) -> None:
    world.placed("Running")

    assert world.imports.page(THEIRS).imports == []


@pytest.mark.parametrize("status", STATUSES)
def test_placed_import_reads_in_its_status(world: World, status: str) -> None:
    import_id = world.placed(status)

    resource = world.imports.resource(import_id)

    assert (resource.state, resource.tenant, resource.parameters["applicationImportId"]) == (status, OURS, import_id)


def test_placed_import_takes_its_fields(world: World) -> None:
    fields = {"applicationId": SILVERLAKE, "type": "Manual", "createdBy": "jsmith"}

    origin = world.imports.get(OURS, world.imports.place("Pending", fields, OURS)).origin

    assert (origin.application.id, origin.kind, origin.created_by) == (SILVERLAKE, "Manual", "jsmith")


@pytest.mark.parametrize(
    ("state", "fields", "says"),
    [
        ("Cancelled", {}, "unknown state `Cancelled`"),
        ("Running", {"number": 3}, "unknown field `number`"),
        ("Running", {"applicationId": NOBODY}, "unknown applicationId"),
        ("Running", {"applicationId": ["x"]}, "unknown applicationId"),
        ("Running", {"type": "Api"}, "unknown type `Api`"),
        ("Running", {"type": {}}, "unknown type"),
    ],
    ids=["state", "field", "application", "application_list", "type", "type_object"],
)
def test_place_of_something_unknown_says_what_is_known(
    world: World, state: str, fields: dict[str, object], says: str
) -> None:
    with pytest.raises(ValueError, match=says) as refusal:
        world.imports.place(state, fields, OURS)

    assert "Known" in str(refusal.value)


@pytest.mark.parametrize(
    ("before", "trigger", "after"),
    [
        ("Pending", "start", "Running"),
        ("Pending", "cancel", "Canceling"),
        ("Running", "finish", "Finished"),
        ("Running", "fail", "Failed"),
        ("Running", "cancel", "Canceling"),
        ("Canceling", "settle", "Canceled"),
        ("Canceling", "finish", "Finished"),
        ("Canceling", "fail", "Failed"),
    ],
)
def test_move_takes_a_legal_step_at_once(world: World, before: str, trigger: str, after: str) -> None:
    import_id = world.placed(before)

    world.imports.move(import_id, trigger)

    assert world.status(import_id) == after  # E13, A7


@pytest.mark.parametrize(
    ("status", "trigger"),
    [
        ("Pending", "finish"),
        ("Canceling", "cancel"),
        ("Canceling", "start"),
        ("Finished", "cancel"),
        ("Running", "explode"),
    ],
)
def test_move_that_is_not_legal_is_refused(world: World, status: str, trigger: str) -> None:
    import_id = world.placed(status)

    with pytest.raises(ValueError, match=f"is {status}: `{trigger}`"):
        world.imports.move(import_id, trigger)

    assert world.status(import_id) == status


def test_move_of_no_import_is_a_key_error(world: World) -> None:
    with pytest.raises(KeyError):
        world.imports.move(NOBODY, "cancel")


def test_reading_never_writes(world: World) -> None:
    staged = world.stage()
    world.imports = world.model(ReadOnly(world.store))

    for seconds in (0, 2, 20, 100):
        world.clock.advance(seconds)
        world.imports.get(OURS, staged.id)
        world.imports.page(OURS)
        world.imports.resources()

    assert world.status(staged.id) == "Finished"


class ReadOnly:
    """A store that must not be written to."""

    def __init__(self, store: Store) -> None:
        self.get, self.find, self.count = store.get, store.find, store.count

    def commit(self, *changes: Change) -> None:
        raise AssertionError(f"a read wrote {changes}")
