"""Where jobs to cancel come from: the mock's control API, the vendor's own create, a pool file, a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class NotAvailable(Exception):
    """Something a claim needs cannot be had here: the claim (or one of its cases) is not tested, for this reason."""


@dataclass(slots=True, eq=False)
class Job:
    """A job that is ours. `parameters` holds the wire names that address it; `source` says where it came from.

    `state` is what it last read as. `spent`: it accepted a state-changing request, so it is no fresh job any more.
    """

    id: str
    parameters: Mapping[str, str]
    source: str
    tenant: str = "owner"
    state: str | None = None
    spent: bool = False
    path: list[str] = field(default_factory=list)  # triggers that led it to its state, as far as known
