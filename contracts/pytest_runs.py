"""The runs behind the pytest items: each system is checked once, whatever number of items asks about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from contracts import exit as codes
from contracts.order import MOCK, Order
from contracts.report.grouping import by_cause
from contracts.report.wording import told
from contracts.run import Ended, Runner
from contracts.target import TargetError
from contracts.verdict import Verdict
from contracts.wanted import Unusable, Wish, claim_ids, orders, unconfirmed_host


@dataclass(slots=True)
class Runs:
    """All systems that the session collects, run together when the first item asks, for the claims that are items.

    `doubts` says of each system about which too little could be said why that is.
    """

    orders: list[Order]
    held_any: bool = False
    doubts: dict[str, str] = field(default_factory=dict)
    _chosen: dict[str, list[str]] = field(default_factory=dict)
    _ended: dict[str, Ended] = field(default_factory=dict)

    @property
    def cases(self) -> list[tuple[str, str]]:
        """Every item as (system, claim)."""
        return [(order.system, claim) for order in self.orders for claim in claim_ids()]

    def check(self, system: str, claim: str) -> None:
        """Pass, skip with the reason, or fail with what was found."""
        ended = self._end_of(system)
        if ended.result is None:
            pytest.fail(ended.message, pytrace=False)
        verdict = next(each for each in ended.result.claims if each.id == claim)
        if verdict.verdict is Verdict.NOT_TESTED:
            pytest.skip(verdict.reason)
        if verdict.verdict is Verdict.BROKEN:
            causes = by_cause(finding for finding in ended.result.findings if finding.claim == claim)
            pytest.fail("\n\n".join(told(cause, ended.result) for cause in causes), pytrace=False)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What -k and the like have left is what is checked and judged, as with `contracts run --claims`."""
        names = {item.name for item in session.items if ITEMS in item.nodeid}
        for system, claim in self.cases:
            if f"test_claim[{case_id(system, claim)}]" in names:
                self._chosen.setdefault(system, []).append(claim)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A claim held, in this process or in a worker of pytest-xdist."""
        if report.when == "call" and report.passed and ITEMS in report.nodeid:
            self.held_any = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist has ended: what it doubts is doubted."""
        self.doubts |= getattr(node, "workeroutput", {}).get(DOUBTS, {})

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A session of which too little could be tested is no success."""
        results = (ended.result for ended in self._ended.values())
        self.doubts |= {result.target.system: result.doubt for result in results if result and result.doubt}
        if (told := getattr(session.config, "workeroutput", None)) is not None:
            told[DOUBTS] = self.doubts
        elif session.exitstatus == pytest.ExitCode.OK and self._proves_nothing(session.config):
            session.exitstatus = codes.INCONCLUSIVE

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
    ) -> None:
        """A line for each system in doubt, and what that means where nothing failed."""
        meaning = f" (exit status {codes.INCONCLUSIVE})" if exitstatus == pytest.ExitCode.OK else ""
        for system, why in self.doubts.items():
            terminalreporter.write_line(f"contracts: {system} is inconclusive: {why}{meaning}", yellow=True)
        if meaning and not self.doubts and self._proves_nothing(config):
            terminalreporter.write_line(f"contracts: no claim held{meaning}", yellow=True)

    def _proves_nothing(self, config: pytest.Config) -> bool:
        return not config.option.collectonly and (bool(self.doubts) or not self.held_any)

    def _end_of(self, system: str) -> Ended:
        if not self._ended:
            ended = Runner(lambda event: None).run([self._cut(order) for order in self.orders if self._has(order)])
            self._ended = {each.system: each for each in ended}
        return self._ended[system]

    def _has(self, order: Order) -> bool:
        return order.system in self._chosen

    def _cut(self, order: Order) -> Order:
        """The order, for the claims that are items."""
        chosen = self._chosen[order.system]
        return order if len(chosen) == len(claim_ids()) else replace(order, claims=tuple(chosen))


def case_id(system: str, claim: str) -> str:
    """What an item is known by."""
    return f"{system}-{claim}"


RUNS = pytest.StashKey[Runs]()
ITEMS = "test_claims.py::"
DOUBTS = "countermand_doubts"  # in what a worker of pytest-xdist hands over


def runs_of(config: pytest.Config) -> Runs:
    """The runs of a session. UsageError if what was asked for means nothing."""
    if RUNS not in config.stash:
        config.stash[RUNS] = runs = Runs(_orders(config))
        config.pluginmanager.register(runs, "countermand_runs")
    return config.stash[RUNS]


def _orders(config: pytest.Config) -> list[Order]:
    target, targets = config.getoption("--target"), config.getoption("--targets")
    order = Order(
        system="",
        target=target,
        folder=config.getoption("--contracts-report-dir"),
        targets_file=targets,
        seed=config.getoption("--contracts-seed"),
    )
    try:
        found = orders(Wish(tuple(config.getoption("--system")), target, order))
        if host := unconfirmed_host(target, targets, config.getoption("--yes")):
            raise Unusable(f"`{target}` is {host}. Add --yes {host}.")
        if target != MOCK and config.getoption("numprocesses", None):
            raise Unusable(f"with -n every process would check `{target}` by itself. Leave -n out, or add -n 0.")
    except (Unusable, TargetError) as error:
        raise pytest.UsageError(str(error)) from error
    return found
