"""The demo scenario: a request in every state, two of them with documented ids, and two of another project."""

from __future__ import annotations

from mockserver.system import Parts
from mockserver.systems.ops_manager.course import State
from mockserver.systems.ops_manager.identities import IDENTITIES, USER_IDS

DOCUMENTED_ID = "507f1f77bcf86cd799439011"  # of the documented example, which is waiting for its goal state


def seed(parts: Parts) -> None:
    """Fill a fresh model."""
    for state in reversed(State):  # the newest is the one that has just begun
        fields = {"id": DOCUMENTED_ID} if state == State.AWAIT_GOAL_STATE else {}
        _place(parts, state, "owner", fields)
    for state in (State.PENDING, State.FAILED):
        _place(parts, state, "stranger", {})


def _place(parts: Parts, state: State, name: str, fields: dict[str, str]) -> None:
    parts.model.place(state, {**fields, "userId": USER_IDS[name]}, IDENTITIES[name].tenant)
