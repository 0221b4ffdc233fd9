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
from contracts.progress import counting
from contracts.run import Ended, Runner
from contracts.verdict import Verdict
from contracts.wanted import Unusable

SHORTEST_STOCK_RUN = 5  # seconds


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
    seconds: float = 0.0  # that our run took

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

    def of(self, defects: Sequence[Defect]) -> list[Trial]:
        """One trial a defect, in their order."""
        ended = self._run("planted defects", [self._order(defect) for defect in defects])
        trials = [_trial(defect, each) for defect, each in zip(defects, ended, strict=True)]
        return self._compared(trials) if self.baseline else trials

    def _order(self, defect: Defect) -> Order:
        folder = str(Path(self.order.folder) / defect.system / defect.id)
        return replace(self.order, system=defect.system, target=MOCK, folder=folder, defects=(defect.id,))

    def _run(self, what: str, orders: Sequence[Order]) -> list[Ended]:
        with counting(self.errors, what, len(orders), quiet=self.quiet) as watch:
            return Runner(watch).run(orders)

    def _compared(self, trials: Sequence[Trial]) -> list[Trial]:
        """Give stock Schemathesis the time that we took; what it says of a clean mock does not count."""
        alarms = self._alarms(trials)
        orders = [replace(self._order(each.defect), stock_seconds=_stock_seconds(each)) for each in trials]
        ended = self._run("stock Schemathesis", orders)
        return [
            replace(trial, stock=tuple(sorted(_failures(each) - alarms[trial.defect.system])))
            for trial, each in zip(trials, ended, strict=True)
        ]

    def _alarms(self, trials: Sequence[Trial]) -> dict[str, set[str]]:
        """What stock Schemathesis says of each clean mock, given the longest time that any trial has."""
        longest: Counter[str] = Counter()
        for trial in trials:
            longest[trial.defect.system] = max(longest[trial.defect.system], _stock_seconds(trial))
        orders = [
            replace(self.order, system=system, target=MOCK, stock_seconds=seconds)
            for system, seconds in longest.items()
        ]
        return {each.system: _failures(each) for each in self._run("stock Schemathesis, no defect", orders)}


def chosen(systems: Sequence[str], ids: Sequence[str]) -> list[Defect]:
    """The defects of these systems: all, or those with these ids. Unusable if none of them has one."""
    found = known(systems)
    for id in ids:
        if id not in {defect.id for defect in found}:
            raise Unusable(f"{', '.join(systems)}: unknown defect `{id}`. `mockserver defects` lists what there is.")
    return [defect for defect in found if not ids or defect.id in ids]


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
    if ended.result is None:
        return Trial(defect, (), ended.message)
    broken = tuple(each.id for each in ended.result.claims if each.verdict is Verdict.BROKEN)
    return Trial(defect, broken, ended.message, seconds=ended.result.duration_s)


def _stock_seconds(trial: Trial) -> int:
    return max(SHORTEST_STOCK_RUN, round(trial.seconds))


def _failures(ended: Ended) -> set[str]:
    return {finding.cause for finding in ended.result.findings} if ended.result else set()
