"""From an operation and a job to a request: where each id, scope and body field goes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from contracts.supply.job import Job, NotAvailable
from specs import Spec
from specs.model import Operation

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """A request in the making: what `Bench.send` sends. `target` has the base path and goes out as it stands.

    `operation` is the documented operation it is a call of, or None for anything else.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    operation: Operation | None = None
    job: Job | None = None

    @property
    def label(self) -> str:
        """`POST /jobs/{jobId}/cancel` where it is an operation's call, else method and target."""
        return self.operation.label if self.operation else f"{self.method} {self.target}"

    def to(self, target: str) -> Call:
        """The same request to another target: no operation's call any more."""
        return replace(self, target=target, operation=None)

    def asking(self, **query: str) -> Call:
        """The same call with these query parameters more."""
        joint = "&" if "?" in self.target else "?"
        return replace(self, target=self.target + joint + urlencode(query))

    def saying(self, value: Any) -> Call:
        """The same call with another JSON body; bytes go out as they are."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode("utf-8")
        return replace(self, body=body, headers={**self.headers, "Content-Type": JSON})

    def using(self, method: str) -> Call:
        """The same request with another method: no operation's call any more."""
        return replace(self, method=method, operation=None)

    def wearing(self, **headers: str) -> Call:
        """The same call with these headers more; underscores stand for dashes."""
        return replace(self, headers={**self.headers, **{n.replace("_", "-"): v for n, v in headers.items()}})


@dataclass(frozen=True, slots=True)
class Calls:
    """Builds calls for one spec. `scope` holds the wire names and values that scope a resource."""

    spec: Spec
    scope: Mapping[str, str]

    def of(self, operation: Operation, job: Job | None = None, *, id: str | None = None, body: Any = None) -> Call:
        """A call of an operation on a job, or on `id` in its place. Raises NotAvailable for what nothing gives."""
        known = {**self.scope, **(job.parameters if job else {})}
        place = operation.effect.id if operation.effect else None
        named = id if id is not None else job.id if job else None
        if place and place.where in {"path", "query"} and named is not None:
            known[place.name] = named
        content = body if body is not None else example_body(operation)
        if place and place.where == "body" and named is not None and body is None:
            content = with_member(content or {}, place.name, named)
        target = self.spec.base_path + _path(operation, known) + _query(operation, known)
        call = Call(operation.method, target, operation=operation, job=job)
        return call if content is None else call.saying(content)


def _path(operation: Operation, known: Mapping[str, str]) -> str:
    path = operation.path
    for parameter in operation.parameters:
        if parameter.where == "path":
            path = path.replace("{" + parameter.name + "}", quote(_value(operation, parameter.name, known), safe=""))
    return path


def _value(operation: Operation, name: str, known: Mapping[str, str]) -> str:
    if name not in known:
        raise NotAvailable(
            f"nothing gives a value for {name} of {operation.label}: add it to the target's `parameters`"
        )
    return known[name]


def _query(operation: Operation, known: Mapping[str, str]) -> str:
    """Only what is required, or carries the id."""
    place = operation.effect.id if operation.effect else None
    pairs = {}
    for parameter in operation.parameters:
        carries_id = place is not None and place.where == "query" and place.name == parameter.name
        if parameter.where == "query" and (parameter.required or carries_id):
            pairs[parameter.name] = known.get(parameter.name, str(parameter.example))
    return "?" + urlencode(pairs) if pairs else ""


def wire_names(spec: Spec) -> frozenset[str]:
    """Every name that a request of the spec can give a value: path and query parameters, and members of bodies."""
    operations = spec.operations.values()
    parameters = {each.name for operation in operations for each in operation.parameters if each.where != "header"}
    bodies = (operation.definition.get("requestBody", {}) for operation in operations)
    return frozenset(parameters.union(*(set(_members(body)) for body in bodies)))


def _members(schema: Any) -> Iterator[str]:
    """The names of all properties in a schema, however deep; its examples hold none."""
    if isinstance(schema, list):
        for each in schema:
            yield from _members(each)
    elif isinstance(schema, Mapping):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, Mapping) else ()
        for name, each in schema.items():
            if name not in {"example", "examples"}:
                yield from _members(each)


def example_bodies(operation: Operation) -> list[Any]:
    """Every example of an operation's JSON request body."""
    content = operation.definition.get("requestBody", {}).get("content", {}).get(JSON, {})
    found = [example["value"] for example in content.get("examples", {}).values() if "value" in example]
    return copy.deepcopy(found or ([content["example"]] if "example" in content else []))


def example_body(operation: Operation) -> Any:
    """The first example of the request body where one is required, else None."""
    required = operation.definition.get("requestBody", {}).get("required", False)
    return next(iter(example_bodies(operation)), None) if required else None


def with_member(body: Any, dotted_path: str, value: Any) -> Any:
    """A copy of a JSON object with one member set."""
    changed = copy.deepcopy(body)
    *parents, last = dotted_path.split(".")
    inner = changed
    for step in parents:
        inner = inner.setdefault(step, {})
    inner[last] = value
    return changed


def without_member(body: Any, dotted_path: str) -> Any:
    """A copy of a JSON object without one member."""
    changed = copy.deepcopy(body)
    *parents, last = dotted_path.split(".")
    inner = changed
    for step in parents:
        inner = inner.get(step, {})
    inner.pop(last, None)
    return changed
