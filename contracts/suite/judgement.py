"""What a failed check of Schemathesis means, in our words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import JsonSchemaError, MissingHeaders, UndefinedStatusCode


def expectation(failure: Failure) -> str:
    """What should have come instead, in one line."""
    for kind, say in _WORDS:
        if isinstance(failure, kind):
            return say(failure)
    return _one_line(failure.message) or failure.title


def difference(check: str, failure: Failure, status: int | None) -> str:
    """The kind of difference: failures that share it, on one operation, have one cause."""
    if isinstance(failure, JsonSchemaError):
        return f"{check} {status} {'/'.join(map(str, failure.schema_path))}"
    if isinstance(failure, MissingHeaders):
        return f"{check} {status} {' '.join(failure.missing_headers)}"
    return f"{check} {type(failure).__name__} {status}"


def _schema(failure: Any) -> str:
    where = ".".join(map(str, failure.instance_path)) or "the body"
    return f"a reply that follows its schema; at {where}: {failure.validation_message}"


def _status(failure: Any) -> str:
    return f"a documented status: {', '.join(failure.defined_status_codes)}"


def _refusal(failure: Any) -> str:
    _, _, component = failure.message.partition("Invalid component: ")
    return f"a refusal of the invalid request ({_one_line(component)})" if component else "a refusal (4xx)"


def _headers(failure: Any) -> str:
    return f"the documented headers {', '.join(failure.missing_headers)}"


_WORDS: tuple[tuple[type[Failure], Callable[[Any], str]], ...] = (
    (JsonSchemaError, _schema),
    (UndefinedStatusCode, _status),
    (AcceptedNegativeData, _refusal),
    (MissingHeaders, _headers),
)


def _one_line(text: str) -> str:
    return " ".join(text.split())
