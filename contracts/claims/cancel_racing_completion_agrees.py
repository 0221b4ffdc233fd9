"""A cancel that meets the job's own completion, or another move of its own: answer and final state fit together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from contracts.answer import Answer, Reading
from contracts.bench import Bench
from contracts.case import Case, Tally
from contracts.claim import Claim, Stage
from contracts.control import ControlError
from contracts.patience import FIRST_PAUSE
from contracts.races import at_once, ends, explainable
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import asynchronous_moves

MOVES_WITHIN = 1.5  # seconds; a new job that does not move until then is waited for in company
MOVES_AT_LAST = 8.0  # seconds; one that does not move until then is not waited for at all
APART = 0.3  # seconds between two jobs of a company: more than a meeting takes
OFFSETS = (-0.2, -0.1, -0.05, -0.02, 0.0, 0.02)  # seconds from the move; a meeting each
CONNECTED_BEFORE = 0.05  # seconds before a meeting
CANCELS = 3  # simultaneous cancels that meet the completion
COMPLETES_WITHIN = 6.0  # seconds; a quick job that takes longer is not waited for
LEADS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.04)  # seconds that a commanded completion is ahead of the cancels
FIRST_STEP, FINEST_STEP = 0.2, 0.005  # of the time to completion; seconds
TAKES_AT_MOST = 10.0  # seconds for all meetings at foreseen moments together
FEWEST, MOST = 3, 8  # such meetings


def check(bench: Bench) -> None:
    """One case a completion that can be met: a move made by the control API, or one whose moment is known."""
    if bench.control is None:
        _foreseen(bench)
        return
    for meet in _commanded(bench):
        with bench.case() as case:
            meet(case)


def _commanded(bench: Bench) -> list[Callable[[Case], None]]:
    """Every asynchronous move that ends a cancellable job, a little before, with and after the cancels."""
    return [
        partial(_meet_command, state=state, trigger=trigger, after=LEADS[number % len(LEADS)])
        for number in range(bench.budget.rounds)
        for state in bench.cancellable
        for trigger, following in asynchronous_moves(bench.spec, bench.lifecycle, state).items()
        if bench.lifecycle.terminal.issuperset(following)
    ]


def _meet_command(case: Case, state: str, trigger: str, after: float) -> None:
    bench = case.bench
    job = case.job(state, fresh=True)
    before = case.readable(job)

    def complete() -> None:
        """A cancel that came first makes the move impossible: that is the race."""
        assert bench.control is not None
        try:
            bench.control.move(bench.spec.system, job.id, trigger)
        except ControlError:
            return

    job.spent = True
    _judge(case, job, before, at_once(case, [case.call("cancel", job)] * CANCELS, complete, after=after))


def _foreseen(bench: Bench) -> None:
    """Watch a new job that nobody touches; meet the next ones where it ended or, where that is far, first moved."""
    case = Case(bench, "", Tally())
    _not_known_to_stay(bench)
    first = _new_job(case)
    moved = bench.by_itself(first.state or "") - {first.state}
    if _watched(bench, first, moved, MOVES_WITHIN):
        if not _watched(bench, first, bench.lifecycle.terminal, COMPLETES_WITHIN):
            raise NotAvailable(f"a new job does not complete by itself within {COMPLETES_WITHIN:g} s")
        _close_in(bench, _age(bench, first))
        return
    crowd = list(_crowd(case, lambda: _watched(bench, first, moved, APART)))
    if not _watched(bench, first, moved, MOVES_AT_LAST - _age(bench, first)):
        raise NotAvailable(f"a new job does not move by itself within {MOVES_AT_LAST:g} s")
    _in_a_row(bench, crowd, _age(bench, first))


def _not_known_to_stay(bench: Bench) -> None:
    """Jobs from earlier on that are still as they were made show that there is no move to wait for."""
    for job in bench.stock.idle:
        if job.source == "create" and not job.spent and job.state in bench.lifecycle.initial:
            bench.read(job)
            if job.state in bench.lifecycle.initial and _age(bench, job) > MOVES_AT_LAST:
                raise NotAvailable(f"a new job does not move by itself within {MOVES_AT_LAST:g} s")


def _watched(bench: Bench, job: Job, states: frozenset[str | None], seconds: float) -> bool:
    """Whether a job gets to one of these states in time. It is looked at closely: the moment matters."""
    return bool(bench.patience.until(lambda: bench.read(job).state in states or None, seconds, pause=FIRST_PAUSE))


def _age(bench: Bench, job: Job) -> float:
    """Seconds from a job's first reading to its last."""
    readings = bench.reader.readings[job.id]
    return readings[-1].at - readings[0].at


def _crowd(case: Case, is_enough: Callable[[], bool]) -> Iterator[Job]:
    """More new jobs, one after the other."""
    for _ in OFFSETS:
        yield _new_job(case)
        if is_enough():
            return


def _in_a_row(bench: Bench, crowd: list[Job], takes: float) -> None:
    """Cancels around one moment in the life of jobs that are a little younger each. All are met, then all judged."""
    met = []
    for job, offset in zip(crowd, OFFSETS, strict=False):
        with bench.case() as case:
            bench.notebook.page.lease(job)
            before, answers = _met(case, job, takes + offset)
            met.append((job, before, answers, bench.notebook.page))
    for job, before, answers, page in met:
        with bench.case() as case:
            bench.notebook.page = page
            _judge(case, job, before, answers)


def _close_in(bench: Bench, takes: float) -> None:
    """Cancels ever nearer to the moment at which new jobs end: later after one that was accepted, else earlier."""
    step = takes * FIRST_STEP
    moment = takes - step
    for _ in range(max(FEWEST, min(MOST, int(TAKES_AT_MOST / takes)))):
        with bench.case() as case:
            job = _new_job(case)
            before, answers = _met(case, job, moment)
            _judge(case, job, before, answers)
            moment += step if any(answer.ok for answer in answers) else -step
            step = max(step / 2, FINEST_STEP)


def _new_job(case: Case) -> Job:
    job = case.job(case.bench.lifecycle.initial[0], fresh=True)
    if job.source != "create":
        raise NotAvailable("there are no new jobs here whose moves could be foreseen")
    return job


def _met(case: Case, job: Job, moment: float) -> tuple[Reading, list[Answer]]:
    """A job's first reading, and the answers to cancels so many seconds after it."""
    first = case.bench.reader.readings[job.id][0]
    due = first.at + moment
    time.sleep(max(0.0, due - CONNECTED_BEFORE - time.monotonic()))
    job.spent = True
    return first, at_once(case, [case.call("cancel", job)] * CANCELS, at=due)


def _judge(case: Case, job: Job, before: Reading, answers: list[Answer]) -> None:
    """Accepted and refused cancels and the final state have to be those of one history."""
    bench = case.bench
    accepted, refused = sum(answer.ok for answer in answers), sum(answer.refused for answer in answers)
    if not explainable(case, answers):
        return
    possible = ends(bench, before.state or "", accepted, refused, moving=True)
    settled = case.settles(job)
    found = f"{accepted} accepted, {refused} refused, then {settled.shown if settled else 'not settled'}"
    if settled is None or settled.state not in possible:
        expected = "answers and a final state that some order of cancel and completion explains"
        case.fails(answers[0], expected, "answer and end disagree", state=before.state, job=job, found=found)


CLAIM = Claim(
    id="cancel_racing_completion_agrees",
    meaning="a cancel that meets the job's own completion, or another move: answer and final state fit together",
    source="the spec's lifecycle, in any order of cancel and move",
    check=check,
    stage=Stage.RACES,
)
