"""The reply to a create tells the truth: a job that was not there before, in a starting state, that reads the same.

Asked last: what was done to other jobs must not show in a new one.
"""

from __future__ import annotations

from contracts.bench import Bench
from contracts.calls import example_bodies
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.comparison import differences, overlap
from contracts.refusals import summary
from contracts.supply.job import Job, NotAvailable
from specs import Spec
from specs.lifecycle import value_at


def check(bench: Bench) -> None:
    """One case a body: the target's, or the spec's examples."""
    given = bench.target.supply.create_body
    operation = bench.reader.operation("create")
    bodies = [given] if given is not None else example_bodies(operation) if operation else []
    for body in bodies:
        with bench.case() as case:
            _reads_as_told(case, body)


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


def silent(spec: Spec) -> str | None:
    """For vendors whose create shows the job."""
    create = spec.operation(spec.cancellable.resource, "create")
    shows = create and create.effect and create.effect.id and create.effect.id.where == "response"
    return None if shows else "the vendor's create does not show the job"


CLAIM = Claim(
    id="created_job_reads_as_told",
    meaning="the reply to a create shows a new job in a starting state, as the next read does",
    source="the spec's lifecycle: initial states; the create operation's reply",
    check=check,
    stage=Stage.REVIEW,
    not_for=silent,
    effects=frozenset({"read", "create"}),
)
