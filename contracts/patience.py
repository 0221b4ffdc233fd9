"""Waiting, within bounds: a mock's clock is moved, a real deployment's is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from contracts.control import Control

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.5  # seconds between two looks at a real deployment
STEP = 1.0  # seconds that a mock's clock is moved between two looks


@dataclass(slots=True)
class Patience:
    """How to let time pass. `control` is the control API of a mock that only this run uses."""

    control: Control | None
    limit: float  # seconds, the target's settle_timeout
    virtual: bool = False  # the clock stands still unless moved

    def until(
        self, look: Callable[[], T | None], seconds: float | None = None, *, pause: float = LONGEST_PAUSE
    ) -> T | None:
        """Look until there is something to see, for at most `seconds` (default: the target's limit).

        Real looks come less and less often, `pause` seconds apart in the end.
        """
        bound = self.limit if seconds is None else seconds
        return self._moving(look, bound) if self.control else self._waiting(look, bound, pause)

    def really(self, look: Callable[[], T | None], seconds: float) -> T | None:
        """Look until there is something to see, for real seconds: what a server is busy with takes its own time."""
        return self._waiting(look, seconds, LONGEST_PAUSE)

    def pass_time(self, seconds: float, at_most: float = 0.5) -> None:
        """Let time pass: all of it on a mock, `at_most` really."""
        if self.control:
            self.control.advance(seconds)
        else:
            time.sleep(min(seconds, at_most))

    def _moving(self, look: Callable[[], T | None], bound: float) -> T | None:
        assert self.control is not None
        passed = 0.0
        while (seen := look()) is None and passed < bound:
            self.control.advance(STEP)
            passed += STEP
        return seen

    def _waiting(self, look: Callable[[], T | None], bound: float, longest: float) -> T | None:
        deadline, pause = time.monotonic() + bound, FIRST_PAUSE
        while (seen := look()) is None and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, longest)
        return seen
