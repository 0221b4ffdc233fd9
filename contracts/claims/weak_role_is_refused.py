"""An identity whose role is too low gets the documented refusal for everything that changes a job."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.claim import Claim
from contracts.identity import READER
from contracts.supply.job import NotAvailable
from specs.model import READ_TRIGGERS, Operation


def check(bench: Bench) -> None:
    """One case an operation that changes a job and documents what a low role is told (what it may read is not said)."""
    operations = [each for each in bench.job_operations if _is_for_some_roles(each)]
    if not operations:
        raise NotAvailable("the vendor documents no refusal for a role that is too low")
    for operation in operations:
        with bench.case() as case:
            job = case.job()
            answer = case.left_alone(job, bench.calls.of(operation, job), "a role that is too low", READER)
            case.refused(answer, "forbidden")
    with bench.case() as case:
        create = bench.call("create")
        if not bench.allows("create") or "forbidden" not in bench.effect_of(create).refused:
            raise NotAvailable("create is not allowed here, or documents no refusal for a role that is too low")
        case.refused(case.send(create, READER), "forbidden")


def _is_for_some_roles(operation: Operation) -> bool:
    effect = operation.effect
    return effect is not None and effect.trigger not in READ_TRIGGERS and "forbidden" in effect.refused


CLAIM = Claim(
    id="weak_role_is_refused",
    meaning="an identity whose role is too low gets the documented refusal and changes nothing",
    source="the operations' `forbidden` refusals",
    check=check,
    identities=frozenset({"owner", "reader"}),
)
