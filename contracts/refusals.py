"""How a vendor says no: which refusals a spec documents for a reason, and whether a reply is one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contracts.exchange import Reply
from specs import Spec
from specs.lifecycle import MISSING, value_at
from specs.model import Effect, Refusal


def documented(effect: Effect, *reasons: str, state: str | None = None) -> tuple[Refusal, ...]:
    """The refusals for any of these reasons; for a wrong state those that are for this one."""
    every = (refusal for reason in reasons for refusal in effect.refused.get(reason, ()))
    return tuple(refusal for refusal in every if not refusal.states or state is None or state in refusal.states)


def code_of(spec: Spec, reply: Reply) -> Any:
    """The vendor's machine-readable code in an error body, or MISSING."""
    return value_at(reply.json, spec.error.code)


def met(spec: Spec, refusals: Iterable[Refusal], reply: Reply) -> Refusal | None:
    """Which of the documented refusals a reply is, or None."""
    code = code_of(spec, reply)
    return next((each for each in refusals if reply.status in each.statuses and _code_fits(each, code)), None)


def _code_fits(refusal: Refusal, code: Any) -> bool:
    return not refusal.codes or any(type(code) is type(each) and code == each for each in refusal.codes)


def described(refusals: Iterable[Refusal]) -> str:
    """Refusals as a finding puts them: `409 job_not_cancellable, or 400`."""
    texts = dict.fromkeys(_described(refusal) for refusal in refusals)
    return ", or ".join(texts) or "a refusal (4xx)"


def _described(refusal: Refusal) -> str:
    statuses = "/".join(map(str, refusal.statuses))
    return f"{statuses} {'/'.join(map(str, refusal.codes))}".strip()


def summary(spec: Spec, reply: Reply) -> str:
    """What a reply said, in a few words: `404 job_not_found`."""
    code = code_of(spec, reply)
    return str(reply.status) if code is MISSING else f"{reply.status} {code}"


def evidence_of(refusals: Iterable[Refusal]) -> tuple[str, ...]:
    """The evidence of refusals, each entry once."""
    return tuple(dict.fromkeys(entry for refusal in refusals for entry in refusal.evidence))
