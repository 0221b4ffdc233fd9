"""The rules of a lifecycle, on the example's and on hand-made ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

import specs
from specs.lifecycle import (
    MISSING,
    accepts,
    asynchronous_moves,
    next_states,
    open_to_refusal,
    operation_triggers,
    reachable_by_itself,
    rivals_of,
    routes,
    settled_after,
    state_of,
    value_at,
    walkable,
)
from specs.model import Effect, Lifecycle, Refusal, State

SPEC = specs.load("example")
JOB = SPEC.cancellable


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("status", "QUEUED"),
        ("owner.name", "Ada"),
        ("owner.age", MISSING),
        ("status.name", MISSING),
        ("errors.0.code", 7),
        ("errors.1.code", MISSING),
        ("errors.first", MISSING),
        ("nothing", None),
        ("nothing.more", MISSING),
    ],
)
def test_value_is_found_at_its_dotted_path_or_missing(path: str, value: Any) -> None:
    representation = {"status": "QUEUED", "owner": {"name": "Ada"}, "errors": [{"code": 7}], "nothing": None}

    assert value_at(representation, path) == value


@pytest.mark.parametrize(
    ("representation", "rivals"),
    [
        ({"cancelled": True, "failed": True}, ("FAILED",)),
        ({"cancelled": True, "failed": False}, ()),
        ({"cancelled": True, "endedAt": "2026-01-01T00:00:00Z"}, ()),  # that something is there names no state
        ({"cancelled": False, "failed": False}, ()),
    ],
)
def test_rivals_of_a_state_are_other_ends_named_by_plain_values(
    representation: Mapping[str, Any], rivals: tuple[str, ...]
) -> None:
    lifecycle = recognising(
        CANCELLED={"cancelled": True}, FAILED={"failed": True}, ENDED={"endedAt": {"present": True}}, RUNNING={}
    )
    lifecycle = replace(lifecycle, terminal=frozenset({"CANCELLED", "FAILED", "ENDED"}))

    assert rivals_of(lifecycle, representation) == rivals


def recognising(**conditions: Mapping[str, Any]) -> Lifecycle:
    """A lifecycle that only knows how its states look."""
    states = tuple(State(name, when) for name, when in conditions.items())
    return replace(JOB, states=states)


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ("DONE", "DONE", True),
        ("DONE", "done", False),
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        (None, None, True),
        (None, MISSING, False),
        ({"present": True}, "x", True),
        ({"present": True}, False, True),
        ({"present": True}, None, False),
        ({"present": True}, MISSING, False),
        ({"present": False}, None, True),
        ({"present": False}, 0, False),
        ({"empty": True}, [], True),
        ({"empty": True}, "", True),
        ({"empty": True}, {}, True),
        ({"empty": True}, None, True),
        ({"empty": True}, MISSING, True),
        ({"empty": True}, [0], False),
        ({"empty": True}, 0, False),
        ({"empty": True}, False, False),
        ({"empty": False}, ["x"], True),
        ({"empty": False}, [], False),
        ({"any_of": ["A", "B"]}, "B", True),
        ({"any_of": ["A", "B"]}, "C", False),
        ({"any_of": [1]}, True, False),
    ],
)
def test_condition_holds_for_values_it_describes(condition: Any, value: Any, holds: bool) -> None:
    lifecycle = recognising(SEEN={"at": condition})
    representation = {} if value is MISSING else {"at": value}

    assert (state_of(lifecycle, representation) == "SEEN") is holds


def test_state_needs_all_its_conditions() -> None:
    lifecycle = recognising(ENDED={"finished": True, "failed": False})

    assert state_of(lifecycle, {"finished": True, "failed": False}) == "ENDED"
    assert state_of(lifecycle, {"finished": True, "failed": True}) is None


def test_first_matching_state_wins() -> None:
    lifecycle = recognising(CANCELLED={"cancelled": True}, FINISHED={"finished": True})

    assert state_of(lifecycle, {"cancelled": True, "finished": True}) == "CANCELLED"


@pytest.mark.parametrize(
    ("state", "accepted"),
    [
        ("QUEUED", True),
        ("PRINTING", True),
        ("CANCELLING", False),
        ("CANCELLED", False),
        ("PRINTED", False),
        ("JAMMED", False),
        ("UNHEARD_OF", False),
    ],
)
def test_cancel_is_accepted_where_moves_list_it(state: str, accepted: bool) -> None:
    assert accepts(JOB, state, "cancel") is accepted


def test_next_states_are_those_of_the_move() -> None:
    assert next_states(JOB, "PRINTING", "cancel") == ("CANCELLING",)
    assert next_states(JOB, "PRINTED", "cancel") == ()


def test_state_that_accepts_and_is_refused_is_open() -> None:
    effect = Effect("job", "cancel", refused={"wrong_state": (Refusal((409,), states=("QUEUED", "PRINTED")),)})

    open_states = [state.name for state in JOB.states if open_to_refusal(JOB, effect, state.name)]

    assert open_states == ["QUEUED"]


def test_operation_triggers_are_those_that_operations_pull() -> None:
    assert operation_triggers(SPEC, JOB) == {"create", "list", "read", "cancel"}


def test_asynchronous_moves_are_those_that_no_operation_pulls() -> None:
    assert asynchronous_moves(SPEC, JOB, "PRINTING") == {"finish": ("PRINTED",), "jam": ("JAMMED",)}


@pytest.mark.parametrize(
    ("state", "reached"),
    [
        ("QUEUED", {"QUEUED", "PRINTING", "PRINTED", "JAMMED"}),
        ("CANCELLING", {"CANCELLING", "CANCELLED", "PRINTED"}),
        ("PRINTED", {"PRINTED"}),
    ],
)
def test_reachable_by_itself_needs_no_request(state: str, reached: set[str]) -> None:
    assert reachable_by_itself(SPEC, JOB, state) == reached


def test_reachable_by_itself_ends_on_a_cycle() -> None:
    cycle = replace(JOB, moves={"QUEUED": {"start": ("PRINTING",)}, "PRINTING": {"requeue": ("QUEUED",)}})

    assert reachable_by_itself(SPEC, cycle, "QUEUED") == {"QUEUED", "PRINTING"}


@pytest.mark.parametrize(
    ("state", "settled"),
    [
        ("QUEUED", {"CANCELLED"}),
        ("PRINTING", {"CANCELLED", "PRINTED"}),
        ("JAMMED", set()),
    ],
)
def test_settled_after_cancel_are_the_terminal_states_it_leads_to(state: str, settled: set[str]) -> None:
    assert settled_after(SPEC, JOB, state) == settled


@pytest.mark.parametrize(
    ("goal", "route"),
    [
        ("QUEUED", []),
        ("PRINTING", ["start"]),
        ("CANCELLED", ["cancel"]),
        ("CANCELLING", ["start", "cancel"]),
        ("JAMMED", ["start", "jam"]),
        ("UNHEARD_OF", None),
    ],
)
def test_route_is_the_shortest_from_an_initial_state(goal: str, route: list[str] | None) -> None:
    assert routes(SPEC, JOB, goal) == route


def test_route_asks_rather_than_waits_where_both_are_as_short() -> None:
    either = replace(JOB, moves={"QUEUED": {"expire": ("CANCELLED",), "cancel": ("CANCELLED",)}})

    assert routes(SPEC, either, "CANCELLED") == ["cancel"]


def test_route_goes_where_the_least_else_may_happen() -> None:
    moves = {
        "QUEUED": {"cancel": ("CANCELLING",), "start": ("PRINTING",)},
        "PRINTING": {"finish": ("PRINTED",), "jam": ("JAMMED",)},
        "CANCELLING": {"settle": ("CANCELLED",), "finish": ("PRINTED",), "jam": ("JAMMED",)},
    }

    assert routes(SPEC, replace(JOB, moves=moves), "PRINTED") == ["start", "finish"]


@pytest.mark.parametrize(
    ("seen", "possible"),
    [
        ([], True),
        (["PRINTING"], True),
        (["QUEUED", "QUEUED", "PRINTING", "PRINTED"], True),
        (["QUEUED", "PRINTED"], True),
        (["QUEUED", "CANCELLING", "CANCELLED"], True),
        (["PRINTING", "CANCELLED"], True),
        (["PRINTING", "QUEUED"], False),
        (["CANCELLING", "JAMMED"], False),
        (["CANCELLED", "CANCELLED", "PRINTED"], False),
        (["QUEUED", "UNHEARD_OF"], False),
        (["UNHEARD_OF"], False),
    ],
)
def test_walkable_is_what_one_job_can_have_shown(seen: list[str], possible: bool) -> None:
    assert walkable(SPEC, JOB, seen) is possible
