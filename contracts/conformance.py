"""Whether a reply is one the spec documents: its status, media type, headers and body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from contracts.exchange import NO_JSON, Reply
from contracts.secret import scrub
from specs import Spec
from specs.document import References
from specs.model import Operation
from specs.validation import compiled

MOST = 3  # schema errors named for one body


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a reply differs from its documentation. `kind`: status, media type, header or body."""

    kind: str
    where: str
    expected: str
    found: str


class Conformance:
    """The documented replies of one spec, compiled when first met."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._references = References(spec.document)
        self._validators: dict[tuple[str, ...], jsonschema_rs.Draft4Validator] = {}

    def violations(self, operation: Operation, reply: Reply, *, bodiless: bool = False) -> list[Violation]:
        """Everything about a reply that its operation does not document. `bodiless`: a reply to HEAD."""
        found = documented_response(operation, reply.status)
        if found is None:
            known = ", ".join(operation.definition["responses"])
            return [Violation("status", str(reply.status), f"a documented status ({known})", str(reply.status))]
        status, response = found
        return [
            *self._headers(operation, status, response, reply),
            *(() if bodiless else self._body(operation, status, response, reply)),
        ]

    def representation(self, schema: str, value: Any) -> list[Violation]:
        """Everything about a representation that the named component schema does not allow."""
        if (schema,) not in self._validators:
            resolved = self._references.resolved({"$ref": f"#/components/schemas/{schema}"})
            self._validators[(schema,)] = compiled(resolved, for_reply=True)
        return list(_failures(self._validators[(schema,)], value, schema))

    def _headers(
        self, operation: Operation, status: str, response: Mapping[str, Any], reply: Reply
    ) -> Iterator[Violation]:
        for name, header in response.get("headers", {}).items():
            value = reply.headers.get(name.lower())
            if value is None:
                if header.get("required"):
                    yield Violation("header", name, f"the header {name} with a {reply.status}", "no such header")
                continue
            validator = self._validator(header.get("schema", {}), operation, status, "header", name)
            if not validator.is_valid(_coerced(value, header.get("schema", {}))):
                yield Violation("header", name, f"a {name} that fits its schema", value)

    def _body(
        self, operation: Operation, status: str, response: Mapping[str, Any], reply: Reply
    ) -> Iterator[Violation]:
        content = response.get("content", {})
        if not reply.body:
            optional = reply.ok and operation.effect is not None and operation.effect.body_optional
            if content and not optional:
                yield Violation("body", "", f"a body of {' or '.join(content)}", "an empty body")
        elif not content:
            yield Violation("body", "", f"no body with a {reply.status}", f"{len(reply.body)} bytes")
        elif reply.media_type not in content:
            yield Violation(
                "media type", "", " or ".join(content), reply.headers.get("content-type", "no Content-Type")
            )
        elif reply.media_type.endswith("json"):
            schema = content[reply.media_type].get("schema", {})
            validator = self._validator(schema, operation, status, reply.media_type)
            yield from _failures(validator, reply.json, "")

    def _validator(self, schema: Mapping[str, Any], operation: Operation, *key: str) -> jsonschema_rs.Draft4Validator:
        place = (operation.operation_id, *key)
        if place not in self._validators:
            self._validators[place] = compiled(schema, for_reply=True)
        return self._validators[place]


def documented_response(operation: Operation, status: int) -> tuple[str, Mapping[str, Any]] | None:
    """The response object that covers a status, with its key: exact, `4XX`, or `default`."""
    responses: Mapping[str, Any] = operation.definition["responses"]
    for key in (str(status), f"{status // 100}XX", "default"):
        if key in responses:
            return key, responses[key]
    return None


def _failures(validator: jsonschema_rs.Draft4Validator, value: Any, schema: str) -> Iterator[Violation]:
    if value is NO_JSON:
        yield Violation("body", "", "a JSON body", "no JSON")
        return
    expected = f"a body that fits {schema}" if schema else "a body that fits its schema"
    for _, error in zip(range(MOST), validator.iter_errors(value), strict=False):
        where = ".".join(map(str, error.instance_path))
        yield Violation("body", where, expected, f"{where or 'the body'}: {scrub(error.message)[:200]}")


def _coerced(value: str, schema: Mapping[str, Any]) -> Any:
    """A header's text as the type its schema wants, where it can be read as one."""
    try:
        if schema.get("type") == "integer":
            return int(value)
        if schema.get("type") == "number":
            return float(value)
    except ValueError:
        return value
    return {"true": True, "false": False}.get(value, value) if schema.get("type") == "boolean" else value
