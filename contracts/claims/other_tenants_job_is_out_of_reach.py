"""A job of another tenant can be neither read nor changed, is in no list, and does not show where vendors hide it."""

from __future__ import annotations

import re

from contracts.answer import Answer
from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim
from contracts.identity import OWNER, STRANGER
from contracts.secret import scrub
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import settled_after, value_at
from specs.model import READ_TRIGGERS, Operation

WHEN_ENDED = frozenset({"read", "cancel"})  # what is asked of jobs that have ended
_VARIABLE = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,}|\d+")


def check(bench: Bench) -> None:
    """One case an operation and direction: the stranger on our job, and we on the stranger's where one is given.

    We ask for that one under the project it lives in, and read it under ours, as if it were our own: nothing but a
    read is sent there, for a server may use an id once in every project.
    """
    operations = [each for each in bench.job_operations if each.effect and "other_tenant" in each.effect.refused]
    for operation in operations:
        with bench.case() as case:
            _kept_out(case, operation, case.job(), STRANGER)
        with bench.case() as case:
            _kept_out(case, operation, case.job(tenant=STRANGER), OWNER)
        if operation.effect and operation.effect.trigger in READ_TRIGGERS:
            with bench.case() as case:
                _not_ours(case, operation, case.job(tenant=STRANGER))
    for state in _ended(bench):
        for operation in operations:
            if operation.effect and operation.effect.trigger in WHEN_ENDED:
                with bench.case() as case:
                    _kept_out(case, operation, case.job(state), STRANGER)
        with bench.case() as case:
            _not_listed(case, case.job(state))
    for trigger in ("list", "create"):
        with bench.case() as case:
            call = case.call(trigger, case.job())
            if not bench.allows(trigger) or "other_tenant" not in bench.effect_of(call).refused:
                raise NotAvailable(f"{trigger} is not allowed here, or not refused to other tenants")
            case.refused(case.send(call, STRANGER), "other_tenant")
    with bench.case() as case:
        _not_listed(case, case.job())


def _ended(bench: Bench) -> list[str]:
    """A state that jobs end in without a cancel, and one that a cancel leads to: rights may be looked up anew there."""
    by_cancel = settled_after(bench.spec, bench.lifecycle, bench.cancellable[0])
    both = ([each for each in bench.refusing if (each in by_cancel) is cancelled] for cancelled in (False, True))
    return [states[0] for states in both if states]


def _kept_out(case: Case, operation: Operation, job: Job, identity: str) -> None:
    bench = case.bench
    answer = case.left_alone(job, bench.calls.of(operation, job), f"{identity} on a job of another tenant", identity)
    case.refused(answer, "other_tenant")
    if answer.refused and _hides(operation):
        absent = bench.absent_id()
        _alike(case, answer, case.send(bench.calls.of(operation, job, id=absent), identity), absent)


def _not_ours(case: Case, operation: Operation, job: Job) -> None:
    bench = case.bench
    call = bench.calls.of(operation, id=job.id)
    if call.target == bench.calls.of(operation, job).target:
        raise NotAvailable("the vendor's paths have no scope besides the id")
    case.one_of(case.send(call), (), "a job of another tenant under a scope of ours")


def _hides(operation: Operation) -> bool:
    """Whether the vendor answers for another tenant's job exactly as for one that does not exist."""
    refused = operation.effect.refused if operation.effect else {}
    kinds = [
        {(each.statuses, each.codes) for each in refused.get(reason, ())} for reason in ("other_tenant", "unknown")
    ]
    return bool(kinds[0]) and kinds[0] == kinds[1]


def _alike(case: Case, answer: Answer, unknown: Answer, absent: str) -> None:
    job = answer.call.job
    told, baseline = _told(answer, job.id if job else ""), _told(unknown, absent)
    if told != baseline:
        expected = f"what a job that does not exist is answered with: {baseline[:200]}"
        case.fails(answer, expected, "its existence shows", found=told[:200])


def _told(answer: Answer, id: str) -> str:
    """Status and body without what is different each time: the id asked for, other ids and numbers."""
    body = answer.reply.body.decode("utf-8", "replace").replace(id, "*")
    return f"{answer.status} {_VARIABLE.sub('*', scrub(body))}"


def _not_listed(case: Case, job: Job) -> None:
    bench = case.bench
    answer = case.send(bench.call("list", job), STRANGER)
    items = value_at(answer.reply.json, bench.effect_of(answer.call).items or "") if answer.ok else None
    for item in items if isinstance(items, list) else ():
        if value_at(item, bench.lifecycle.id) == job.id:
            case.fails(answer, "a list without jobs of other tenants", "listed for a stranger", job=job)


CLAIM = Claim(
    id="other_tenants_job_is_out_of_reach",
    meaning="a job of another tenant can be neither read, listed nor changed, and its existence does not show",
    source="the operations' `other_tenant` refusals",
    check=check,
    identities=frozenset({"owner", "stranger"}),
)
