"""`envelope` and `pretty` change how an answer is wrapped, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.answer import Answer
from contracts.applicability import wrapping_only
from contracts.bench import Bench
from contracts.calls import Call
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.claims.cancel_shows_at_once import shows
from contracts.comparison import differences
from contracts.journeys import Attempt
from contracts.supply.job import NotAvailable

ATTEMPTS = 3  # looks at a job that moves on between two reads


def check(bench: Bench) -> None:
    """One case an operation that reads and parameter; one for a cancel that asks for both."""
    for trigger in ("read", "list"):
        for pretty in ("true", "false"):
            with bench.case() as case:
                call = case.call(trigger, case.job())
                _same(case, call, call.asking(pretty=pretty), f"pretty={pretty}", unwrap=False)
        with bench.case() as case:
            call = case.call(trigger, case.job())
            _same(case, call, call.asking(envelope="true"), "envelope=true", unwrap=True)
        with bench.case() as case:
            call = case.call(trigger, case.job())
            _same(case, call, call.asking(envelope="false"), "envelope=false", unwrap=False)
    with bench.case() as case:
        _cancels(case)


def _same(case: Case, plain: Call, wrapped: Call, kind: str, *, unwrap: bool) -> None:
    for _ in range(ATTEMPTS):
        before, answer, after = case.send(plain), case.send(wrapped), case.send(plain)
        if before.reply.json == after.reply.json:
            break
    else:
        raise NotAvailable("the job reads differently each time")
    if not answer.ok:
        case.fails(answer, f"2xx, as without {kind}", f"{kind} refused")
        return
    body = _unwrapped(case, answer, before.reply.json) if unwrap else answer.reply.json
    if found := _different(before.reply.json, body):
        case.fails(answer, f"the same content as without {kind}", f"{kind} changes the content", changed=found)


def _different(plain: Any, wrapped: Any) -> list[str]:
    """Links may repeat the query they were asked for with."""
    return differences(plain, wrapped, ("links", "results.links"))


def _unwrapped(case: Case, answer: Answer, plain: Any) -> Any:
    """One job is put into `content` (`envelope` on older pages); a list, an envelope already, gains `status`."""
    body = answer.reply.json
    if not isinstance(body, Mapping) or body.get("status") != answer.status:
        case.fails(answer, f"`status`: {answer.status} in the envelope", "no status in the envelope")
        return plain
    for name in ("content", "envelope"):
        if name in body:
            return body[name]
    return {name: value for name, value in body.items() if name != "status"}


def _cancels(case: Case) -> None:
    job = case.job(fresh=True)
    before = case.readable(job)
    answer = case.send(case.call("cancel", job).asking(envelope="true", pretty="true"))
    after = case.read(job)
    if case.accepted(answer, before, after):
        shows(case, Attempt(before, answer, after))


CLAIM = Claim(
    id="envelope_and_pretty_agree",
    meaning="`envelope` and `pretty` change the wrapping only",
    source="the vendor's general API principles, in the spec's `envelope` and `pretty` parameters",
    check=check,
    stage=Stage.MANNERS,
    not_for=wrapping_only,
)
