"""The reply to a create tells the truth: a job that was not there before, in a starting state, that reads the same.

Asked late, and right after another job was cancelled, which must not show in a new one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from contracts.bench import Bench
from contracts.calls import example_bodies
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.comparison import differences, overlap
from contracts.refusals import summary
from contracts.supply.created import Created
from contracts.supply.job import Job, NotAvailable
from specs import Spec
from specs.lifecycle import value_at
from specs.model import Operation


def check(bench: Bench) -> None:
    """One case a body: the target's, or the spec's examples. Where the reply shows no job, the list has to."""
    given = bench.target.supply.create_body
    operation = bench.reader.operation("create")
    bodies = [given] if given is not None else example_bodies(operation) if operation else []
    for body in bodies:
        with bench.case() as case:
            _cancel_another(case)
            (_reads_as_told if _shows(operation) else _starts)(case, body)


def _cancel_another(case: Case) -> None:
    """What was done to other jobs last is a cancel, where one may be cancelled."""
    if case.bench.allows("cancel"):
        with suppress(NotAvailable):
            case.cancel(case.job())


def _starts(case: Case, body: Any) -> None:
    """The job that is new in the list is in a state that jobs start in, or go on to by themselves."""
    bench = case.bench
    supply = Created.with_body(None, bench.reader, bench.guard.ledger, bench.patience)
    if supply is None:
        raise NotAvailable("the vendor has no create")
    job = supply.make(body)
    bench.stock.leased.append(job)
    bench.notebook.page.lease(job)
    now = case.read(job)
    allowed = {state for first in bench.lifecycle.initial for state in bench.by_itself(first)}
    if now.state not in allowed:
        expected = f"a state that jobs start in: {' or '.join(bench.lifecycle.initial)}, or what follows it by itself"
        case.fails(now.answer, expected, "starts elsewhere", job=job, found=now.shown)


def _reads_as_told(case: Case, body: object) -> None:
    bench = case.bench
    listed = bench.reader.listing().items
    answer = case.send(case.call("create", body=body))
    if not answer.ok:
        raise NotAvailable(f"create was answered {summary(bench.spec, answer.reply)}")
    told = bench.reader.reading(answer)
    place = bench.effect_of(answer.call).id
    id = value_at(told.representation, place.name) if place else None
    if not isinstance(id, str) or id in listed:
        case.fails(answer, "the id of a job that was not there before", "no new id", found=id)
        return
    job = Job(id, dict(bench.scope), "create", state=told.state)
    bench.stock.leased.append(job)
    now = case.read(job)
    if told.state not in bench.lifecycle.initial:
        expected = " or ".join(bench.lifecycle.initial)
        case.fails(answer, f"a state that jobs start in: {expected}", "starts elsewhere", found=told.shown)
    elif now.state == told.state:
        found = differences(*overlap(told.representation, now.representation), bench.lifecycle.volatile)
        if found:
            case.fails(answer, "the job as it reads right afterwards", "reply and read differ", differences=found)
    elif now.state not in bench.by_itself(told.state):
        case.fails(now.answer, f"{told.state}, as the reply said", "reads as another state", found=now.shown)


def _shows(create: Operation | None) -> bool:
    """Whether the reply to a create shows the job."""
    place = create.effect.id if create and create.effect else None
    return place is not None and place.where == "response"


def uncreated(spec: Spec) -> str | None:
    """For vendors whose jobs can be created."""
    return None if spec.operation(spec.cancellable.resource, "create") else "the vendor has no create"


CLAIM = Claim(
    id="created_job_reads_as_told",
    meaning="the reply to a create (or else the list) shows a new job in a starting state, as the next read does",
    source="the spec's lifecycle: initial states; the create operation's reply",
    check=check,
    stage=Stage.REVIEW,
    not_for=uncreated,
    effects=frozenset({"read", "create"}),
)
