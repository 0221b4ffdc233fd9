"""A job in each state that accepts no cancel answers a documented refusal, and the same when it is asked again."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.claim import Claim, Stage

TIMES = 2  # cancels in a row: a server may give in to the second


def check(bench: Bench) -> None:
    """One case a state: the terminal ones, and any other that cancel does not lead out of."""
    for state in bench.refusing:
        with bench.case() as case:
            job = case.job(state, patient=True)
            for number in range(TIMES):
                kind = "again" if number else "wrong_state"
                if not case.refused(case.cancel(job), "wrong_state", states=bench.by_itself(state), kind=kind):
                    break


CLAIM = Claim(
    id="terminal_job_refuses_cancel",
    meaning="a job in each terminal state answers a documented refusal",
    source="the cancel operation's `wrong_state` refusals",
    check=check,
    stage=Stage.JOURNEYS,
)
