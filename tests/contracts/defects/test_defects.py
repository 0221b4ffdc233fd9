"""Planted bugs: which claim caught what, and how that is told."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from rich.console import Console

from contracts.defects import Clean, Defect, Measurement, Trial, Trials, chosen, known
from contracts.order import MOCK, Order
from contracts.progress import counting
from contracts.report import detection
from contracts.run import Ended, Step, Watch
from contracts.verdict import ClaimResult, Finding, RunResult, TargetFacts, Verdict
from contracts.wanted import Unusable


def trial(id: str, kind: str, *broken: str, claims: tuple[str, ...] = ("right",), stock: tuple[str, ...] = ()) -> Trial:
    return Trial(Defect("example", id, kind, f"{id} happens", claims), broken, stock=stock)


TRIALS = [
    trial("first", "races", "right", "other"),
    trial("second", "races", "other", stock=("GET /jobs: x",)),
    trial("third", "timing"),
]
CLEAN = Clean("example", 7.4, (), alarms=frozenset({"GET /jobs: odd"}))
ORDER = Order("", MOCK, "reports", seed=4, max_examples=20)
MEASURED = Measurement(ORDER, tuple(TRIALS), (CLEAN,), baseline=True)


@pytest.mark.parametrize(
    ("broken", "claims", "caught"),
    [
        (("right",), ("right",), True),
        (("wrong",), ("right",), False),
        (("wrong",), (), True),
        ((), (), False),
    ],
    ids=["by the right claim", "by a wrong claim", "by any claim", "not at all"],
)
def test_defect_is_caught_by_a_claim_that_names_it(
    broken: tuple[str, ...], claims: tuple[str, ...], caught: bool
) -> None:
    assert trial("x", "races", *broken, claims=claims).caught is caught


def test_table_counts_by_class_and_beside_stock() -> None:
    table = detection.table(MEASURED)

    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert [rows[0], *rows[2:]] == [
        ["class", "planted", "caught", "stock Schemathesis"],
        ["races", "2", "1", "1"],
        ["timing", "1", "0", "0"],
        ["all", "3", "1", "1"],
    ]


def test_missed_defect_is_named_with_what_broke_instead() -> None:
    stream = io.StringIO()

    code = detection.show(Console(file=stream, width=200), MEASURED)

    assert code == 1
    assert "missed: example second (second happens); broken instead: other" in stream.getvalue()
    assert "missed: example third (third happens); nothing broke" in stream.getvalue()


@pytest.mark.parametrize(("quiet", "said"), [(False, True), (True, False)], ids=["by default", "when quiet"])
def test_caught_defect_is_told_with_the_claim_that_caught_it(quiet: bool, said: bool) -> None:
    stream = io.StringIO()

    detection.show(Console(file=stream, width=200), MEASURED, quiet=quiet)

    assert ("example first: caught by right; stock Schemathesis: nothing" in stream.getvalue()) is said


def test_claim_broken_without_a_bug_is_a_false_alarm() -> None:
    stream = io.StringIO()
    alarmed = Measurement(ORDER, (TRIALS[0],), (replace(CLEAN, broken=("right",)),), baseline=False)

    code = detection.show(Console(file=stream, width=200), alarmed)

    assert code == 1
    assert "false alarm: example: right" in stream.getvalue()
    assert "**1 false alarms**" in detection.page(alarmed)


def test_page_has_a_row_a_bug_and_says_how_it_was_measured() -> None:
    page = detection.page(MEASURED)

    assert "catches **1 of 3** planted bugs, stock Schemathesis **1**, no false alarm" in page
    assert "seed 4, --max-examples 20," in page and "A whole run: example 7 s." in page
    assert "That is left out: example `GET /jobs: odd`." in page
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| `")
    ]
    assert rows == [
        ["`first`: first happens", "right", "ours"],
        ["`second`: second happens", "", "**stock only**"],
        ["`third`: third happens", "", "**missed**"],
    ]


def test_page_without_a_comparison_says_nothing_of_stock_schemathesis() -> None:
    page = detection.page(Measurement(ORDER, (trial("first", "races", "right"),), (CLEAN,), baseline=False))

    assert "tock Schemathesis" not in page


def test_known_defects_are_the_mocks() -> None:
    found = known(("example",))

    assert {each.system for each in found} == {"example"}
    assert len({each.id for each in found}) == len(found) > 20
    assert all(each.claims for each in found)


def test_unknown_defect_is_refused() -> None:
    with pytest.raises(Unusable, match=r"unknown defect `odd`\. `mockserver defects` lists"):
        chosen(("example",), ("errors_are_empty", "odd"))


@pytest.mark.parametrize(("done", "said"), [(1, ""), (2, "trials: 2 of 2 runs\n")], ids=["under way", "done"])
def test_progress_without_a_terminal_is_said_at_the_end(done: int, said: str) -> None:
    stream = io.StringIO()

    with counting(Console(file=stream, width=200), "trials", 2, quiet=False) as watch:
        for _ in range(done):
            watch(Step("example", 0.5, "something", 3))
            watch(Ended("example", 0))

    assert stream.getvalue() == said


class FakeRunner:
    """Carries out nothing: the claim that a defect waits for breaks, stock Schemathesis reports its seed."""

    given: ClassVar[list[Order]] = []
    stopped = False

    def __init__(self, watch: Watch) -> None:
        pass

    def run(self, orders: Sequence[Order]) -> list[Ended]:
        self.given.extend(orders)
        return [Ended(order.system, 0, self._result(order), stopped=self.stopped) for order in orders]

    def _result(self, order: Order) -> RunResult:
        facts = TargetFacts("mock", order.system, "", "default", True)
        if order.stock_seconds:
            return RunResult(facts, order.seed, findings=[Finding("", "", "", "", {}, cause=f"seed {order.seed}")])
        return RunResult(facts, order.seed, claims=[ClaimResult(id, Verdict.BROKEN) for id in order.enough])


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> type[FakeRunner]:
    monkeypatch.setattr("contracts.defects.Runner", FakeRunner)
    monkeypatch.setattr(FakeRunner, "given", [])
    monkeypatch.setattr(FakeRunner, "stopped", False)
    return FakeRunner


def test_run_with_a_defect_ends_at_the_claim_that_names_it(runner: type[FakeRunner]) -> None:
    measured = Trials(Console(file=io.StringIO()), ORDER, False, True).of([TRIALS[0].defect])

    assert [(order.defects, order.enough) for order in runner.given] == [((), ()), (("first",), ("right",))]
    assert measured.caught == 1


def test_what_stock_schemathesis_reports_without_a_bug_does_not_count(runner: type[FakeRunner]) -> None:
    measured = Trials(Console(file=io.StringIO()), ORDER, True, True).of([TRIALS[0].defect])

    stock = [order for order in runner.given if order.stock_seconds]
    alarms = ("seed 4", "seed 5", "seed 6")
    assert [(order.seed, order.alarms) for order in stock] == [(4, None), (5, None), (6, None), (4, alarms)]
    assert measured.clean[0].alarms == frozenset(alarms)
    assert measured.caught_by_stock == 0


def test_trials_that_are_stopped_begin_nothing_more(runner: type[FakeRunner]) -> None:
    runner.stopped = True

    with pytest.raises(KeyboardInterrupt):
        Trials(Console(file=io.StringIO()), ORDER, True, True).of([TRIALS[0].defect])

    assert len(runner.given) == 1


def test_planted_defect_is_caught_and_stock_schemathesis_runs_beside(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "contracts", "defects", "example", "--defect", "stranger_may_read", "--baseline"]
    little = ["--max-examples", "5", "--claims", "other_tenants_job_is_out_of_reach"]
    options = [*little, "--report-dir", str(tmp_path), "--write", str(tmp_path / "page.md")]

    done = subprocess.run([*command, *options], stdin=subprocess.DEVNULL, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 defects caught" in done.stdout
    assert "catches **1 of 1** planted bugs, stock Schemathesis **1**" in (tmp_path / "page.md").read_text("utf-8")
