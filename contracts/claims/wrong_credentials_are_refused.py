"""Wrong credentials of every kind get the documented refusal, and the job stays as it is."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.claim import Claim
from contracts.forgery import forgeries
from contracts.identity import OWNER
from contracts.supply.job import NotAvailable


def check(bench: Bench) -> None:
    """One case a kind of wrong credentials, for cancel; the plainest kind for every operation."""
    signer = bench.sender.credentials[OWNER]
    kinds = [each.kind for each in forgeries(signer, bench.call("list"), bench.chance)]
    for number, kind in enumerate(kinds):
        with bench.case() as case:
            job = case.job()
            call = case.call("cancel", job)
            forgery = list(forgeries(signer, call, bench.chance))[number]
            answer = case.left_alone(job, call, kind, None, authorization=forgery.header)
            reasons = ("wrong_credentials",) if forgery.plain else ("wrong_credentials", "unauthenticated")
            case.refused(answer, *reasons, kind=kind)
    for operation in bench.job_operations:
        with bench.case() as case:
            job = case.job()
            call = bench.calls.of(operation, job)
            forgery = next(forgeries(signer, call, bench.chance))
            answer = case.left_alone(job, call, forgery.kind, None, authorization=forgery.header)
            case.refused(answer, "wrong_credentials", kind=forgery.kind)
    for trigger in ("list", "create"):
        with bench.case() as case:
            if not bench.allows(trigger):
                raise NotAvailable(f"the target's `may` does not allow {trigger}")
            call = case.call(trigger)
            forgery = next(forgeries(signer, call, bench.chance))
            case.refused(case.send(call, None, authorization=forgery.header), "wrong_credentials", kind=forgery.kind)


CLAIM = Claim(
    id="wrong_credentials_are_refused",
    meaning="a request with wrong credentials gets the documented refusal and changes nothing",
    source="the operations' `wrong_credentials` refusals; RFC 7616, RFC 6750",
    check=check,
)
