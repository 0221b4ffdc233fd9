"""What the control API may say of a job that is put straight into a state, and what it is told if it may not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mockserver.state import Store

_OBJECT_ID = re.compile(r"[0-9a-f]{24}")


def check_state(state: str, known: Collection[str]) -> None:
    """ValueError unless the state is one of these."""
    if state not in known:
        raise ValueError(f"unknown state `{state}`. Known states: {', '.join(known)}.")


def check_fields(fields: Mapping[str, Any], known: Iterable[str]) -> None:
    """ValueError unless all fields are among these."""
    if unknown := set(fields) - set(known):
        raise ValueError(f"unknown field `{min(unknown)}`. Known fields: {', '.join(known)}.")


def chosen_id(store: Store, kind: str, fields: Mapping[str, Any]) -> str | None:
    """The id that the job shall have, if the fields say. ValueError if it is no id, or taken."""
    if "id" not in fields:
        return None
    wanted = str(fields["id"])
    if not _OBJECT_ID.fullmatch(wanted):
        raise ValueError(f"`{wanted}` is no id. Give 24 lower-case hex digits.")
    if store.get(kind, wanted):
        raise ValueError(f"the id {wanted} is taken. Give another, or none.")
    return wanted
