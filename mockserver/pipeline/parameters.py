"""Path, query and header parameters: how they are read off the wire and checked, worked out once per operation.

Types and styles as OpenAPI 3.0 has them; text that does not read as its type stays text, and the schema refuses it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mockserver.errors import UsageError
from mockserver.pipeline.schemas import Schema
from mockserver.system import Rejection, Request
from mockserver.wire import decode_percent

DELIMITERS = {"simple": ",", "form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
STYLES = {"path": "simple", "header": "simple", "query": "form"}  # the default of each place
KINDS = {"path": "invalid_path", "query": "invalid_query", "header": "invalid_header"}
NULLS = frozenset({"null", "None"})  # what Connexion takes for null

_INTEGER = re.compile(r"[+-]?[0-9]{1,400}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")


class Parameter:
    """One parameter of one operation."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        schema = definition.get("schema", {})
        self.name: str = definition["name"]
        self.where: str = definition["in"]
        self.required: bool = definition.get("required", False)
        self.default: Any = schema.get("default")
        self.schema = Schema(schema)
        self._nullable: bool = schema.get("nullable", False)
        self._convert = _converter(schema)
        self._split = _splitter(definition) if schema.get("type") == "array" else None
        self._refuse_what_is_not_read(schema)

    def read(self, values: Sequence[str]) -> Any:
        """The typed value of all texts given under this name; of several scalars the last."""
        if self._split:
            return [self._convert(item) for item in self._split(values)]
        text = values[-1]
        if self._nullable and text.strip() in NULLS:
            return None
        return self._convert(text)

    def check(self, value: Any) -> list[Rejection]:
        """Every way in which a value that was given fails."""
        return [] if self.schema.accepts(value) else self.schema.failures(value, KINDS[self.where], self.name)

    def missing(self) -> Rejection:
        """What to say when a required parameter was not given."""
        message = f"Missing {self.where} parameter '{self.name}'"
        return Rejection(KINDS[self.where], where=self.name, keyword="required", message=message)

    def _refuse_what_is_not_read(self, schema: Mapping[str, Any]) -> None:
        if self.where not in KINDS or schema.get("type") == "object":
            raise UsageError(
                f"parameter `{self.name}`: the mock reads no {self.where} parameters of type {schema.get('type')}. "
                "Put plain values or arrays into path, query or header."
            )


class ParameterSet:
    """All parameters of one operation. `strict`: it refuses query parameters that are none of these."""

    def __init__(self, definitions: Iterable[Mapping[str, Any]], *, strict: bool = False) -> None:
        parameters = [Parameter(each) for each in _distinct(definitions)]
        self._path = [each for each in parameters if each.where == "path"]
        self._headers = [(each.name.lower(), each) for each in parameters if each.where == "header"]
        self._query = {each.name: each for each in parameters if each.where == "query"}
        self._defaults = {name: each.default for name, each in self._query.items() if each.default is not None}
        self._required = [each for each in self._query.values() if each.required]
        self._strict = strict

    def read_query(self, raw: bytes) -> dict[str, Any]:
        """Typed values by name, defaults filled in. Of a parameter the spec does not name, the last text given."""
        query = dict(self._defaults)
        if not raw:
            return query
        for name, values in split_query(raw).items():
            parameter = self._query.get(name)
            query[name] = parameter.read(values) if parameter else values[-1]
        return query

    def failures(self, request: Request) -> list[Rejection]:
        """Everything wrong with the parameters of a request: path first, then query, then headers."""
        found = self._path_failures(request)
        if request.query or self._required:
            found += self._query_failures(request.query)
        if self._headers:
            found += self._header_failures(request.headers)
        return found

    def _path_failures(self, request: Request) -> list[Rejection]:
        values = request.path_params
        return [failure for each in self._path for failure in each.check(each.read((values[each.name],)))]

    def _query_failures(self, query: Mapping[str, Any]) -> list[Rejection]:
        found = [each.missing() for each in self._required if each.name not in query]
        for name, value in query.items():
            if parameter := self._query.get(name):
                found += parameter.check(value)
            elif self._strict:
                found.append(
                    Rejection("unknown_query", where=name, value=value, message=f"Unknown query parameter '{name}'")
                )
        return found

    def _header_failures(self, headers: Mapping[str, str]) -> list[Rejection]:
        found: list[Rejection] = []
        for name, parameter in self._headers:
            if name in headers:
                found += parameter.check(parameter.read((headers[name],)))
            elif parameter.required:
                found.append(parameter.missing())
        return found


def split_query(raw: bytes) -> dict[str, list[str]]:
    """The texts of a query string by name, in order."""
    found: dict[str, list[str]] = {}
    for pair in raw.decode("latin-1").replace("+", " ").split("&"):
        name, _, value = pair.partition("=")
        if pair:
            found.setdefault(decode_percent(name), []).append(decode_percent(value))
    return found


def _distinct(definitions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Connexion lists an operation's own parameters first, then its path's; the first of a name counts."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for each in definitions:
        found.setdefault((each["in"], each["name"]), each)
    return list(found.values())


def _splitter(definition: Mapping[str, Any]) -> Callable[[Sequence[str]], list[str]]:
    """How the texts of an array parameter become its items."""
    style = definition.get("style", STYLES.get(definition["in"], "form"))
    if style not in DELIMITERS:
        raise UsageError(
            f"parameter `{definition['name']}`: style {style} is not read. Use one of {', '.join(DELIMITERS)}."
        )
    delimiter = DELIMITERS[style]
    if definition.get("explode", style == "form"):
        return lambda values: delimiter.join(values).split(delimiter)
    return lambda values: values[-1].split(delimiter)


def _converter(schema: Mapping[str, Any]) -> Callable[[str], Any]:
    items: Mapping[str, Any] = schema.get("items", {}) if schema.get("type") == "array" else schema
    return CONVERTERS.get(items.get("type", "string"), str)


def _integer(text: str) -> int | str:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> float | str:
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text)
    return text if math.isinf(number) else number


def _boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.lower(), text)


CONVERTERS: dict[str, Callable[[str], Any]] = {"integer": _integer, "number": _number, "boolean": _boolean}
