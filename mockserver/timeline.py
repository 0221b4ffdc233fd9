"""A job's life as planned moments. Its state is computed from them and the clock, never stored.

To cancel is to forget the moments that have not come yet and append others, in one compare-and-set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Moment(NamedTuple):
    """From `at` (seconds since the epoch) on, the job is in `state`."""

    at: float
    state: str


Pair = Sequence[Any]
"""What is stored of a moment: `[at, state]`."""


class Timeline(NamedTuple):
    """Moments in order of time; never empty.

    They are kept as they were read, `pairs` of a record's data that nobody changes: a request reads several lives and
    looks at one or two moments of each.
    """

    pairs: Sequence[Pair]

    @classmethod
    def starting(cls, now: float, steps: Iterable[tuple[float, str]]) -> Timeline:
        """`steps` are (seconds after the previous step, state); the first usually has 0."""
        return cls(_planned(now, steps))

    @property
    def moments(self) -> tuple[Moment, ...]:
        """All of them."""
        return tuple(map(Moment._make, self.pairs))

    def state(self, now: float) -> str:
        """The state at `now`; before the first moment, the first state."""
        return self.latest(now)[1]

    def since(self, now: float) -> float:
        """When the state of `now` began."""
        return self.latest(now)[0]

    def latest(self, now: float) -> tuple[float, str]:
        """The last of the moments that have come, or the first of all: when, and the state."""
        for at, state in reversed(self.pairs):
            if at <= now:
                return at, state
        at, state = self.pairs[0]
        return at, state

    def past(self, now: float) -> tuple[Moment, ...]:
        """The moments that have come by `now`, at least the first."""
        return tuple(map(Moment._make, self._past(now)))

    def turn(self, now: float, steps: Iterable[tuple[float, str]]) -> Timeline:
        """Keep what has come, forget what has not, and go on with `steps` from now."""
        return Timeline([*self._past(now), *_planned(now, steps)])

    def _past(self, now: float) -> Sequence[Pair]:
        return [pair for pair in self.pairs if pair[0] <= now] or self.pairs[:1]

    def to_json(self) -> list[Pair]:
        """For `Record.data`."""
        return [[at, state] for at, state in self.pairs]


def _planned(now: float, steps: Iterable[tuple[float, str]]) -> list[Pair]:
    planned: list[Pair] = []
    for seconds, state in steps:
        now += seconds
        planned.append([now, state])
    return planned
