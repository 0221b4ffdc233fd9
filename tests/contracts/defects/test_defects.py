"""Planted bugs: which claim caught what, and how that is told."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from contracts.defects import Defect, Trial, chosen, known
from contracts.progress import counting
from contracts.report import detection
from contracts.run import Ended, Step
from contracts.wanted import Unusable


def trial(id: str, kind: str, *broken: str, claims: tuple[str, ...] = ("right",), stock: tuple[str, ...] = ()) -> Trial:
    return Trial(Defect("example", id, kind, f"{id} happens", claims), broken, stock=stock)


TRIALS = [
    trial("first", "races", "right", "other"),
    trial("second", "races", "other", stock=("GET /jobs: x",)),
    trial("third", "timing"),
]


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
    table = detection.table(TRIALS, baseline=True)

    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert [rows[0], *rows[2:]] == [
        ["class", "planted", "caught", "stock Schemathesis"],
        ["races", "2", "1", "1"],
        ["timing", "1", "0", "0"],
        ["all", "3", "1", "1"],
    ]


def test_missed_defect_is_named_with_what_broke_instead() -> None:
    stream = io.StringIO()

    code = detection.show(Console(file=stream, width=200), TRIALS, baseline=False)

    assert code == 1
    assert "missed: example second (second happens); broken instead: other" in stream.getvalue()
    assert "missed: example third (third happens); nothing broke" in stream.getvalue()


def test_page_has_a_row_a_defect() -> None:
    page = detection.page(TRIALS, baseline=True, seed=4)

    assert "seed 4," in page and "Schemathesis as it comes" in page
    assert [line.count("|") for line in page.splitlines() if "happens" in line] == [5, 5, 5]
    assert page.count("**missed**") == 2


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


def test_planted_defect_is_caught_and_stock_schemathesis_runs_beside(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "contracts", "defects", "example", "--defect", "errors_are_empty", "--baseline"]
    options = ["--max-examples", "5", "--report-dir", str(tmp_path), "--write", str(tmp_path / "page.md")]

    done = subprocess.run([*command, *options], stdin=subprocess.DEVNULL, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 defects caught" in done.stdout
    assert "| yes" in (tmp_path / "page.md").read_text(encoding="utf-8")
