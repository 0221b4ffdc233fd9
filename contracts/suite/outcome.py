"""From what Schemathesis showed to verdicts: held, broken, or not tested and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import requests

from contracts.claim import Outcome
from contracts.curl import curl
from contracts.exchange import Exchange
from contracts.identity import OWNER
from contracts.notebook import Found, Page, received_of
from contracts.promises import NO_SERVER_ERRORS, PROMISE_OF_CHECK, PROMISES, Promise
from contracts.suite.collector import Collector, Failed, Sent
from contracts.suite.driver import LABEL, Drive
from contracts.suite.judgement import expectation
from contracts.supply.job import Job
from contracts.verdict import ClaimResult, Finding, Verdict
from specs import Spec

CONFIRMED_AT_MOST = 2  # unanswered requests of one operation that are sent once more


def outcomes(run: Drive, collector: Collector) -> tuple[Outcome, ...]:
    """One outcome for each promise."""
    found = [_found(run, cause, failed) for cause, several in collector.failed.items() for failed in several]
    found += _unanswered(run)
    return tuple(_outcome(promise, collector, run.guard.spec, found) for promise in PROMISES)


def _outcome(promise: Promise, collector: Collector, spec: Spec, found: Iterable[Found]) -> Outcome:
    own = tuple(each for each in found if each.finding.claim == promise.id)
    cases = collector.cases[promise.id]
    if own:
        return Outcome(ClaimResult(promise.id, Verdict.BROKEN, max(cases, len(own))), own)
    if reason := _untested(collector, cases):
        return Outcome(ClaimResult(promise.id, Verdict.NOT_TESTED, reason=reason))
    return Outcome(ClaimResult(promise.id, Verdict.HELD, cases, reason=_half_tested(collector, spec)))


def _untested(collector: Collector, cases: int) -> str:
    """Why nothing can be said, or nothing."""
    if collector.errors:
        return f"Schemathesis could not go on: {collector.errors[0]}"
    if not collector.finished or collector.interrupted:
        return "the run was stopped before it was done"
    statuses = {status for _, status in collector.answers}
    if statuses and statuses <= {401, 403}:
        return "every answer was 401 or 403"
    if not any(200 <= status < 300 for status in statuses):
        return "no generated request succeeded"
    return "" if cases else "no such request could be generated"


def _half_tested(collector: Collector, spec: Spec) -> str:
    """Which operations were met in refusals only: the claim holds as far as it was seen."""
    reached = collector.reached()
    refused = [name for name, statuses in reached.items() if not any(200 <= status < 300 for status in statuses)]
    return f"only refusals seen of {', '.join(spec.operations[name].label for name in refused)}" if refused else ""


def _found(run: Drive, cause: str, failed: Failed) -> Found:
    promise = PROMISE_OF_CHECK[failed.check]
    return Found(
        _finding(run.guard.spec, promise, failed.sent, expectation(failed.failure), cause), _steps(run, failed.sent)
    )


def _finding(spec: Spec, promise: Promise, sent: Sent, expected: str, cause: str) -> Finding:
    operation = spec.operations[sent.exchange.operation_id]
    return Finding(
        claim=promise.id,
        operation=operation.label,
        state=sent.state,
        expected=expected,
        received=_received(sent.exchange),
        evidence=operation.evidence,
        curl=curl(sent.exchange.outgoing),
        ids=sent.exchange.ids,
        cause=cause,
    )


def _received(exchange: Exchange) -> dict[str, object]:
    if exchange.reply is None:
        return {"failure": exchange.failure}
    return received_of(exchange.reply) | {"type": exchange.reply.media_type}


def _steps(run: Drive, sent: Sent) -> tuple[Mapping[str, Any], ...]:
    """A job like the one the request was about, and the request."""
    page = Page()
    for id in sent.exchange.ids:
        if run.guard.ledger.is_ours(id):
            page.lease(Job(id, run.guard.ledger.parameters_of(id), LABEL, state=sent.state or None))
    page.send(sent.exchange.outgoing, OWNER)
    return tuple(page.steps)


def _unanswered(run: Drive) -> Iterator[Found]:
    """Requests that nobody answered, twice: once may be the network, twice is the server."""
    silent: dict[str, list[Exchange]] = {}
    for exchange in run.guard.journal:
        if exchange.label == LABEL and exchange.failure and exchange.reply is None:
            silent.setdefault(exchange.operation_id, []).append(exchange)
    for operation, exchanges in silent.items():
        for exchange in exchanges[:CONFIRMED_AT_MOST]:
            if not _is_answered(run, exchange):
                sent = Sent(exchange, "")
                cause = f"{run.guard.spec.operations[operation].label}: no answer"
                yield Found(_finding(run.guard.spec, NO_SERVER_ERRORS, sent, "an answer", cause), _steps(run, sent))


def _is_answered(run: Drive, exchange: Exchange) -> bool:
    outgoing = exchange.outgoing
    headers = {name: value for name, value in outgoing.headers.items() if name != "authorization"}
    try:
        requests.request(
            outgoing.method, outgoing.url, headers=headers, data=outgoing.body, auth=run.auth,
            timeout=run.guard.target.timeout, verify=str(run.guard.target.tls_ca) if run.guard.target.tls_ca else True,
        )  # fmt: skip
    except requests.RequestException:
        return False
    return True
