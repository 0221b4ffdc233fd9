"""Every error body has the vendor's shape, and what it says of its own status is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from contracts.answer import Answer
from contracts.bench import Bench
from contracts.claim import Claim, Stage
from contracts.conformance import documented_response
from contracts.errors_met import errors_met
from contracts.refusals import summary

STATUS_MEMBERS = frozenset({"status", "error", "statusCode", "status_code"})
REASON_MEMBERS = frozenset({"reason", "statusText"})
PHRASES = {status.phrase: status.value for status in HTTPStatus}


def check(bench: Bench) -> None:
    """One case a distinct refusal that any claim has met."""
    seen = set()
    for answer in errors_met(bench):
        kind = (answer.call.label, summary(bench.spec, answer.reply), answer.reply.media_type)
        if kind in seen or not answer.refused or answer.call.operation is None:
            continue
        seen.add(kind)
        with bench.case() as case:
            for problem, found in _problems(bench, answer):
                case.fails(answer, problem, f"{answer.status} {problem}", found=found)


def _problems(bench: Bench, answer: Answer) -> Iterator[tuple[str, str]]:
    operation = answer.call.operation
    if operation is None or documented_response(operation, answer.status) is None:
        return
    bodiless = answer.outgoing.method == "HEAD"
    for each in bench.sender.conformance.violations(operation, answer.reply, bodiless=bodiless):
        if each.kind in {"body", "media type"}:
            yield each.expected, each.found
    yield from _contradictions(answer.status, answer.reply.json)


def _contradictions(status: int, body: Any) -> Iterator[tuple[str, str]]:
    """What the body says of the status, against the status."""
    for name, value in body.items() if isinstance(body, Mapping) else ():
        if name in STATUS_MEMBERS and _is_status(value) and value != status:
            yield f"the status {status} in `{name}`", str(value)
        if name in REASON_MEMBERS and PHRASES.get(value, status) != status:
            yield f"the reason of {status} in `{name}`", str(value)


def _is_status(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600


CLAIM = Claim(
    id="errors_wear_the_vendor_envelope",
    meaning="error bodies have the vendor's shape and say the status they are sent with",
    source="the spec's error schema and documented responses",
    check=check,
    stage=Stage.REVIEW,
)
