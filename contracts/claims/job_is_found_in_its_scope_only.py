"""The right id under another project or cluster names nothing: it is refused, and the job stays as it is."""

from __future__ import annotations

from urllib.parse import quote

from contracts.bench import Bench
from contracts.calls import Call
from contracts.case import Case
from contracts.claim import Claim
from contracts.identifiers import IdShape
from contracts.ledger import ForeignId
from contracts.supply.job import Job, NotAvailable
from specs import Spec
from specs.model import READ_TRIGGERS, Operation


def check(bench: Bench) -> None:
    """One case an operation on a job and scope parameter; reads have one in another scope of ours, if we have one."""
    for operation in bench.job_operations:
        for name in scopes(operation):
            with bench.case() as case:
                job = case.job()
                _refused(case, job, operation, name, _unknown(bench, job, operation, name))
            if operation.effect and operation.effect.trigger in READ_TRIGGERS:
                with bench.case() as case:
                    job = case.job()
                    _refused(case, job, operation, name, _another(bench, job, name))


def scopes(operation: Operation) -> list[str]:
    """The path parameters that say where a job lives."""
    place = operation.effect.id if operation.effect else None
    return [each.name for each in operation.parameters if each.where == "path" and place and each.name != place.name]


def unscoped(spec: Spec) -> str | None:
    """Nothing to mistake where the id alone names a job."""
    cancel = spec.operation(spec.cancellable.resource, "cancel")
    return None if cancel and scopes(cancel) else "the vendor's paths have no scope besides the id"


def _refused(case: Case, job: Job, operation: Operation, name: str, value: str) -> None:
    bench = case.bench
    call = bench.calls.of(operation, job)
    right = _right(bench, job, name)
    target = call.target.replace("/" + quote(right, safe=""), "/" + quote(value, safe=""), 1)
    kind = f"{operation.effect.trigger if operation.effect else ''} under another {name}"
    answer = case.left_alone(job, Call(call.method, target, call.headers, call.body, job=job), kind)
    case.one_of(answer, (), kind)


def _right(bench: Bench, job: Job, name: str) -> str:
    return {**bench.scope, **job.parameters}[name]


def _unknown(bench: Bench, job: Job, operation: Operation, name: str) -> str:
    """A name that is not the job's: by chance, one of few letters comes out as it was."""
    shape = IdShape.of_parameter(operation, name)
    value = shape.absent(bench.chance)
    while value == _right(bench, job, name):
        value = shape.absent(bench.chance)
    try:
        bench.guard.ledger.reserve(value)
    except ForeignId:
        raise NotAvailable(f"no unused {name} could be made up") from None
    return value


def _another(bench: Bench, job: Job, name: str) -> str:
    others = bench.guard.ledger.scope_values(name) - {job.parameters.get(name), bench.scope.get(name)}
    if not others:
        raise NotAvailable(f"no other {name} of ours is known")
    return min(others)


CLAIM = Claim(
    id="job_is_found_in_its_scope_only",
    meaning="a job's id under another project or cluster is refused and changes nothing",
    source="the spec's paths: a job is named by its scope and its id together",
    check=check,
    not_for=unscoped,
)
