"""The errors that a run has met so far, whoever provoked them."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.answer import Answer
from contracts.bench import Bench
from contracts.calls import Call


def errors_met(bench: Bench) -> Iterator[Answer]:
    """Every 4xx and 5xx in the journal; where there is none yet, a few are provoked first."""
    if not any(exchange.reply and exchange.reply.status >= 400 for exchange in bench.guard.journal):
        _provoke(bench)
    for exchange in list(bench.guard.journal):
        reply, sent = exchange.reply, exchange.outgoing
        if reply is not None and reply.status >= 400:
            operation = bench.spec.operations.get(exchange.operation_id)
            call = Call(sent.method, sent.target, operation=operation)
            yield Answer(call, reply, None, sent)


def _provoke(bench: Bench) -> None:
    """Refusals that touch no job: no credentials, and an id that no job has."""
    with bench.case() as case:
        job = case.job()
        case.send(case.call("read", job), None)
        case.send(case.call("cancel", job, id=bench.absent_id()))
