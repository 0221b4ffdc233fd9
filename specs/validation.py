"""OpenAPI 3.0 schemas as compiled JSON Schema validators: what differs between the two is translated here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft4Validator

NAMED = ("properties", "patternProperties")  # keywords that hold schemas by name
LISTED = ("allOf", "anyOf", "oneOf")
SINGLE = ("items", "additionalProperties", "not")
NEVER: dict[str, Any] = {"not": {}}


def compiled(schema: Mapping[str, Any], *, for_reply: bool = False) -> Draft4Validator:
    """A validator for a schema whose references are resolved. `for_reply` forbids what is write-only."""
    return Draft4Validator(as_json_schema(schema, for_reply=for_reply), validate_formats=True)


def as_json_schema(schema: Mapping[str, Any], *, for_reply: bool = False) -> dict[str, Any]:
    """The same schema in JSON Schema's own words (draft 4)."""
    if for_reply and schema.get("writeOnly"):
        return NEVER
    translated = {key: _below(key, value, for_reply) for key, value in schema.items() if key != "components"}
    return _with_null(translated) if schema.get("nullable") else translated


def _below(key: str, value: Any, for_reply: bool) -> Any:
    if key in NAMED:
        return {name: as_json_schema(each, for_reply=for_reply) for name, each in value.items()}
    if key in LISTED:
        return [as_json_schema(each, for_reply=for_reply) for each in value]
    if key in SINGLE and isinstance(value, Mapping):
        return as_json_schema(value, for_reply=for_reply)
    return value


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    """`nullable` lets null past `type` and `enum`, and past nothing else."""
    if "type" in schema:
        schema["type"] = [schema["type"], "null"]
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema
