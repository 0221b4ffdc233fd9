"""The second and third cancel answer what the lifecycle says, and leave no trace where it refuses them."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.claims.cancel_shows_at_once import shows
from contracts.journeys import Attempt, cancelled_again
from contracts.supply.job import NotAvailable
from specs.lifecycle import accepts


def check(bench: Bench) -> None:
    """One case a state that accepts cancel: what comes after the first is judged."""
    for state in bench.cancellable:
        with bench.case() as case:
            journey = cancelled_again(case, state)
            if not journey.first.answer.ok:
                raise NotAvailable("the first cancel was not accepted (see running_job_accepts_cancel)")
            for repeat in journey.attempts[1:]:
                _judge(case, repeat)


def _judge(case: Case, repeat: Attempt) -> None:
    bench, state = case.bench, repeat.before.state or ""
    if accepts(bench.lifecycle, state, "cancel"):
        if case.accepted(repeat.answer, repeat.before, repeat.after):
            shows(case, repeat)
        return
    case.refused(repeat.answer, "wrong_state", states=bench.by_itself(state), kind=f"repeat in {state}")
    if not bench.moved_by_itself(repeat.before, repeat.after):
        case.unchanged(repeat.before, repeat.after, repeat.answer, "a repeated cancel")


CLAIM = Claim(
    id="repeat_cancel_answers_as_documented",
    meaning="the second and third cancel answer what the lifecycle says",
    source="the spec's lifecycle and the cancel operation's `wrong_state` refusals",
    check=check,
    stage=Stage.JOURNEYS,
)
