"""Requests that mean the same cancel are answered alike, however a client words them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from contracts.answer import Answer
from contracts.bench import Bench
from contracts.calls import JSON, Call
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.claims.cancel_shows_at_once import shows
from contracts.journeys import Attempt
from contracts.refusals import summary
from contracts.supply.job import Job, NotAvailable

Wording = Callable[[Call], Call]


def check(bench: Bench) -> None:
    """One case a wording, on a job that refuses it anyway; the most common one also on a job that accepts it."""
    wordings = WITHOUT_BODY if bench.call("cancel", id="x").body is None else WITH_BODY
    for kind, word in {**EVERYWHERE, **wordings}.items():
        with bench.case() as case:
            _refused_alike(case, kind, word)
    kind, word = next(iter(wordings.items()))
    with bench.case() as case:
        _accepted(case, kind, word)


def _refused_alike(case: Case, kind: str, word: Wording) -> None:
    job = _refusing(case)
    call = case.call("cancel", job)
    usual = case.send(call)
    _alike(case, usual, case.send(word(call)), kind)


def _refusing(case: Case) -> Job:
    for state in case.bench.refusing:
        try:
            return case.job(state)
        except NotAvailable:
            continue
    raise NotAvailable("no job in a state that refuses cancel")


def _alike(case: Case, usual: Answer, answer: Answer, kind: str) -> None:
    said, expected = (summary(case.bench.spec, each.reply) for each in (answer, usual))
    if said != expected:
        case.fails(answer, f"{expected}, as without {kind}", kind, found=said)


def _accepted(case: Case, kind: str, word: Wording) -> None:
    job = case.job()
    before = case.readable(job)
    answer = case.send(word(case.call("cancel", job)))
    after = case.read(job)
    if case.accepted(answer, before, after):
        shows(case, Attempt(before, answer, after))


def _with_headers(**headers: str) -> Wording:
    return lambda call: call.wearing(**headers)


def _with_body(body: bytes) -> Wording:
    return lambda call: replace(call, body=body, headers={**call.headers, "Content-Type": JSON})


EVERYWHERE: Mapping[str, Wording] = {
    "`Accept: */*`": _with_headers(Accept="*/*"),
    "`Connection: close`": _with_headers(Connection="close"),
    "a header nobody knows": _with_headers(X_Request_Source="countermand"),
}
WITHOUT_BODY: Mapping[str, Wording] = {
    "an empty object": _with_body(b"{}"),  # pyomsdk
    "an empty body of type JSON": _with_body(b""),  # the cf CLI
}
WITH_BODY: Mapping[str, Wording] = {
    "a charset": _with_headers(Content_Type="application/json; charset=utf-8"),  # .NET's HttpClient
}

CLAIM = Claim(
    id="equal_cancels_are_answered_alike",
    meaning="cancels that differ in an empty body, `{}`, a charset or a header without meaning are answered alike",
    source="published clients: the cf CLI sends an empty body of type JSON, pyomsdk `{}`, .NET a charset",
    check=check,
    stage=Stage.MANNERS,
)
