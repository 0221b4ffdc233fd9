"""A job that is ours to cancel, and the one reason why there may be none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class NotAvailable(Exception):
    """Something a claim needs cannot be had here: the claim (or one of its cases) is not tested, for this reason."""


@dataclass(slots=True, eq=False)
class Job:
    """A job that is ours. `parameters` holds the wire names that address it; `source` says where it came from.

    `state` is what it last read as. `spent`: it took a state-changing request, so it is no fresh job any more.
    `path` holds the triggers that led it to its state, as far as known.
    """

    id: str
    parameters: Mapping[str, str]
    source: str
    tenant: str = "owner"
    state: str | None = None
    spent: bool = False
    path: list[str] = field(default_factory=list)
