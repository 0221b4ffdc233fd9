"""`contracts fuzz`: whole runs, each with the next seed, until time is up or something breaks.

Every round is an ordinary run, so `contracts run --seed N` repeats the one that found something.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from rich.console import Console

from contracts import exit as codes
from contracts.order import Order
from contracts.progress import watching
from contracts.run import Ended, Runner
from contracts.verdict import Conclusion


@dataclass(slots=True)
class Fuzz:
    """Rounds for one order. `until` is a moment of `now`'s clock."""

    output: Console
    errors: Console
    quiet: bool
    until: float
    now: Callable[[], float] = time.monotonic
    rounds: int = 0
    requests: int = 0

    def run(self, order: Order) -> int:
        """Go on until there is something to say."""
        order = replace(order, open_ended=True)
        last = self._round(order)
        while self._may_go_on(last):
            following = self._round(replace(order, seed=order.seed + self.rounds))
            last = following if self._is_news(following) else last
        self._tell(last)
        return last.code

    def _round(self, order: Order) -> Ended:
        self._say(f"round {self.rounds + 1}, seed {order.seed}")
        with watching(self.errors, [order.system], quiet=self.quiet) as watch:
            [ended] = Runner(watch, until=self.until).run([order])
        self.rounds += 1
        self.requests += ended.result.requests if ended.result else 0
        return ended

    def _may_go_on(self, last: Ended) -> bool:
        """A failure, a mistake or a person may have ended it."""
        return last.code == codes.CONFORMS and not last.stopped and self.now() < self.until

    def _is_news(self, ended: Ended) -> bool:
        """A round that time cut short says less than the one before, unless it found something."""
        return not ended.stopped or (ended.result is not None and ended.result.conclusion is Conclusion.VIOLATES)

    def _tell(self, last: Ended) -> None:
        from contracts.report.console import show

        if last.result:
            show(self.output, [last.result], last.files, quiet=self.quiet)
        else:
            self.errors.print(f"contracts: {last.message}", markup=False, highlight=False, soft_wrap=True)
        rounds = f"{self.rounds} round{'' if self.rounds == 1 else 's'}"
        self.output.print(f"{rounds}, {self.requests:,} requests", highlight=False)

    def _say(self, text: str) -> None:
        if not self.quiet:
            self.errors.print(text, markup=False, highlight=False)
