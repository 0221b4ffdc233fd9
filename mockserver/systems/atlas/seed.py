"""The demo scenario: a job in every state, one of them with the documented id, and two of another project."""

from __future__ import annotations

from mockserver.system import Parts
from mockserver.systems.atlas.course import State
from mockserver.systems.atlas.identities import GROUP, OTHER_GROUP

DOCUMENTED_ID = "5b622f7087d9d6039fafe03f"  # of the documented cancel


def seed(parts: Parts) -> None:
    """Fill a fresh model; the newest is the one that can be cancelled."""
    for state in reversed(State):
        parts.model.place(state, {"id": DOCUMENTED_ID} if state == State.IN_PROGRESS else {}, GROUP)
    parts.model.place(State.IN_PROGRESS, {"clusterName": "MyOtherCluster"}, GROUP)
    for state in (State.READY, State.IN_PROGRESS):
        parts.model.place(state, {}, OTHER_GROUP)
