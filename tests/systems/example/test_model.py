"""The model against EVIDENCE.md, told without the spec: a template for real vendors' tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from mockserver.clock import VirtualClock
from mockserver.ids import Ids
from mockserver.state import Change, Conflict
from mockserver.state.memory import MemoryStorage
from mockserver.systems.example.model import Job, JobNotFound, Jobs, NotCancellable, Order, Pace

OURS, THEIRS = "morning-post", "evening-star"
PACE = Pace(queue=60, page=10, cancel=5)
STATES = ["QUEUED", "PRINTING", "CANCELLING", "CANCELLED", "PRINTED", "JAMMED"]


@dataclass
class Press:
    """A model with the clock and the store it lives in."""

    repeat_cancel: bool = False

    def __post_init__(self) -> None:
        self.store = MemoryStorage().store("example")
        self.clock = VirtualClock()
        self.jobs = Jobs(self.store, self.clock, Ids(0), PACE, self.repeat_cancel)

    def ordered(self, pages: int = 3) -> str:
        return self.jobs.create(OURS, Order("Leaflet", pages)).id

    def placed(self, state: str) -> str:
        return self.jobs.place(state, {}, OURS)

    def job(self, job_id: str) -> Job:
        return self.jobs.get(OURS, job_id)

    def status(self, job_id: str) -> str:
        return self.job(job_id).status

    def past(self, job_id: str) -> list[tuple[str, float]]:
        """The history, in seconds since the clock's start."""
        start = VirtualClock().now()
        return [(moment.state, moment.at - start) for moment in self.job(job_id).history]


@pytest.fixture
def press() -> Press:
    return Press()


def test_new_job_is_queued_under_an_id_of_the_servers(press: Press) -> None:  # E1, E2
    job = press.jobs.create(OURS, Order("Leaflet", 3, copies=7))

    assert job.status == "QUEUED"
    assert re.fullmatch("pj-[0-9a-f]{12}", job.id)
    assert job.order == Order("Leaflet", 3, 7)


def test_job_left_alone_is_printed(press: Press) -> None:  # E7, A1
    job_id = press.ordered(pages=3)

    press.clock.advance(59.9)
    assert press.status(job_id) == "QUEUED"
    press.clock.advance(0.1)
    assert press.status(job_id) == "PRINTING"
    press.clock.advance(29.9)
    assert press.status(job_id) == "PRINTING"
    press.clock.advance(0.1)
    assert press.status(job_id) == "PRINTED"


def test_cancel_of_a_queued_job_takes_effect_at_once(press: Press) -> None:  # E4
    job_id = press.ordered()

    assert press.jobs.cancel(OURS, job_id).status == "CANCELLED"
    assert press.status(job_id) == "CANCELLED"


def test_cancel_of_a_printing_job_takes_effect_a_little_later(press: Press) -> None:  # E5
    job_id = press.ordered()
    press.clock.advance(65)

    assert press.jobs.cancel(OURS, job_id).status == "CANCELLING"
    press.clock.advance(4.9)
    assert press.status(job_id) == "CANCELLING"
    press.clock.advance(0.1)
    assert press.status(job_id) == "CANCELLED"


def test_cancel_just_before_the_last_page_comes_too_late(press: Press) -> None:  # E5
    job_id = press.ordered(pages=3)
    press.clock.advance(60 + 27)

    press.jobs.cancel(OURS, job_id)

    press.clock.advance(3)
    assert press.status(job_id) == "PRINTED"
    assert press.job(job_id).pages_printed == 3


@pytest.mark.parametrize("state", ["CANCELLING", "CANCELLED", "PRINTED", "JAMMED"])
def test_cancel_is_refused_where_there_is_nothing_to_stop(press: Press, state: str) -> None:  # E6
    job_id = press.placed(state)
    before = press.job(job_id)

    with pytest.raises(NotCancellable) as refusal:
        press.jobs.cancel(OURS, job_id)

    assert refusal.value.job == before
    assert press.job(job_id) == before


@pytest.mark.parametrize("state", ["CANCELLED", "PRINTED", "JAMMED"])
def test_ended_job_never_changes(press: Press, state: str) -> None:  # E7
    job_id = press.placed(state)
    before = press.job(job_id)

    press.clock.advance(1_000_000)

    assert press.job(job_id) == before


def test_history_tells_every_state_with_its_moment(press: Press) -> None:  # E8
    job_id = press.ordered()
    press.clock.advance(70)
    press.jobs.cancel(OURS, job_id)

    assert press.job(job_id).finished_at is None
    press.clock.advance(60)
    assert press.past(job_id) == [("QUEUED", 0), ("PRINTING", 60), ("CANCELLING", 70), ("CANCELLED", 75)]
    assert press.job(job_id).finished_at == press.job(job_id).history[-1].at


def test_pages_are_counted_while_the_press_runs(press: Press) -> None:  # A5
    job_id = press.ordered(pages=3)
    counted = []
    for seconds in (60, 15, 10):
        press.clock.advance(seconds)
        counted.append(press.job(job_id).pages_printed)

    assert counted == [0, 1, 2]


def test_cancelled_job_keeps_the_pages_it_has(press: Press) -> None:  # A5
    job_id = press.ordered(pages=9)
    press.clock.advance(60 + 12)
    press.jobs.cancel(OURS, job_id)

    press.clock.advance(1000)

    assert press.job(job_id).pages_printed == 1


