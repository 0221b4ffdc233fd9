"""What became of planted defects: the table per class, the misses, and the page with all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

from rich.console import Console

from contracts import exit as codes
from contracts.defects import Trial

OURS = """\
Written by `contracts defects --write FILE`. Each bug is planted in a mock of its own, and `contracts run` with its
default settings checks that mock. A bug is caught when a claim is broken that names its cause; that another claim
breaks, or any, does not count."""
STOCK = """\
Beside it Schemathesis as it comes, given as long for each mock: the same spec with its links, the same credentials,
the statuses that the spec allows, and ids of jobs in every state. Whatever it reports counts, of whatever cause,
unless it reports the same of the mock without a bug."""


def show(output: Console, trials: Sequence[Trial], *, baseline: bool) -> int:
    """Print the table and what was missed; 0 if every defect was caught by a claim that names its cause."""
    output.print(table(trials, baseline=baseline), markup=False, highlight=False, soft_wrap=True)
    for trial in trials:
        if not trial.caught:
            output.print(_missed(trial), markup=False, highlight=False, soft_wrap=True)
    caught = sum(trial.caught for trial in trials)
    output.print(f"{caught} of {len(trials)} defects caught by a claim that names the cause", highlight=False)
    return codes.CONFORMS if caught == len(trials) else codes.BROKEN


def table(trials: Sequence[Trial], *, baseline: bool) -> str:
    """Caught per class, in Markdown that reads well as it is."""
    kinds = list(dict.fromkeys(trial.defect.kind for trial in trials))
    rows = [["class", "planted", "caught", *(["stock Schemathesis"] if baseline else [])]]
    for kind in [*kinds, ""]:
        some = [trial for trial in trials if kind in ("", trial.defect.kind)]
        row = [kind or "all", str(len(some)), str(sum(trial.caught for trial in some))]
        rows.append([*row, *([str(sum(bool(trial.stock) for trial in some))] if baseline else [])])
    return "\n".join(_aligned(rows))


def page(trials: Sequence[Trial], *, baseline: bool, seed: int) -> str:
    """`docs/detection.md`: how it was measured, the table, then every defect with what caught it."""
    preface = [OURS, *([STOCK] if baseline else []), _measured(trials, seed)]
    lines = ["# What is detected", "", "\n\n".join(preface), "", table(trials, baseline=baseline)]
    for system in dict.fromkeys(trial.defect.system for trial in trials):
        lines += ["", f"## {system}", "", *_aligned(list(_rows(trials, system, baseline=baseline)))]
    return "\n".join([*lines, ""])


def _measured(trials: Sequence[Trial], seed: int) -> str:
    """When and how."""
    seconds = median([trial.seconds for trial in trials])
    what = f"Schemathesis {version('schemathesis')}, seed {seed}, two runs at a time on {os.cpu_count()} processors"
    return f"Measured on {datetime.now(UTC):%Y-%m-%d}: {what}; a run took {seconds:.0f} s (median)."


def _rows(trials: Sequence[Trial], system: str, *, baseline: bool) -> Iterator[list[str]]:
    yield ["class", "defect", "caught by", *(["stock"] if baseline else [])]
    for trial in trials:
        if trial.defect.system == system:
            caught = ", ".join(trial.named) or "**missed**"
            row = [trial.defect.kind, f"`{trial.defect.id}`: {trial.defect.summary}", caught]
            yield [*row, *(["yes" if trial.stock else "no"] if baseline else [])]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows = [rows[0], ["-" * width for width in widths], *rows[1:]]
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]


def _missed(trial: Trial) -> str:
    instead = trial.message or ("broken instead: " + ", ".join(trial.broken) if trial.broken else "nothing broke")
    return f"missed: {trial.defect.system} {trial.defect.id} ({trial.defect.summary}); {instead}"
