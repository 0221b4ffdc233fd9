"""OpenAPI 3.0 schemas as compiled JSON Schema validators, built once. Where the two differ, this translates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft4Validator, ValidationError

from mockserver.system import Rejection

MAPS = ("properties", "patternProperties")  # keywords that hold schemas by name
LISTS = ("allOf", "anyOf", "oneOf")
SINGLE = ("items", "additionalProperties", "not")
SMALL = 1000  # values within a value; ours, as is the next
LONGEST = 500  # characters of a message, which quotes what it is about
NEVER: dict[str, Any] = {"not": {}}


class Schema:
    """One compiled schema. `for_reply` forbids what is write-only."""

    def __init__(self, definition: Mapping[str, Any], *, for_reply: bool = False) -> None:
        self._validator = Draft4Validator(_translated(definition, for_reply), validate_formats=True)
        self.accepts = self._validator.is_valid

    def failures(self, value: Any, kind: str, prefix: str = "") -> list[Rejection]:
        """Every way in which `value` fails; of a large one only the first. `prefix` names the parameter."""
        errors = self._validator.iter_errors(value) if _is_small(value) else [self._first_error(value)]
        return [_rejection(error, kind, prefix) for error in errors]

    def _first_error(self, value: Any) -> ValidationError:
        try:
            self._validator.validate(value)
        except ValidationError as error:
            return error
        raise ValueError("nothing is wrong with the value")


def _is_small(value: Any) -> bool:
    """Whether there is little enough in a value to ask for every error: each takes long to describe."""
    level, size = [value], 0
    while level and size <= SMALL:
        size += len(level)
        inner = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list))
        level = [child for children in inner for child in children]
    return size <= SMALL


def _translated(definition: Mapping[str, Any], for_reply: bool) -> dict[str, Any]:
    if for_reply and definition.get("writeOnly"):
        return NEVER
    schema = {key: _below(key, value, for_reply) for key, value in definition.items() if key != "components"}
    return _with_null(schema) if schema.get("nullable") else schema


def _below(key: str, value: Any, for_reply: bool) -> Any:
    if key in MAPS:
        return {name: _translated(each, for_reply) for name, each in value.items()}
    if key in LISTS:
        return [_translated(each, for_reply) for each in value]
    if key in SINGLE and isinstance(value, Mapping):
        return _translated(value, for_reply)
    return value


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    """`nullable` lets null past `type` and `enum`, and past nothing else."""
    if "type" in schema:
        schema["type"] = [schema["type"], "null"]
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _rejection(error: ValidationError, kind: str, prefix: str) -> Rejection:
    keyword = error.kind.name
    path = [prefix, *map(str, error.instance_path), _culprit(error)]
    where = ".".join(step for step in path if step)
    return Rejection(kind, where=where, keyword=keyword, value=error.instance, message=error.message[:LONGEST])


def _culprit(error: ValidationError) -> str:
    """The property that is missing or too many: part of the place, though it is not on the error's path."""
    kind: Any = error.kind
    if kind.name == "required":
        return str(kind.property)
    return str(kind.unexpected[0]) if kind.name == "additionalProperties" else ""
