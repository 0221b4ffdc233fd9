"""The snapshots that exist: of each cluster as many, told from one another by the end of their id (A8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

SNAPSHOTS = 256  # of each cluster; ours (A8)
GOOD_SNAPSHOTS = 240  # restores of the others fail on purpose; ours (A8)
NEWEST = datetime(2025, 12, 31, 23, 2, 7, tzinfo=UTC).timestamp()  # ours (A8)
HOUR = 3600.0
PREFIX = "5b6211ff87d9d663c59d3d"

_ID = re.compile(PREFIX + "([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot, counted from the newest."""

    number: int

    @classmethod
    def named(cls, snapshot_id: str) -> Snapshot | None:
        """The snapshot with this id, or None."""
        found = _ID.fullmatch(snapshot_id)
        return cls(int(found[1], 16)) if found else None

    @property
    def id(self) -> str:
        """24 hex digits."""
        return f"{PREFIX}{self.number:02x}"

    @property
    def taken_at(self) -> float:
        """One an hour (A8)."""
        return NEWEST - self.number * HOUR

    @property
    def is_good(self) -> bool:
        """Whether its restores go well (A8)."""
        return self.number < GOOD_SNAPSHOTS


OLDEST = Snapshot(SNAPSHOTS - 1).taken_at
