"""What a document must look like before anything can be built from it: quick, and done on every load.

Whether it is also *good* OpenAPI is lint's slower question.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from specs.document import ROOT, Place, References, label_of, objects, operations_of
from specs.problems import Problem, shortened
from specs.schemas import enum_at

VOCABULARY = "specs/README.md lists the vocabulary."


def structural_problems(file: str, document: dict[str, Any]) -> list[Problem]:
    """What keeps a document from being loaded, coarsest kind first: later kinds need the earlier ones right."""
    for find in (_foreign_values, _misshapen, _dangling_references, _extensions, _repeated_operations, _marks):
        if problems := list(find(file, document)):
            return problems
    return []


def _foreign_values(file: str, document: Any, place: Place = ()) -> Iterator[Problem]:
    """YAML knows dates and number keys, JSON does not: other tools would each read them in their own way."""
    if isinstance(document, dict):
        for key, value in document.items():
            if not isinstance(key, str):
                yield Problem(file, label_of(place), f"the key {key!r} is not a string", f"Write '{key}' with quotes.")
            yield from _foreign_values(file, value, (*place, str(key)))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from _foreign_values(file, value, (*place, str(index)))
    elif not isinstance(document, str | int | float | bool | None):
        what = f"the value {document} is a {type(document).__name__}"
        yield Problem(file, label_of(place), what, "Put it in quotes.")


@cache
def _validator(name: str) -> Any:
    return jsonschema_rs.validator_for(json.loads((ROOT / name).read_text(encoding="utf-8")))


def _misshapen(file: str, document: dict[str, Any]) -> Iterator[Problem]:
    for error in _validator("outline.schema.json").iter_errors(document):
        place = tuple(str(step) for step in error.instance_path)
        yield Problem(file, label_of(place), shortened(error.message), "Write an OpenAPI 3.0 document.")


def _dangling_references(file: str, document: dict[str, Any]) -> Iterator[Problem]:
    references = References(document)
    for place, node in objects(document):
        target = node.get("$ref")
        if isinstance(target, str) and not references.points_somewhere(target):
            what = f"refers to `{target}`, which is not in this document"
            yield Problem(file, label_of(place), what, "Add it, or correct the `$ref` (local ones only).")


def _extensions(file: str, document: dict[str, Any]) -> Iterator[Problem]:
    for place, node in objects(document):
        for key in node:
            if key.startswith("x-") and key != "x-contract":
                what = f"unknown extension `{key}`"
                yield Problem(file, label_of(place), what, VOCABULARY, expected="`x-contract`, the only one")
        if "x-contract" in node:
            yield from _contract_problems(file, place, node["x-contract"])


def _contract_problems(file: str, place: Place, contract: Any) -> Iterator[Problem]:
    for error in _validator("x-contract.schema.json").iter_errors(contract):
        inside = ".".join(["x-contract", *(str(step) for step in error.instance_path)])
        yield Problem(file, label_of(place), f"{inside}: {shortened(error.message)}", VOCABULARY)
    for member, (at_home, home) in _HOMES.items():
        if isinstance(contract, dict) and member in contract and not at_home(place):
            yield Problem(
                file, label_of(place), f"x-contract.{member} does not belong here", "Move it.", f"it on {home}"
            )


def _on_component_schema(place: Place) -> bool:
    return len(place) == 3 and place[:2] == ("components", "schemas")


def _on_operation(place: Place) -> bool:
    return len(place) == 3 and place[0] == "paths"


def _on_parameter(place: Place) -> bool:
    return "parameters" in place[-2:-1]


_HOMES: Mapping[str, tuple[Callable[[Place], bool], str]] = {
    "lifecycle": (_on_component_schema, "a schema under components.schemas"),
    "error": (_on_component_schema, "a schema under components.schemas"),
    "effect": (_on_operation, "an operation"),
    "open": (_on_parameter, "a parameter"),
}
"""Where members belong that do not belong anywhere."""


def _repeated_operations(file: str, document: dict[str, Any]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for path, method, _, operation in operations_of(document):
        label, name = label_of(("paths", path, method)), operation["operationId"]
        if name in first:
            what = f"operationId `{name}` is taken by {first[name]}"
            yield Problem(file, label, what, "Give one of the two another name.")
        first.setdefault(name, label)


def _marks(file: str, document: dict[str, Any]) -> Iterator[Problem]:
    """One error schema; lifecycles that say in one way how their states are seen."""
    schemas = document["components"]["schemas"]
    envelopes = [name for name, schema in schemas.items() if "error" in contract_of(schema)]
    if len(envelopes) != 1:
        found = ", ".join(envelopes) or "none"
        what = "the schema of error bodies is not marked"
        remedy = "Give it `x-contract: {error: {code: PATH}}`."
        yield Problem(file, "components.schemas", what, remedy, "one schema with x-contract.error", found)
    for name, schema in schemas.items():
        if lifecycle := contract_of(schema).get("lifecycle"):
            yield from _recognition_problems(file, name, lifecycle, document)


def _recognition_problems(
    file: str, name: str, lifecycle: Mapping[str, Any], document: dict[str, Any]
) -> Iterator[Problem]:
    if ("field" in lifecycle) == ("states" in lifecycle):
        remedy = "Name the property that holds the state, or give conditions for each state."
        yield Problem(file, f"schema {name}", "lifecycle needs one way to see a state", remedy, "`field` or `states`")
    elif "field" in lifecycle and not states_of_field(document, name, lifecycle["field"]):
        what = f"lifecycle.field `{lifecycle['field']}` names no property with an enum of strings"
        yield Problem(file, f"schema {name}", what, "Add the enum: it is the list of states.")


def contract_of(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The `x-contract` of an object of the document, empty without one."""
    contract: Mapping[str, Any] = node.get("x-contract", {})
    return contract


def states_of_field(document: Mapping[str, Any], schema: str, dotted_path: str) -> tuple[str, ...]:
    """The states that the property at `dotted_path` of a component schema can show; empty if it has no enum."""
    resolved = References(document).resolved(document["components"]["schemas"][schema])
    return tuple(value for value in enum_at(resolved, dotted_path) if isinstance(value, str))
