"""Do links lead somewhere, and can a generated test walk from a new job to its cancel and back?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specs.model import Operation, Spec
from specs.problems import Problem


def targets(file: str, spec: Spec) -> Iterator[Problem]:
    """A link names an existing operation and parameters that it has."""
    for operation in spec.operations.values():
        for name, link in _links(operation):
            target = spec.operations.get(link.get("operationId", ""))
            if target is None:
                what = f"the link `{name}` names the unknown operation `{link.get('operationId')}`"
                yield Problem(file, operation.label, what, "Name one of these.", " | ".join(spec.operations))
            else:
                yield from _parameters(file, operation, name, link, target)


def _parameters(file: str, source: Operation, name: str, link: Mapping[str, Any], to: Operation) -> Iterator[Problem]:
    known = [spelling for each in to.parameters for spelling in (each.name, f"{each.where}.{each.name}")]
    given = [parameter.partition(".")[2] or parameter for parameter in link.get("parameters", {})]
    for parameter in link.get("parameters", {}):
        if parameter not in known:
            what = f"the link `{name}` fills in `{parameter}`, which {to.operation_id} does not have"
            yield Problem(file, source.label, what, "Name one of its parameters.")
    for each in to.parameters:
        if each.where == "path" and each.name not in given:
            what = f"the link `{name}` leaves out `{each.name}`, which {to.operation_id} needs"
            yield Problem(file, source.label, what, "Fill it in from the request or the reply.")


def journeys(file: str, spec: Spec) -> Iterator[Problem]:
    """From create, or from list where create's reply names no id, links lead to get and cancel; from cancel to get."""
    for resource in spec.lifecycles:
        for source, to in _wanted(spec, resource):
            if to.operation_id not in {link.get("operationId") for _, link in _links(source)}:
                what = f"no link to {to.operation_id}"
                yield Problem(file, source.label, what, "Add one to the `links` of its success.")


def _wanted(spec: Spec, resource: str) -> Iterator[tuple[Operation, Operation]]:
    create, listing, read, cancel = (spec.operation(resource, each) for each in ("create", "list", "read", "cancel"))
    start = create if create and create.effect and create.effect.id else listing
    if start:
        yield from ((start, target) for target in (read, cancel) if target)
    if cancel and read:
        yield cancel, read


def _links(operation: Operation) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for response in operation.definition["responses"].values():
        yield from response.get("links", {}).items()
