"""What became of planted defects: the table per class, the misses, and the page with all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

from rich.console import Console

from contracts import exit as codes
from contracts.defects import STOCK_SEEDS, Measurement, Trial

OURS = """\
Each bug is planted in a mock of its own, and `contracts run` checks that mock. A bug counts as caught when a claim is
broken that **names its cause**; which claims those are is written down with the bug. That another claim breaks does not
count. A run ends once such a claim is broken: findings are never taken back, so going on could not change the result.
The mock without a bug is checked as well, to the end; nothing may be reported of it."""
STOCK = f"""\
Stock Schemathesis is given what a careful user would give it:

- the same spec with its links; all phases, all checks; the statuses that the spec allows for valid requests
- the credentials of two users, so that it can try to read one's jobs as the other
- jobs in every state: as examples of the ids in the spec, and as data for four of five generated ids
- for each bug as much time as our whole run takes on the mock without a bug, and as many examples

**Whatever** it reports counts as caught, whether or not it names the cause, unless it reports the same (operation,
check and kind of failure) of the mock without a bug, which it checks {STOCK_SEEDS} times with different seeds."""
LIMITS = """\
- The bugs were written by the authors of the claims, though from what goes wrong in the world. How many of the bugs its
  authors thought of a suite catches says little about those that nobody thought of.
- One seed. Races are tried several times in a run; that is no proof of their absence."""
STOCK_LIMITS = """\
- Nothing moves the mock's clock for stock Schemathesis: its jobs stay in the states it was given them in, and what
  happens later it cannot see.
- A failure that stock Schemathesis reports need not have to do with the bug: its column is an upper bound."""
LEGEND = "**ours**: a claim that names the cause was broken · empty: the vendor has nothing in which the bug could show"
STOCK_LEGEND = "**both**: stock Schemathesis reported something as well"
MARKS = {(True, True): "both", (True, False): "ours", (False, True): "**stock only**", (False, False): "**missed**"}


def show(output: Console, measured: Measurement, *, quiet: bool = False) -> int:
    """Print what caught each bug, the table and what was missed; 0 if a claim that names its cause caught each."""
    lines = [
        *(_caught(trial, measured) for trial in measured.trials if trial.caught and not quiet),
        table(measured),
        *(_missed(trial) for trial in measured.trials if not trial.caught),
        *(f"false alarm: {alarm}" for alarm in measured.false_alarms),
        f"{measured.caught} of {len(measured.trials)} defects caught by a claim that names the cause",
    ]
    output.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    good = measured.caught == len(measured.trials) and not measured.false_alarms
    return codes.CONFORMS if good else codes.BROKEN


def table(measured: Measurement) -> str:
    """Caught per class, in Markdown that reads well as it is."""
    return _counted("class", measured, lambda trial: trial.defect.kind)


def summary(measured: Measurement) -> str:
    """The totals in one sentence; the README quotes it."""
    alarms = len(measured.false_alarms)
    parts = [f"`contracts run` catches **{measured.caught} of {len(measured.trials)}** planted bugs"]
    parts += [f"stock Schemathesis **{measured.caught_by_stock}**"] if measured.baseline else []
    parts += [f"**{alarms} false alarms** on mocks without one" if alarms else "no false alarm on mocks without one"]
    return ", ".join(parts) + "."


def page(measured: Measurement) -> str:
    """`docs/detection.md`: the totals, how they were measured, then every defect with what caught it."""
    more = measured.baseline
    parts = ["# What is detected", summary(measured), table(measured)]
    parts.append(_counted("system", measured, lambda trial: trial.defect.system))
    parts += ["## How it was measured", OURS, *([STOCK, _alarms(measured)] if more else []), _measured(measured)]
    parts += ["## Limits", "\n".join([LIMITS, *([STOCK_LIMITS] if more else [])]), "## Every bug"]
    parts.append(" · ".join([LEGEND, *([STOCK_LEGEND] if more else [])]) + ".")
    for kind in dict.fromkeys(trial.defect.kind for trial in measured.trials):
        some = [trial for trial in measured.trials if trial.defect.kind == kind]
        parts += [f"### {kind.capitalize()}", "\n".join(_aligned(list(_rows(some, measured))))]
    return "\n\n".join(parts) + "\n"


def _counted(name: str, measured: Measurement, group: Callable[[Trial], str]) -> str:
    rows = [[name, "planted", "caught", *(["stock Schemathesis"] if measured.baseline else [])]]
    for value in [*dict.fromkeys(map(group, measured.trials)), ""]:
        some = [trial for trial in measured.trials if value in ("", group(trial))]
        row = [value or "all", str(len(some)), str(sum(trial.caught for trial in some))]
        rows.append([*row, *([str(sum(bool(trial.stock) for trial in some))] if measured.baseline else [])])
    return "\n".join(_aligned(rows))


def _measured(measured: Measurement) -> str:
    """When, with what, and how long it took."""
    order = measured.order
    examples = f"--max-examples {order.max_examples}" if order.max_examples else "as many examples as by default"
    whole = ", ".join(f"{each.system} {each.seconds:.0f} s" for each in measured.clean)
    found = median(trial.seconds for trial in measured.trials)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with Schemathesis {version('schemathesis')}, seed {order.seed}, "
        f"{examples}, two runs at a time on {os.cpu_count()} processors. A whole run: {whole}. "
        f"Until a bug was found: {found:.1f} s (median)."
    )


def _alarms(measured: Measurement) -> str:
    """What stock Schemathesis reports of mocks without a bug."""
    alarms = [f"{each.system} `{alarm}`" for each in measured.clean for alarm in sorted(each.alarms)]
    return f"That is left out: {', '.join(alarms)}." if alarms else "It reports nothing of any."


def _rows(trials: Sequence[Trial], measured: Measurement) -> Iterator[list[str]]:
    """A row a bug, a column a system."""
    systems = [each.system for each in measured.clean]
    yield ["bug", "claim that names it", *systems]
    for id in dict.fromkeys(trial.defect.id for trial in trials):
        same = {trial.defect.system: trial for trial in trials if trial.defect.id == id}
        claims = dict.fromkeys(claim for trial in same.values() for claim in trial.named)
        summary = next(iter(same.values())).defect.summary
        marks = (_mark(same[system]) if system in same else "" for system in systems)
        yield [f"`{id}`: {summary}", ", ".join(claims), *marks]


def _mark(trial: Trial) -> str:
    return MARKS[trial.caught, bool(trial.stock)]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows = [rows[0], ["-" * width for width in widths], *rows[1:]]
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]


def _caught(trial: Trial, measured: Measurement) -> str:
    besides = "; stock Schemathesis: " + ("something" if trial.stock else "nothing") if measured.baseline else ""
    return f"{trial.defect.system} {trial.defect.id}: caught by {', '.join(trial.named)}{besides}"


def _missed(trial: Trial) -> str:
    instead = trial.message or ("broken instead: " + ", ".join(trial.broken) if trial.broken else "nothing broke")
    return f"missed: {trial.defect.system} {trial.defect.id} ({trial.defect.summary}); {instead}"
