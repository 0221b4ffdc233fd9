"""What a compiled schema says of a value, in the words of a rejection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema_rs import ValidationError

from mockserver.system import Rejection
from specs.validation import compiled

SMALL = 1000  # values within a value; ours, as is the next
LONGEST = 500  # characters of a message, which quotes what it is about


class Schema:
    """One compiled schema. `for_reply` forbids what is write-only."""

    def __init__(self, definition: Mapping[str, Any], *, for_reply: bool = False) -> None:
        self._validator = compiled(definition, for_reply=for_reply)
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
