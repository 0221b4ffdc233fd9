"""What a run found, on a terminal or in a log: the matrix, the failures, what was not tested, the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.report import KEPT_BACK, wording
from contracts.report.grouping import Cause, by_cause
from contracts.report.page import matrix
from contracts.terminal import indented
from contracts.verdict import ClaimResult, Conclusion, RunResult, Verdict, counted

STYLES = {Verdict.HELD: "green", Verdict.BROKEN: "bold red", Verdict.NOT_TESTED: "dim"}
CONCLUSIONS = {Conclusion.CONFORMS: "green", Conclusion.VIOLATES: "bold red", Conclusion.INCONCLUSIVE: "yellow"}
MARKS = {Verdict.HELD: "✓", Verdict.BROKEN: "✗", Verdict.NOT_TESTED: "–"}
PLAIN_MARKS = {Verdict.HELD: "ok", Verdict.BROKEN: "BROKEN", Verdict.NOT_TESTED: "-"}


def show(console: Console, results: Sequence[RunResult], files: Iterable[Path], *, quiet: bool = False) -> None:
    """Everything there is to say, the verdicts last."""
    if results and not quiet:
        console.print(_matrix(console, results))
    for result in results:
        _failures(console, result)
        if not quiet:
            show_untested(console, f"{result.target.system}: not tested", result)
    for result in results:
        _verdict(console, result)
    if not quiet:
        for line in _folders(files):
            console.print(Text(line, style="dim"), soft_wrap=True)


def _folders(files: Iterable[Path]) -> list[str]:
    """Where the reports are, one line a folder."""
    names: dict[Path, list[str]] = {}
    for file in files:
        names.setdefault(file.parent, []).append(file.name)
    return [f"reports in {folder}: {', '.join(several)}" for folder, several in names.items()]


def _matrix(console: Console, results: Sequence[RunResult]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("claim", no_wrap=True)
    for result in results:
        table.add_column(result.target.system.replace("_", "\n"), justify="right", vertical="bottom")
    marks = MARKS if _can_print(console, "".join(MARKS.values())) else PLAIN_MARKS
    for row in matrix(results):
        table.add_row(_claim(row.cells, row.claim), *(_cell(cell, marks) for cell in row.cells))
    return table


def _claim(cells: Iterable[ClaimResult | None], id: str) -> Text:
    broken = any(cell and cell.verdict is Verdict.BROKEN for cell in cells)
    return Text(id, style="bold red" if broken else "")


def _cell(claim: ClaimResult | None, marks: dict[Verdict, str]) -> Text:
    if claim is None:
        return Text("")
    cases = f" {claim.cases}" if claim.verdict is not Verdict.NOT_TESTED else ""
    return Text(marks[claim.verdict] + cases, style=STYLES[claim.verdict])


def _can_print(console: Console, text: str) -> bool:
    try:
        text.encode(console.encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _failures(console: Console, result: RunResult) -> None:
    claim = ""
    for cause in by_cause(result.findings):
        if cause.example.claim != claim:
            claim = cause.example.claim
            console.print(Text.assemble("\n", (f"{result.target.system}: {claim} is broken", "bold red")))
        _failure(console, cause, result)


def _failure(console: Console, cause: Cause, result: RunResult) -> None:
    indented(console, 2, Text(wording.headline(cause), style="bold"))
    for label, text in wording.parts(cause, result):
        if label in {"reproduce", "replay"}:  # one line each, however long: they are to be copied
            console.print(Text.assemble("    ", (f"{label}: ", "dim"), text), soft_wrap=True)
        else:
            indented(console, 4, Text.assemble((f"{label}: ", "dim"), text))


def show_untested(console: Console, heading: str, result: RunResult) -> None:
    """The claims that were not tested, by reason; nothing where all were."""
    reasons = wording.untested(result)
    if reasons:
        console.print(Text(f"\n{heading}", style="bold"))
    for reason, claims in reasons:
        indented(console, 2, Text.assemble(f"{', '.join(claims)}: ", (reason, "dim")))


def _verdict(console: Console, result: RunResult) -> None:
    verdict = (f"{result.target.system} {result.conclusion}:", CONCLUSIONS[result.conclusion])
    facts = f" {wording.summary(result)}, seed {result.seed}"
    if result.findings:
        console.print()
    indented(console, 0, Text.assemble(verdict, facts))
    if result.doubt:
        indented(console, 2, Text(f"why: {result.doubt}", style="yellow"))
    if result.refused_by_guard:
        words = f"  what the guard kept back ({counted(result.refused_by_guard)}) is in {KEPT_BACK}"
        console.print(Text(words, style="yellow"), soft_wrap=True)
