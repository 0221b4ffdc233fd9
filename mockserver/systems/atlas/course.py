"""How a restore goes: its states, what it was asked to do, and when each step comes if nobody interferes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Delivery(StrEnum):
    """How a snapshot is delivered (E5)."""

    AUTOMATED = "automated"
    DOWNLOAD = "download"
    POINT_IN_TIME = "pointInTime"


class State(StrEnum):
    """The states of a job. The names are ours: the API shows flags and moments instead (A1)."""

    IN_PROGRESS = "IN_PROGRESS"
    READY = "READY"
    RESTORING = "RESTORING"
    RECOVERING = "RECOVERING"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    FINISHED = "FINISHED"


ENDED = frozenset({State.CANCELLED, State.FAILED, State.EXPIRED, State.FINISHED})
FIRST: Mapping[str, State] = {
    Delivery.DOWNLOAD: State.IN_PROGRESS,
    Delivery.AUTOMATED: State.RESTORING,
    Delivery.POINT_IN_TIME: State.RECOVERING,
}
DELIVERY_OF: Mapping[str, Delivery] = {
    State.RESTORING: Delivery.AUTOMATED,
    State.FINISHED: Delivery.AUTOMATED,
    State.RECOVERING: Delivery.POINT_IN_TIME,
}
"""What a job in a state was asked for; in the others a download, which is what this API cancels."""
POSSIBLE: Mapping[str, frozenset[State]] = {
    Delivery.DOWNLOAD: frozenset({State.IN_PROGRESS, State.READY, State.EXPIRED, State.CANCELLED, State.FAILED}),
    Delivery.AUTOMATED: frozenset({State.RESTORING, State.FINISHED, State.FAILED}),
    Delivery.POINT_IN_TIME: frozenset({State.RECOVERING, State.FINISHED, State.FAILED}),
}
"""The states that a job can be in (E2, E8, E9)."""
STEPS: Mapping[tuple[str, str], State] = {
    (State.IN_PROGRESS, "deliver"): State.READY,
    (State.READY, "expire"): State.EXPIRED,
    (State.RESTORING, "finish"): State.FINISHED,
    (State.RECOVERING, "finish"): State.FINISHED,
    (State.IN_PROGRESS, "fail"): State.FAILED,
    (State.RESTORING, "fail"): State.FAILED,
    (State.RECOVERING, "fail"): State.FAILED,
}
"""The steps that happen without a request (A7)."""

DOWNLOAD_TAKES = 180.0  # seconds until a download is ready; ours (A7)
RESTORE_TAKES = 600.0  # seconds; ours (A7)
FAIL_TAKES = 60.0  # seconds until a restore fails on purpose; ours (A8)
DOWNLOAD_LASTS = 3600.0  # seconds; "about an hour" (E8)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds."""

    download: float = DOWNLOAD_TAKES
    restore: float = RESTORE_TAKES
    fail: float = FAIL_TAKES
    lasts: float = DOWNLOAD_LASTS

    @classmethod
    def of(cls, timings: Mapping[str, float]) -> Pace:
        """The pace with some of its constants overridden by name."""
        return cls(
            download=timings.get("DOWNLOAD_TAKES", DOWNLOAD_TAKES),
            restore=timings.get("RESTORE_TAKES", RESTORE_TAKES),
            fail=timings.get("FAIL_TAKES", FAIL_TAKES),
            lasts=timings.get("DOWNLOAD_LASTS", DOWNLOAD_LASTS),
        )

    def from_(self, state: str, *, fails: bool = False) -> list[tuple[float, str]]:
        """The steps from the moment a job enters `state` to its end."""
        return [(0.0, state), *self._rest(state, fails)]

    def _rest(self, state: str, fails: bool) -> list[tuple[float, str]]:
        expiry: list[tuple[float, str]] = [(self.lasts, State.EXPIRED)]
        if state == State.READY:
            return expiry
        if state in ENDED:
            return []
        if fails:
            return [(self.fail, State.FAILED)]
        if state == State.IN_PROGRESS:
            return [(self.download, State.READY), *expiry]
        return [(self.restore, State.FINISHED)]

    def to(self, state: str, delivery: str) -> list[tuple[float, str]]:
        """The steps from the beginning until `state` is entered. FAILED and CANCELLED come early."""
        first = FIRST[delivery]
        usual = self.from_(first)
        reached = [name for _, name in usual]
        if state in reached:
            return usual[: reached.index(state) + 1]
        return [(0.0, first), (self.fail, state)]
