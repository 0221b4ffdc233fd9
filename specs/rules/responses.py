"""Is every reply documented so that it can be checked, and shown so that it can be understood?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specs.model import DEFAULT, Operation, Spec
from specs.problems import Problem


def described(file: str, spec: Spec) -> Iterator[Problem]:
    """Every response says what it means, and every body has a schema and an example.

    A variant may drop the examples that do not fit it.
    """
    for operation, status, response in _responses(spec):
        if not response.get("description", "").strip():
            yield _problem(file, operation, status, "no description", "Say when it is given.")
        for media_type, content in response.get("content", {}).items():
            if "schema" not in content:
                yield _problem(file, operation, status, f"no schema for {media_type}", "Add one.")
            elif spec.variant == DEFAULT and not _has_example(content):
                yield _problem(file, operation, status, f"no example for {media_type}", "Add one to `examples`.")


def successes(file: str, spec: Spec) -> Iterator[Problem]:
    """Every operation can succeed."""
    for operation in spec.operations.values():
        if not any(status.startswith("2") for status in operation.definition["responses"]):
            yield Problem(file, operation.label, "documents no success", "Add its 2xx response.")


def _responses(spec: Spec) -> Iterator[tuple[Operation, str, Mapping[str, Any]]]:
    for operation in spec.operations.values():
        for status, response in operation.definition["responses"].items():
            yield operation, status, response


def _has_example(content: Mapping[str, Any]) -> bool:
    return bool(content.get("examples")) or "example" in content or "example" in content["schema"]


def _problem(file: str, operation: Operation, status: str, what: str, remedy: str) -> Problem:
    return Problem(file, operation.label, f"response {status} has {what}", remedy)
