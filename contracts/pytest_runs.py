"""The runs behind the pytest items: each system is checked once, whatever number of items asks about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

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
    """All systems that the session collects, run together when the first item asks."""

    INCONCLUSIVE: ClassVar[int] = codes.INCONCLUSIVE
    orders: list[Order]
    held_any: bool = False
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

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A claim held, in this process or in a worker of pytest-xdist."""
        if report.when == "call" and report.passed and ITEMS in report.nodeid:
            self.held_any = True

    def _end_of(self, system: str) -> Ended:
        if not self._ended:
            ended = Runner(lambda event: None).run(self.orders)
            self._ended = {each.system: each for each in ended}
        return self._ended[system]


RUNS = pytest.StashKey[Runs]()
ITEMS = "test_claims.py::"


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
