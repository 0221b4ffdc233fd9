"""What ids look like, read off the spec: which texts could be one, and how to make one that no job has."""

from __future__ import annotations

import random
import re
import string
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs

from contracts.ledger import normal, spellings
from specs import Spec
from specs.model import Operation
from specs.schemas import alternatives, subschema_at
from specs.validation import compiled

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TOKEN = re.compile(r"[0-9A-Za-z\-]+")
_VARIED = re.compile(r"[0-9a-zA-Z]")
_HEX = re.compile(r"[0-9a-fA-F\W_]+")
HEX = (string.digits, "abcdef", "ABCDEF")  # characters of one kind
ALPHABET = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
CONSTRAINTS = frozenset({"pattern", "format", "maxLength", "enum"})


@dataclass(frozen=True)
class IdShape:
    """The shape of one kind of id: the schema the spec gives it and an example."""

    schema: Mapping[str, Any]
    example: str

    @classmethod
    def of(cls, spec: Spec, operation: Operation) -> IdShape:
        """The shape of the id that an operation takes; without one, of the id that the resource's cancel takes."""
        effect = operation.effect
        if effect and effect.id and effect.id.where in {"path", "query"}:
            return cls.of_parameter(operation, effect.id.name)
        if effect and effect.id and effect.id.where == "body":
            return cls.of_body(operation, effect.id.name)
        cancel = spec.operation(spec.cancellable.resource, "cancel")
        return cls.of(spec, cancel) if cancel and cancel is not operation else cls({}, "")

    @classmethod
    def of_parameter(cls, operation: Operation, name: str) -> IdShape:
        """The shape of one parameter's values."""
        for parameter in operation.parameters:
            if parameter.name == name:
                return cls(parameter.schema, str(parameter.example or ""))
        return cls({}, "")

    @classmethod
    def of_body(cls, operation: Operation, place: str) -> IdShape:
        """The shape of a member of the request body, by dotted path."""
        schema = subschema_at(json_body_schema(operation), place) or {}
        examples = [each["example"] for each in alternatives(schema) if "example" in each]
        return cls(schema, str(next(iter(examples), "")))

    @cached_property
    def constrained(self) -> bool:
        """Whether some texts cannot be ids."""
        return any(CONSTRAINTS & part.keys() for part in alternatives(self.schema))

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft4Validator:
        return compiled(self.schema)

    @cached_property
    def _length(self) -> int:
        return len(normal(self.example))

    def valid(self, value: str) -> bool:
        """Whether the spec's own schema takes the text as an id."""
        return bool(self._validator.is_valid(value))

    def lookalikes(self, text: str) -> list[str]:
        """The parts of a text that have an id's length, in any spelling, and texts that are valid ids as a whole."""
        found = [token for token in _TOKEN.findall(spellings(text)[-1]) if self._length and self._fits(token)]
        if self._fits(text) or (self.constrained and any(self.valid(each) for each in spellings(text))):
            found.append(text)
        return found

    def _fits(self, token: str) -> bool:
        return self._length > 0 and len(normal(token)) == self._length

    def impossible(self, value: str) -> bool:
        """Whether no job can have this id: its spec rules it out, and nothing in it resembles one."""
        return self.constrained and not self.lookalikes(value)

    def absent(self, chance: random.Random) -> str:
        """A random id of this shape. That no job has it is likely, not certain: read it first where one can read."""
        if not _VARIED.search(self.example) or _GUID.fullmatch(self.example):
            return str(uuid.UUID(int=chance.getrandbits(128), version=4))
        kinds = HEX if _HEX.fullmatch(self.example) or not self._may_be(ALPHABET, chance) else ALPHABET
        made = "".join(_like(character, kinds, chance) for character in self.example)
        return made if made != self.example else self.absent(chance)

    def _may_be(self, kinds: Sequence[str], chance: random.Random) -> bool:
        """Whether the schema takes an id of other letters everywhere: some have a part that is always the same."""
        return self.valid("".join(_like(character, kinds, chance) for character in self.example))


def _like(character: str, kinds: Sequence[str], chance: random.Random) -> str:
    """Another character of the same kind; what is of none stays."""
    return next((chance.choice(kind) for kind in kinds if character in kind), character)


def json_body_schema(operation: Operation) -> Mapping[str, Any]:
    """The schema of an operation's JSON request body, or an empty one."""
    content = operation.definition.get("requestBody", {}).get("content", {})
    schema: Mapping[str, Any] = content.get("application/json", {}).get("schema", {})
    return schema
