"""A job's life as planned moments. Its state is computed from them and the clock, never stored.

To cancel is to forget the moments that have not come yet and append others, in one compare-and-set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Moment(NamedTuple):
    """From `at` (seconds since the epoch) on, the job is in `state`."""

    at: float
    state: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Moments in order of time; never empty."""

    moments: tuple[Moment, ...]

    @classmethod
    def starting(cls, now: float, steps: Iterable[tuple[float, str]]) -> Timeline:
        """`steps` are (seconds after the previous step, state); the first usually has 0."""
        moments, at = [], now
        for seconds, state in steps:
            at += seconds
            moments.append(Moment(at, state))
        return cls(tuple(moments))

    def state(self, now: float) -> str:
        """The state at `now`; before the first moment, the first state."""
        return self._latest(now).state

    def past(self, now: float) -> tuple[Moment, ...]:
        """The moments that have come by `now`, at least the first."""
        return tuple([m for m in self.moments if m.at <= now]) or self.moments[:1]

    def since(self, now: float) -> float:
        """When the state of `now` began."""
        return self._latest(now).at

    def turn(self, now: float, steps: Iterable[tuple[float, str]]) -> Timeline:
        """Keep what has come, forget what has not, and go on with `steps` from now."""
        return Timeline(self.past(now) + Timeline.starting(now, steps).moments)

    def _latest(self, now: float) -> Moment:
        """The last of the moments that have come."""
        for moment in reversed(self.moments):
            if moment.at <= now:
                return moment
        return self.moments[0]

    def to_json(self) -> list[list[Any]]:
        """For `Record.data`."""
        return [list(moment) for moment in self.moments]

    @classmethod
    def from_json(cls, value: Sequence[Sequence[Any]]) -> Timeline:
        """From `Record.data`."""
        return cls(tuple(map(Moment._make, value)))
