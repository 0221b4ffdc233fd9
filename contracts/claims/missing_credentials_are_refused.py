"""Without credentials every operation answers the documented refusal, and the job stays as it is."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.claim import Claim
from contracts.supply.job import NotAvailable

EMPTY = ("", "Bearer", "Digest", "Basic")


def check(bench: Bench) -> None:
    """One case an operation; for cancel also with an Authorization header that says nothing."""
    for operation in bench.job_operations:
        with bench.case() as case:
            job = case.job()
            call = bench.calls.of(operation, job)
            answer = case.left_alone(job, call, "a request without credentials", None)
            case.refused(answer, "unauthenticated")
    for header in EMPTY:
        with bench.case() as case:
            job = case.job()
            kind = f"Authorization: {header}".strip()
            answer = case.left_alone(job, case.call("cancel", job), kind, None, authorization=header)
            case.refused(answer, "unauthenticated", "wrong_credentials", kind=kind)
    for trigger in ("list", "create"):
        with bench.case() as case:
            if not bench.allows(trigger):
                raise NotAvailable(f"the target's `may` does not allow {trigger}")
            case.refused(case.send(case.call(trigger), None), "unauthenticated")
    with bench.case() as case:
        job = case.job()
        unknown = case.send(case.call("cancel", job, id=bench.absent_id()), None)
        case.refused(unknown, "unauthenticated", kind="an unknown job without credentials")
    with bench.case() as case:
        answer = case.send(case.call("read", case.job()).using("HEAD"), None)
        if answer.ok:
            case.fails(answer, "a refusal", "HEAD needs no credentials")


CLAIM = Claim(
    id="missing_credentials_are_refused",
    meaning="a request without credentials gets the documented refusal and changes nothing",
    source="the operations' `unauthenticated` refusals; RFC 9110 section 15.5.2",
    check=check,
)
