"""A cancel changes a job's state and what goes with it; who and what the job is stays as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from contracts.answer import Reading
from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.comparison import HYPERLINKS, same, shown
from contracts.journeys import Journey, cancelled_once
from contracts.supply.job import NotAvailable
from specs.lifecycle import MISSING
from specs.model import Lifecycle


def check(bench: Bench) -> None:
    """One case a state that accepts cancel, compared right after the cancel and once settled."""
    for state in bench.cancellable:
        with bench.case() as case:
            journey = cancelled_once(case, state)
            if not journey.first.answer.ok:
                raise NotAvailable("the cancel was not accepted (see running_job_accepts_cancel)")
            for reading in (journey.first.after, journey.settled):
                if reading is not None and reading.state is not None:
                    _compare(case, journey, reading)


def _compare(case: Case, journey: Journey, now: Reading) -> None:
    first = journey.first.before
    moving = _moving(case.bench.lifecycle, {first.state, journey.first.after.state, now.state})
    before, after = (dict(lasting(moving, each.representation)) for each in (first, now))
    changed = [
        f"{path}: {shown(value)} -> {shown(after.get(path, MISSING))}"
        for path, value in before.items()
        if not _lasts(value, after.get(path, MISSING))
    ]
    if changed:
        state, expected = journey.first.before.state, "who and what the job is, as before"
        case.fails(now.answer, expected, "changes more than the state", state=state, job=journey.job, changed=changed)


def _lasts(value: Any, later: Any) -> bool:
    """Whether a value stayed. A list may grow, and what its entries say may change: it forgets none of them."""
    if isinstance(value, list):
        return isinstance(later, list) and len(later) >= len(value)
    return same(value, later)


def lasting(moving: frozenset[str], representation: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The texts, numbers, flags and lists of a representation, less null, hyperlinks and what is moving."""
    for name, value in representation.items() if isinstance(representation, Mapping) else ():
        place = f"{path}.{name}" if path else name
        if place in moving or name in HYPERLINKS:
            continue
        if isinstance(value, Mapping):
            yield from lasting(moving, value, place)
        elif isinstance(value, str | int | float | bool | list) and value != "":
            yield place, value


def _moving(lifecycle: Lifecycle, seen: Set[str | None]) -> frozenset[str]:
    """Paths that move with the states seen: what they are read off (of a nested one the whole object), times, history.

    What only another state is read off does not: a cancelled job is no failed one.
    """
    read_off = (
        path.rpartition(".")[0] or path for state in lifecycle.states if state.name in seen for path in state.when
    )
    history = [lifecycle.history.list] if lifecycle.history else []
    return frozenset([*read_off, *lifecycle.times, *lifecycle.volatile, *history])


CLAIM = Claim(
    id="cancel_changes_nothing_else",
    meaning="a cancel changes the state and its times; who and what the job is stays as it was",
    source="the spec's lifecycle: cancel is a move from one state to another",
    check=check,
    stage=Stage.JOURNEYS,
)
