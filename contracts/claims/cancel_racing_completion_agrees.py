"""A cancel that meets the job's own completion: answer and final state fit together."""

from __future__ import annotations

import time
from collections.abc import Callable
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

MOVES_WITHIN = 1.5  # seconds; a new job that does not move until then is not waited for
CANCELS = 3  # simultaneous cancels that meet the completion
COMPLETES_WITHIN = 6.0  # seconds; a job that takes longer is not waited for
LEADS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.04)  # seconds that a commanded completion is ahead of the cancels
FIRST_STEP, FINEST_STEP = 0.2, 0.005  # of the time to completion; seconds
TAKES_AT_MOST = 10.0  # seconds for all meetings at foreseen moments together
FEWEST, MOST = 3, 8  # such meetings


def check(bench: Bench) -> None:
    """One case a completion that can be met: a move made by the control API, or one whose moment is known."""
    if bench.control is None:
        _close_in(bench)
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


def _close_in(bench: Bench) -> None:
    """Cancels ever nearer to the moment at which new jobs end: later after one that was accepted, else earlier."""
    takes = _completion_takes(bench)
    step = takes * FIRST_STEP
    moment = takes - step
    for _ in range(max(FEWEST, min(MOST, int(TAKES_AT_MOST / takes)))):
        with bench.case() as case:
            accepted = _meet_moment(case, moment)
            moment += step if accepted else -step
            step = max(step / 2, FINEST_STEP)


def _completion_takes(bench: Bench) -> float:
    """Seconds from a new job's first reading to its end, as one is watched that nobody touches."""
    with_job = Case(bench, "", Tally())
    job = _new_job(with_job)
    first = job.state

    def until(states: frozenset[str], seconds: float) -> bool:
        def look() -> bool | None:
            return bench.read(job).state in states or None

        return bool(bench.patience.until(look, seconds, pause=FIRST_PAUSE))

    if not until(bench.by_itself(first or "") - {first}, MOVES_WITHIN):
        raise NotAvailable(f"a new job does not move by itself within {MOVES_WITHIN:g} s, so its end cannot be met")
    if not until(bench.lifecycle.terminal, COMPLETES_WITHIN):
        raise NotAvailable(f"a new job does not complete by itself within {COMPLETES_WITHIN:g} s")
    readings = bench.reader.readings[job.id]
    return readings[-1].at - readings[0].at


def _new_job(case: Case) -> Job:
    job = case.job(case.bench.lifecycle.initial[0], fresh=True)
    if job.source != "create":
        raise NotAvailable("there are no new jobs here whose end could be foreseen")
    return job


def _meet_moment(case: Case, moment: float) -> bool:
    """Cancel a new job so many seconds after its first reading; whether a cancel was accepted."""
    job = _new_job(case)
    readings = case.bench.reader.readings[job.id]
    time.sleep(max(0.0, readings[0].at + moment - time.monotonic()))
    job.spent = True
    answers = at_once(case, [case.call("cancel", job)] * CANCELS)
    _judge(case, job, readings[-1], answers)
    return any(answer.ok for answer in answers)


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
    meaning="a cancel that meets the job's own completion: answer and final state fit together",
    source="the spec's lifecycle, in any order of cancel and completion",
    check=check,
    stage=Stage.RACES,
)
