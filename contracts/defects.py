"""`contracts defects`: plants every known bug in turn, and says which claim caught it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from contracts.mockprocess import MockFailed
from contracts.order import MOCK, Order
from contracts.progress import counting
from contracts.run import Ended, Runner
from contracts.verdict import RunResult, Verdict
from contracts.wanted import Unusable

SHORTEST_STOCK_RUN = 5  # seconds
STOCK_SEEDS = 3  # that it runs with on a mock without a bug


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
    seconds: float = 0.0  # until our run had found it, or was done

    @property
    def caught(self) -> bool:
        """Whether some claim broke that names the cause."""
        return bool(self.named)

    @property
    def named(self) -> tuple[str, ...]:
        """The broken claims that name the cause."""
        return tuple(claim for claim in self.broken if not self.defect.claims or claim in self.defect.claims)


@dataclass(frozen=True, slots=True)
class Clean:
    """What became of a mock without a bug: the claims that broke, and what stock Schemathesis reports of it."""

    system: str
    seconds: float  # that our whole run took
    broken: tuple[str, ...]
    message: str = ""  # why there is no result
    alarms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Measurement:
    """Every trial, and what there is to say of each system without a bug."""

    order: Order
    trials: tuple[Trial, ...]
    clean: tuple[Clean, ...]
    baseline: bool

    @property
    def caught(self) -> int:
        """How many defects were caught."""
        return sum(trial.caught for trial in self.trials)

    @property
    def caught_by_stock(self) -> int:
        """How many defects stock Schemathesis reported anything of."""
        return sum(bool(trial.stock) for trial in self.trials)

    @property
    def false_alarms(self) -> tuple[str, ...]:
        """What is wrong with mocks that have no bug."""
        return tuple(f"{each.system}: {what}" for each in self.clean for what in each.broken or [each.message] if what)


@dataclass(slots=True)
class Trials:
    """Runs with a defect each. `baseline` adds runs of stock Schemathesis, each as long as our run without a defect."""

    errors: Console
    order: Order
    baseline: bool
    quiet: bool

    def of(self, defects: Sequence[Defect]) -> Measurement:
        """One trial a defect, in their order. KeyboardInterrupt if someone stopped them."""
        clean = self._clean(list(dict.fromkeys(defect.system for defect in defects)))
        ended = self._run("planted defects", [self._planted(defect) for defect in defects])
        trials = [_trial(defect, each) for defect, each in zip(defects, ended, strict=True)]
        if self.baseline:
            clean = self._with_alarms(clean)
            trials = self._compared(trials, {each.system: each for each in clean})
        return Measurement(self.order, tuple(trials), tuple(clean), self.baseline)

    def _clean(self, systems: Sequence[str]) -> list[Clean]:
        ended = self._run("mocks without a bug", [self._order(system, "none") for system in systems])
        return [_clean(each) for each in ended]

    def _with_alarms(self, clean: Sequence[Clean]) -> list[Clean]:
        """Stock Schemathesis differs from seed to seed in what it reports of a mock without a bug: several count."""
        seeds = range(self.order.seed, self.order.seed + STOCK_SEEDS)
        orders = [
            replace(self._order(each.system, "none"), seed=seed, stock_seconds=_seconds(each))
            for each in clean
            for seed in seeds
        ]
        ended = self._run("stock Schemathesis without a bug", orders)
        alarms = {each.system: frozenset(_reported(ended, each.system)) for each in clean}
        return [replace(each, alarms=alarms[each.system]) for each in clean]

    def _compared(self, trials: Sequence[Trial], clean: Mapping[str, Clean]) -> list[Trial]:
        orders = [
            replace(
                self._order(defect.system, defect.id),
                defects=(defect.id,),
                stock_seconds=_seconds(clean[defect.system]),
                alarms=tuple(sorted(clean[defect.system].alarms)),
            )
            for defect in (trial.defect for trial in trials)
        ]
        ended = self._run("stock Schemathesis", orders)
        return [
            replace(trial, stock=tuple(sorted(_failures(each) - clean[trial.defect.system].alarms)))
            for trial, each in zip(trials, ended, strict=True)
        ]

    def _planted(self, defect: Defect) -> Order:
        return replace(self._order(defect.system, defect.id), defects=(defect.id,), enough=defect.claims)

    def _order(self, system: str, name: str) -> Order:
        return replace(self.order, system=system, target=MOCK, folder=str(Path(self.order.folder) / system / name))

    def _run(self, what: str, orders: Sequence[Order]) -> list[Ended]:
        with counting(self.errors, what, len(orders), quiet=self.quiet) as watch:
            ended = Runner(watch).run(orders)
        if any(each.stopped for each in ended):
            raise KeyboardInterrupt
        return ended


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
    return Trial(defect, _broken(ended.result), ended.message, seconds=ended.result.duration_s)


def _clean(ended: Ended) -> Clean:
    if ended.result is None:
        return Clean(ended.system, 0.0, (), ended.message)
    return Clean(ended.system, ended.result.duration_s, _broken(ended.result))


def _broken(result: RunResult) -> tuple[str, ...]:
    return tuple(each.id for each in result.claims if each.verdict is Verdict.BROKEN)


def _seconds(clean: Clean) -> int:
    return max(SHORTEST_STOCK_RUN, round(clean.seconds))


def _reported(ended: Sequence[Ended], system: str) -> set[str]:
    return {failure for each in ended if each.system == system for failure in _failures(each)}


def _failures(ended: Ended) -> set[str]:
    return {finding.cause for finding in ended.result.findings} if ended.result else set()
