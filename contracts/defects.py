"""`contracts defects`: plants every known bug in turn, and says which claim caught it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from contracts.mockprocess import MockFailed
from contracts.order import MOCK, Order
from contracts.run import Ended, Runner, Step
from contracts.verdict import Verdict

SHORTEST_STOCK_RUN = 5  # seconds
EVERY = 10  # defects between two lines of progress


@dataclass(frozen=True, slots=True)
class Defect:
    """A bug that a mock of one system can have. `claims` name its cause; empty: any claim may."""

    system: str
    id: str
    kind: str
    summary: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one defect: the claims that broke, and what stock Schemathesis found besides."""

    defect: Defect
    broken: tuple[str, ...]
    message: str = ""  # why there is no result
    stock: tuple[str, ...] = ()

    @property
    def caught(self) -> bool:
        """Whether some claim broke that names the cause."""
        return bool(self.named)

    @property
    def named(self) -> tuple[str, ...]:
        """The broken claims that name the cause."""
        return tuple(claim for claim in self.broken if not self.defect.claims or claim in self.defect.claims)


@dataclass(slots=True)
class Trials:
    """Runs with a defect each. `baseline` adds a run of stock Schemathesis that takes as long."""

    errors: Console
    order: Order
    baseline: bool
    quiet: bool
    done: int = 0

    def of(self, defects: Sequence[Defect]) -> list[Trial]:
        """One trial a defect, in their order."""
        ended = self._run([self._order(defect) for defect in defects])
        trials = [_trial(defect, each) for defect, each in zip(defects, ended, strict=True)]
        return self._compared(trials, ended) if self.baseline else trials

    def _order(self, defect: Defect) -> Order:
        folder = str(Path(self.order.folder) / defect.system / defect.id)
        return replace(self.order, system=defect.system, target=MOCK, folder=folder, defects=(defect.id,))

    def _run(self, orders: Sequence[Order]) -> list[Ended]:
        self.done = 0
        return Runner(lambda event: self._tell(event, len(orders))).run(orders)

    def _tell(self, event: Step | Ended, total: int) -> None:
        if isinstance(event, Ended):
            self.done += 1
            if not self.quiet and (self.done % EVERY == 0 or self.done == total):
                self.errors.print(f"{self.done} of {total} runs", highlight=False)

    def _compared(self, trials: Sequence[Trial], ended: Sequence[Ended]) -> list[Trial]:
        """Give stock Schemathesis the time that we took; what it says of a clean mock does not count."""
        seconds = [max(SHORTEST_STOCK_RUN, round(each.result.duration_s)) if each.result else 0 for each in ended]
        longest: Counter[str] = Counter()
        for trial, took in zip(trials, seconds, strict=True):
            longest[trial.defect.system] = max(longest[trial.defect.system], took)
        clean = [replace(self.order, system=s, target=MOCK, stock_seconds=t, defects=()) for s, t in longest.items()]
        alarms = {each.system: _failures(each) for each in self._run(clean)}
        orders = [replace(self._order(t.defect), stock_seconds=s) for t, s in zip(trials, seconds, strict=True) if s]
        found = iter(self._run(orders))
        return [
            replace(trial, stock=tuple(sorted(_failures(next(found)) - alarms[trial.defect.system]))) if took else trial
            for trial, took in zip(trials, seconds, strict=True)
        ]


def known(systems: Sequence[str]) -> list[Defect]:
    """Every defect that shows with these systems. MockFailed if the mock does not say."""
    command = [sys.executable, "-m", "mockserver", "defects", "--json"]
    asked = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if asked.returncode:
        words = asked.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise MockFailed(f"`mockserver defects` ended with code {asked.returncode}: {words[0]}")
    listed = json.loads(asked.stdout)
    return [
        Defect(system, each["id"], each["kind"], each["summary"], tuple(each["claims"]))
        for system in systems
        for each in listed[system]
    ]


def _trial(defect: Defect, ended: Ended) -> Trial:
    claims = ended.result.claims if ended.result else []
    return Trial(defect, tuple(each.id for each in claims if each.verdict is Verdict.BROKEN), ended.message)


def _failures(ended: Ended) -> set[str]:
    return {finding.cause for finding in ended.result.findings} if ended.result else set()
