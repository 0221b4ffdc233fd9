"""What cannot be an id is refused as documented, never with a 5xx, and no job of ours changes."""

from __future__ import annotations

from typing import Any

from contracts.bench import Bench
from contracts.calls import example_body, with_member, without_member
from contracts.claim import Claim
from contracts.identifiers import IdShape
from contracts.ledger import ForeignId
from contracts.supply.job import Job, NotAvailable
from specs.model import Operation

HUGE = 2**64  # more than any integer of a database
PLAIN = ("x", "0", "null", "undefined", "not-an-id", "-1", "00000000", str(HUGE), "{short}", "{id}0", "0{id}")
NO_IDS = ("\0", "\n", "\u2603", "%", "'", '"', "*", "[]", "<x>", "${x}", "a" * 300)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}  # letters as wide as Chinese ones, which NFKC takes for them
NEARLY = (
    "{wide}",
    "{id}\0",
    "{id}'",
    "{id} ",
    " {id}",
    "{id}\n",
    "{id},{id}",
    "{short}%",
    "{short}_",
    "{short}*",
    "{short}.",
)
HOSTILE = (*NO_IDS, *NEARLY)
NO_TEXTS: tuple[Any, ...] = (None, 0, HUGE, 1.5, True, [], {}, "", ["{id}"], {"id": "{id}"})
NO_BODIES = (b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"\0", b'{"a":')


def check(bench: Bench) -> None:
    """One case a malformed id and operation; where the id travels in a body, also one a malformed body."""
    for operation in bench.job_operations:
        for text in PLAIN:
            _plain(bench, operation, text)
        for text in HOSTILE:
            _hostile(bench, operation, text)
        place = operation.effect.id if operation.effect else None
        if place and place.where == "body":
            _bodies(bench, operation, place.name)


def _plain(bench: Bench, operation: Operation, text: str) -> None:
    """Letters, digits and dashes only: nothing on the way to the vendor's own check stumbles over them."""
    with bench.case() as case:
        job = case.job()
        id = _reserved(bench, text, job)
        call = bench.calls.of(operation, job, id=id)
        answer = case.left_alone(job, call, f"the id {text}")
        fits = IdShape.of(bench.spec, operation).valid(id)
        case.refused(answer, *(("unknown", "malformed") if fits else ("malformed",)), kind=f"the id {text}")


def _hostile(bench: Bench, operation: Operation, text: str) -> None:
    """Any refusal will do: a proxy or web server in front may be the one to give it."""
    with bench.case() as case:
        job = case.job()
        answer = case.left_alone(
            job, bench.calls.of(operation, job, id=_reserved(bench, text, job)), f"the id {text!r}"
        )
        case.one_of(answer, (), f"the id {text!r}")


def _bodies(bench: Bench, operation: Operation, name: str) -> None:
    example = example_body(operation) or {}
    for value in NO_TEXTS:
        with bench.case() as case:
            job = case.job()
            body = with_member(example, name, _filled(value, job))
            answer = case.left_alone(job, bench.calls.of(operation, job, body=body), f"{name}: {value!r}")
            case.refused(answer, "malformed", "invalid", kind=f"{name}: {value!r}")
    for body in (without_member(example, name), *NO_BODIES):
        with bench.case() as case:
            job = case.job()
            answer = case.left_alone(job, bench.calls.of(operation, job, body=body), f"the body {body!r}")
            case.refused(answer, "malformed", "invalid", kind=f"the body {body!r}")
    with bench.case() as case:
        job = case.job()
        call = bench.calls.of(operation, job, body=without_member(example, name))
        answer = case.left_alone(job, call.asking(**{name: job.id}), f"{name} in the query")
        case.refused(answer, "malformed", "invalid", kind=f"{name} in the query")


def _reserved(bench: Bench, text: str, job: Job) -> str:
    """The id, once it is sure that no job seen has it."""
    id = text.replace("{id}", job.id).replace("{short}", job.id[:-1]).replace("{wide}", job.id.translate(WIDE))
    try:
        bench.guard.ledger.reserve(id)
    except ForeignId:
        raise NotAvailable(f"a job with the id {id} exists") from None
    return id


def _filled(value: Any, job: Job) -> Any:
    if value == ["{id}"]:
        return [job.id]
    return {"id": job.id} if value == {"id": "{id}"} else value


CLAIM = Claim(
    id="malformed_id_is_refused",
    meaning="an id that cannot be one gets the documented refusal, never a 5xx; nothing is cancelled",
    source="the operations' `malformed` refusals",
    check=check,
)
