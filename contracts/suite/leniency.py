"""What the documents leave open about a generated request: whether a server refuses it or not, it is right."""

from __future__ import annotations

from typing import Any

from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation

from specs.model import Operation


def left_open(operation: Operation, case: Case[Any]) -> bool:
    """Whether all that is wrong with a request is in parameters that the spec calls open."""
    parts = case.meta.components if case.meta else {}
    wrong = [place for place, part in parts.items() if part.mode.is_negative]
    return bool(wrong) and all(_is_open(operation, place) for place in wrong)


def _is_open(operation: Operation, place: ParameterLocation) -> bool:
    parameters = [each for each in operation.parameters if each.where == place.value]
    return bool(parameters) and all(each.open for each in parameters)
