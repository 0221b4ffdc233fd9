"""An Authorization header seen on the wire is of no use to anyone else: not again, not elsewhere, not otherwise."""

from __future__ import annotations

from contracts.applicability import digest_only
from contracts.bench import Bench
from contracts.calls import Call
from contracts.case import Case
from contracts.claim import Claim
from contracts.claims.digest_handshake_cancels_once import signer
from contracts.digest import header_of
from contracts.supply.job import NotAvailable


def check(bench: Bench) -> None:
    """One case for the same count twice, and one each for a header made for another address, method or request."""
    with bench.case() as case:
        _again(case, case.call("read", case.job()))
    with bench.case() as case:
        _again(case, _refused_cancel(case))
    with bench.case() as case:
        _an_older_one(case, case.call("read", case.job()))
    for kind in ("another path", "another job's path", "another method", "a changed uri"):
        with bench.case() as case:
            _elsewhere(case, kind)


def _refused_cancel(case: Case) -> Call:
    """A cancel that may be sent twice: the job's state refuses it anyway."""
    for state in case.bench.refusing:
        try:
            return case.call("cancel", case.job(state))
        except NotAvailable:
            continue
    raise NotAvailable("no job in a state that refuses cancel")


def _again(case: Case, call: Call) -> None:
    digest = signer(case.bench)
    header = header_of(digest.answer(digest.challenge(), call.method, call.target))
    first = case.send(call, None, authorization=header)
    if first.status == 401:
        case.fails(first, "an answer to the request: its credentials are right", "right credentials refused")
        return
    case.refused(case.send(call, None, authorization=header), "wrong_credentials", kind="the same nc again")


def _an_older_one(case: Case, call: Call) -> None:
    """The first count of a nonce again after the second: a server has to remember more than the last."""
    digest = signer(case.bench)
    challenge = digest.challenge()
    first, second = (header_of(digest.answer(challenge, call.method, call.target, nc=count)) for count in (1, 2))
    if not case.send(call, None, authorization=first).ok or not case.send(call, None, authorization=second).ok:
        raise NotAvailable("a nonce is good for one request only")
    case.refused(case.send(call, None, authorization=first), "wrong_credentials", kind="an older nc again")


def _elsewhere(case: Case, kind: str) -> None:
    job = case.job()
    call = case.call("cancel", job)
    digest = signer(case.bench)
    challenge = digest.challenge()
    method, target = {
        "another path": (call.method, case.call("list", job).target),
        "another job's path": (call.method, case.call("cancel", job, id=case.bench.absent_id()).target),
        "another method": ("OPTIONS", call.target),
        "a changed uri": (call.method, call.target),
    }[kind]
    fields = digest.answer(challenge, method, target)
    if kind == "a changed uri":
        fields["uri"] = case.call("list", job).target
    answer = case.left_alone(job, call, f"a header for {kind}", None, authorization=header_of(fields))
    case.refused(answer, "wrong_credentials", kind=f"a header for {kind}")


CLAIM = Claim(
    id="digest_replay_is_refused",
    meaning="a replayed `nc`, a foreign `uri` or method in the Authorization header is refused",
    source="RFC 7616 sections 3.4.6 and 5.5",
    check=check,
    not_for=digest_only,
)