def test_job_nobody_ordered_is_not_found(press: Press) -> None:  # E9
    for refused in (press.jobs.get, press.jobs.cancel):
        with pytest.raises(JobNotFound):
            refused(OURS, "pj-000000000000")


def test_job_of_another_newsroom_does_not_exist(press: Press) -> None:  # E13
    job_id = press.ordered()

    for refused in (press.jobs.get, press.jobs.cancel):
        with pytest.raises(JobNotFound):
            refused(THEIRS, job_id)
    assert press.status(job_id) == "QUEUED"
    assert press.jobs.page(THEIRS).jobs == []


def test_list_is_newest_first_and_twenty_a_page(press: Press) -> None:  # E3, A3
    ids = [press.ordered() for _ in range(21)]

    first, second, third = (press.jobs.page(OURS, number) for number in (1, 2, 3))

    assert [job.id for job in first.jobs] == ids[:0:-1]
    assert [job.id for job in second.jobs] == ids[:1]
    assert third.jobs == []
    assert {first.total, second.total, third.total} == {21}


def test_list_of_one_state_holds_no_other(press: Press) -> None:  # E3
    jammed = [press.placed("JAMMED") for _ in range(2)]
    press.ordered()

    page = press.jobs.page(OURS, status="JAMMED")

    assert [job.id for job in page.jobs] == jammed[::-1]
    assert page.total == 2


def test_repeat_cancel_changes_nothing_where_it_is_accepted() -> None:  # C1
    press = Press(repeat_cancel=True)
    job_id = press.ordered()
    press.clock.advance(70)
    first = press.jobs.cancel(OURS, job_id)
    press.clock.advance(3)

    assert press.jobs.cancel(OURS, job_id) == first
    press.clock.advance(2)
    assert press.past(job_id)[-1] == ("CANCELLED", 75)


@pytest.mark.parametrize("state", STATES)
def test_placed_job_shows_its_state(press: Press, state: str) -> None:
    job_id = press.placed(state)

    assert press.jobs.resource(job_id).state == state
    assert press.job(job_id).history[0].state == "QUEUED"


@pytest.mark.parametrize(
    ("state", "trigger", "following"),
    [
        ("QUEUED", "start", "PRINTING"),
        ("QUEUED", "cancel", "CANCELLED"),
        ("PRINTING", "finish", "PRINTED"),
        ("PRINTING", "jam", "JAMMED"),
        ("PRINTING", "cancel", "CANCELLING"),
        ("CANCELLING", "settle", "CANCELLED"),
        ("CANCELLING", "finish", "PRINTED"),
    ],
)
def test_move_takes_a_step_now(press: Press, state: str, trigger: str, following: str) -> None:  # E4, E5, E7
    job_id = press.placed(state)

    press.jobs.move(job_id, trigger)

    assert press.status(job_id) == following


@pytest.mark.parametrize(
    ("state", "trigger"), [("QUEUED", "settle"), ("PRINTED", "cancel"), ("CANCELLING", "cancel"), ("PRINTING", "fly")]
)
def test_move_that_does_not_happen_there_is_refused(press: Press, state: str, trigger: str) -> None:
    job_id = press.placed(state)

    with pytest.raises(ValueError, match=f"job {job_id} is {state}: `{trigger}` does not happen there."):
        press.jobs.move(job_id, trigger)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": ""}, "field `title` cannot be ''. Expected str, 1 to 80."),
        ({"pages": "many"}, "field `pages` cannot be 'many'. Expected int, 1 to 500."),
        ({"pages": True}, "field `pages` cannot be True. Expected int, 1 to 500."),
        ({"copies": 10_001}, "field `copies` cannot be 10001. Expected int, 1 to 10000."),
    ],
)
def test_place_of_what_nobody_could_order_is_refused(press: Press, fields: dict[str, Any], message: str) -> None:  # E2
    with pytest.raises(ValueError, match=re.escape(message)):
        press.jobs.place("QUEUED", fields, OURS)


def test_place_of_what_is_not_known_says_what_is(press: Press) -> None:
    with pytest.raises(ValueError, match=r"unknown state `LOST`\. Known states: QUEUED, "):
        press.jobs.place("LOST", {}, OURS)
    with pytest.raises(ValueError, match=r"unknown field `colour`\. Known fields: title, pages, copies\."):
        press.jobs.place("QUEUED", {"colour": "red"}, OURS)


def test_cancel_that_loses_a_race_sees_the_winners_state(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:  # E6
    job_id = press.ordered()
    press.clock.advance(65)
    commit = press.store.commit

    def beaten(*changes: Change) -> None:
        monkeypatch.undo()
        press.jobs.cancel(OURS, job_id)
        commit(*changes)

    monkeypatch.setattr(press.store, "commit", beaten)

    with pytest.raises(NotCancellable):
        press.jobs.cancel(OURS, job_id)

    assert [state for state, _ in press.past(job_id)] == ["QUEUED", "PRINTING", "CANCELLING"]


def test_cancel_tries_again_after_a_conflict(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = press.ordered()

    def busy(*changes: Change) -> None:
        monkeypatch.undo()
        raise Conflict("busy")

    monkeypatch.setattr(press.store, "commit", busy)

    assert press.jobs.cancel(OURS, job_id).status == "CANCELLED"
