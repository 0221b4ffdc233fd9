"""What the documents leave open about a generated request and its reply: either way, a server is right."""

from __future__ import annotations

from typing import Any

from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation

from contracts.exchange import Reply
from specs.model import Operation

ABOUT_BODIES = frozenset({"content_type_conformance", "response_schema_conformance"})


def may_be_empty(operation: Operation, check: str, reply: Reply) -> bool:
    """Whether a check asks for the body of a success that may come without one."""
    optional = operation.effect is not None and operation.effect.body_optional
    return optional and check in ABOUT_BODIES and reply.ok and not reply.body


def left_open(operation: Operation, case: Case[Any]) -> bool:
    """Whether all that is wrong with a request is in parameters that the spec calls open."""
    parts = case.meta.components if case.meta else {}
    wrong = [place for place, part in parts.items() if part.mode.is_negative]
    return bool(wrong) and all(_is_open(operation, place) for place in wrong)


def _is_open(operation: Operation, place: ParameterLocation) -> bool:
    parameters = [each for each in operation.parameters if each.where == place.value]
    return bool(parameters) and all(each.open for each in parameters)
