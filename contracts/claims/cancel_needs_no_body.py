"""Where cancel has no body, real clients still send one: an empty one of type JSON, or `{}`. All mean the same."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.calls import JSON, Call
from contracts.claim import Claim, Stage
from contracts.claims.cancel_shows_at_once import shows
from contracts.journeys import Attempt
from specs import Spec

BODIES: dict[str, bytes | None] = {
    "an empty body of type JSON": b"",
    "an empty object": b"{}",
}


def check(bench: Bench) -> None:
    """One case a body."""
    for kind, body in BODIES.items():
        with bench.case() as case:
            job = case.job()
            before = case.readable(job)
            plain = case.call("cancel", job)
            call = Call(plain.method, plain.target, {"Content-Type": JSON}, body, plain.operation, job)
            answer = case.send(call)
            after = case.read(job)
            if not answer.ok:
                case.fails(answer, f"2xx: {kind} is as good as none", kind, state=before.state)
                continue
            shows(case, Attempt(before, answer, after))


def bodiless_only(spec: Spec) -> str | None:
    """For vendors whose cancel takes no body."""
    cancel = spec.operation(spec.cancellable.resource, "cancel")
    return "the vendor's cancel takes a body" if cancel and "requestBody" in cancel.definition else None


CLAIM = Claim(
    id="cancel_needs_no_body",
    meaning="a cancel without a body, with an empty one and with `{}` are answered alike",
    source="published clients: the cf CLI sends an empty body of type JSON, pyomsdk sends `{}`",
    check=check,
    stage=Stage.MANNERS,
    not_for=bodiless_only,
)
