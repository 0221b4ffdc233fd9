"""Do links lead somewhere, and can a generated test walk from a new job to its cancel and back?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from specs.model import Operation, Spec
from specs.problems import Problem
from specs.schemas import body_schema, request_schema, subschema_at


@dataclass(frozen=True, slots=True)
class Link:
    """A link with the response it belongs to."""

    name: str
    definition: Mapping[str, Any]
    response: Mapping[str, Any]

    @property
    def operation_id(self) -> str:
        """Where it leads."""
        return str(self.definition.get("operationId", ""))

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What it fills in, by `name` or `where.name`."""
        parameters: Mapping[str, Any] = self.definition.get("parameters", {})
        return parameters

    @property
    def filled_in(self) -> frozenset[str]:
        """Names of parameters, and `requestBody` if it has one."""
        names = {name.partition(".")[2] or name for name in self.parameters}
        return frozenset(names | self.definition.keys() & {"requestBody"})

    def expressions(self) -> Iterator[str]:
        """The runtime expressions in it."""
        yield from _expressions_in([*self.parameters.values(), self.definition.get("requestBody")])


def _expressions_in(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("$"):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _expressions_in(inner)


def targets(file: str, spec: Spec) -> Iterator[Problem]:
    """A link names an existing operation, parameters that it has, and all that it cannot do without."""
    for operation, link in _links(spec):
        target = spec.operations.get(link.operation_id)
        if target is None:
            what = f"the link `{link.name}` names the unknown operation `{link.operation_id}`"
            yield Problem(file, operation.label, what, "Name one of these.", " | ".join(spec.operations))
        else:
            yield from _parameters(file, operation, link, target)


def _parameters(file: str, source: Operation, link: Link, target: Operation) -> Iterator[Problem]:
    known = {spelling for each in target.parameters for spelling in (each.name, f"{each.where}.{each.name}")}
    for name in link.parameters:
        if name not in known:
            what = f"the link `{link.name}` fills in `{name}`, which {target.operation_id} does not have"
            yield Problem(file, source.label, what, "Name one of its parameters.")
    for need in _needs(target):
        if need not in link.filled_in:
            what = f"the link `{link.name}` leaves out `{need}`, which {target.operation_id} needs"
            yield Problem(file, source.label, what, "Fill it in from the request or the reply.")


def _needs(target: Operation) -> Iterator[str]:
    """The path parameters, and the body where it says which resource is meant."""
    yield from (each.name for each in target.parameters if each.where == "path")
    if target.effect and target.effect.id and target.effect.id.where == "body":
        yield "requestBody"


def expressions(file: str, spec: Spec) -> Iterator[Problem]:
    """What a link takes from its request and reply is documented there."""
    for operation, link in _links(spec):
        for expression in link.expressions():
            if not _resolvable(expression, operation, link.response):
                what = f"the link `{link.name}` takes `{expression}`, which is not documented"
                yield Problem(file, operation.label, what, "Point at a documented parameter or property.")


def _resolvable(expression: str, operation: Operation, response: Mapping[str, Any]) -> bool:
    source, _, pointer = expression.partition("#/")
    path = pointer.replace("/", ".")
    match source.split("."):
        case ["$response", "body"]:
            return subschema_at(body_schema(response), path) is not None
        case ["$request", "body"]:
            return subschema_at(request_schema(operation), path) is not None
        case ["$response", "header", name]:
            return name in response.get("headers", {})
        case ["$request", where, name]:
            return any((each.where, each.name) == (where, name) for each in operation.parameters)
    return source in ("$url", "$method", "$statusCode")


def journeys(file: str, spec: Spec) -> Iterator[Problem]:
    """From create, or from list where create's reply names no id, links lead to get and cancel; from cancel to get."""
    linked = {(operation.operation_id, link.operation_id) for operation, link in _links(spec)}
    for resource in spec.lifecycles:
        for source, to in _wanted(spec, resource):
            if (source.operation_id, to.operation_id) not in linked:
                what = f"no link to {to.operation_id}"
                yield Problem(file, source.label, what, "Add one to the `links` of its success.")


def _wanted(spec: Spec, resource: str) -> Iterator[tuple[Operation, Operation]]:
    create, listing, read, cancel = (spec.operation(resource, each) for each in ("create", "list", "read", "cancel"))
    start = create if create and create.effect and create.effect.id else listing
    if start:
        yield from ((start, target) for target in (read, cancel) if target)
    if cancel and read:
        yield cancel, read


def _links(spec: Spec) -> Iterator[tuple[Operation, Link]]:
    for operation in spec.operations.values():
        for response in operation.definition["responses"].values():
            for name, link in response.get("links", {}).items():
                yield operation, Link(name, link, response)
