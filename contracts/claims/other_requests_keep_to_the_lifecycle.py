"""What else can be asked of a job (to continue, to be deleted) is accepted and refused as the lifecycle says."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.journeys import Attempt
from specs import Spec
from specs.lifecycle import GONE, accepts, operation_triggers
from specs.model import Operation

ELSEWHERE = frozenset({"create", "read", "list", "cancel"})  # triggers that other claims are about


def check(bench: Bench) -> None:
    """One case an operation and state."""
    for operation in bench.job_operations:
        if operation.effect is None or operation.effect.trigger in ELSEWHERE:
            continue
        for state in bench.lifecycle.states:
            with bench.case() as case:
                if accepts(bench.lifecycle, state.name, operation.effect.trigger):
                    _accepted(case, operation, state.name)
                else:
                    _refused(case, operation, state.name)


def _accepted(case: Case, operation: Operation, state: str) -> None:
    bench = case.bench
    job = case.job(state)
    before = case.readable(job)
    attempt = Attempt(before, case.send(bench.calls.of(operation, job)), case.read(job))
    if not attempt.answer.ok:
        case.fails(attempt.answer, f"2xx: {state} accepts it", "not accepted", state=state)
        return
    trigger = operation.effect.trigger if operation.effect else ""
    allowed = {later for following in bench.after(state, trigger) for later in bench.by_itself(following)}
    if attempt.after.answer.refused and GONE in allowed:
        case.refused(case.cancel(job), "unknown", kind="cancel of a job that is gone")
        bench.stock.drop(job)
    elif attempt.after.state not in allowed:
        expected, shown = f"{' or '.join(sorted(allowed))} in the next read", attempt.after.shown
        case.fails(attempt.answer, expected, f"reads as {shown}", state=state, read_as=shown)


def _refused(case: Case, operation: Operation, state: str) -> None:
    job = case.job(state)
    answer = case.left_alone(job, case.bench.calls.of(operation, job), f"a refused {operation.operation_id}")
    case.refused(answer, "wrong_state", states=case.bench.by_itself(state), kind=f"wrong state for {operation.label}")


def nothing_else(spec: Spec) -> str | None:
    """For vendors whose jobs can be asked for more than to be cancelled."""
    others = operation_triggers(spec, spec.cancellable) - ELSEWHERE
    return None if others else "nothing but cancel can be asked of a job"


CLAIM = Claim(
    id="other_requests_keep_to_the_lifecycle",
    meaning="requests besides cancel (continue, delete, update) are accepted and refused as the lifecycle says",
    source="the spec's lifecycle: moves of operations other than cancel",
    check=check,
    stage=Stage.MANNERS,
    not_for=nothing_else,
)
