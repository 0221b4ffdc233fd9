"""Finding one's way in a schema whose references are resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specs.model import Operation

JSON = "application/json"
Schema = Mapping[str, Any]


def subschema_at(schema: Schema, dotted_path: str) -> Schema | None:
    """The schema of what `a.b.0.c` names in an instance of `schema`; None if the schema does not speak of it."""
    found: Schema | None = schema
    for step in dotted_path.split("."):
        found = _member(found, step) if found is not None else None
    return found


def _member(schema: Schema, step: str) -> Schema | None:
    for part in alternatives(schema):
        if step in part.get("properties", {}):
            found: Schema = part["properties"][step]
            return found
        if step.isdecimal() and "items" in part:
            item: Schema = part["items"]
            return item
    return None


def alternatives(schema: Schema) -> Iterator[Schema]:
    """The schema and all that it is composed of."""
    yield schema
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(keyword, ()):
            yield from alternatives(part)


def enum_at(schema: Schema, dotted_path: str) -> tuple[Any, ...]:
    """The values that the schema allows there; empty if it names none."""
    for part in alternatives(subschema_at(schema, dotted_path) or {}):
        if "enum" in part:
            return tuple(part["enum"])
    return ()


def body_schema(holder: Mapping[str, Any]) -> Schema:
    """The JSON schema of a response or a request body; empty if there is none."""
    schema: Schema = holder.get("content", {}).get(JSON, {}).get("schema", {})
    return schema


def request_schema(operation: Operation) -> Schema:
    """The schema of the JSON that an operation takes."""
    return body_schema(operation.definition.get("requestBody", {}))


def success_schema(operation: Operation) -> Schema:
    """The schema of the JSON of an operation's first success that has some."""
    responses = operation.definition["responses"].items()
    schemas = (body_schema(response) for status, response in responses if status.startswith("2"))
    return next((schema for schema in schemas if schema), {})
