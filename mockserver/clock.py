"""The only caller of `time`: real time plus an offset, or virtual time that moves when told to."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

stopwatch = time.perf_counter  # for durations; no clock of a vendor

VIRTUAL_START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


class Clock(Protocol):
    """Seconds since the epoch, never going back."""

    kind: str

    def now(self) -> float:
        """The time now."""

    def advance(self, seconds: float) -> float:
        """Move forward by `seconds` >= 0 and return the new time."""


class RealClock:
    """Wall time plus what was advanced."""

    kind = "real"

    def __init__(self) -> None:
        self._offset = 0.0

    def now(self) -> float:
        """The time now."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> float:
        """Move forward."""
        self._offset += seconds
        return self.now()


class VirtualClock:
    """Stands still at `VIRTUAL_START` until it is told to move."""

    kind = "virtual"

    def __init__(self, start: float = VIRTUAL_START) -> None:
        self._now = start

    def now(self) -> float:
        """The time now."""
        return self._now

    def advance(self, seconds: float) -> float:
        """Move forward."""
        self._now += seconds
        return self._now


CLOCKS: dict[str, type[RealClock] | type[VirtualClock]] = {"real": RealClock, "virtual": VirtualClock}
