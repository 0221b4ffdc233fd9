"""From a system's files to a `Spec`: read, patch, check, take apart.

The checks here are the quick ones that every start can afford; `specs.lint` has the rest.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from specs.consistency import inconsistencies
from specs.document import ROOT, References, merge_patch, operations_of, read_yaml, shown
from specs.model import (
    DEFAULT,
    Effect,
    ErrorEnvelope,
    History,
    IdLocation,
    Lifecycle,
    Operation,
    Parameter,
    Refusal,
    Spec,
    State,
)
from specs.problems import SpecError
from specs.structure import contract_of, states_of_field, structural_problems

CONTROL = "control"  # the mock's own API: a document, but no vendor's

__all__ = ["Spec", "SpecError", "load", "load_file", "systems", "variants_of"]


def systems() -> tuple[str, ...]:
    """The names of the shipped systems."""
    return tuple(sorted(path.parent.name for path in ROOT.glob("*/openapi.yaml") if path.parent.name != CONTROL))


def load(system: str, variant: str = DEFAULT) -> Spec:
    """The spec of a shipped system in one reading of the vendor's documents. SpecError says what is wrong with it."""
    if system not in systems():
        raise SpecError(f"specs: unknown system `{system}`. Known systems: {', '.join(systems())}. Name one of these.")
    return load_file(ROOT / system / "openapi.yaml", variant)


def load_file(path: Path, variant: str = DEFAULT) -> Spec:
    """The spec in `path`, an `openapi.yaml` anywhere; its folder's name is the system's."""
    document = _patched(path, variant)
    file = shown(path, variant)
    if problems := structural_problems(file, document):
        raise SpecError.of(*problems)
    spec = _spec(path, variant, document)
    if problems := inconsistencies(file, spec):
        raise SpecError.of(*problems)
    return spec


def variants_of(path: Path) -> tuple[str, ...]:
    """The variants of the spec in `path`, the documented one first."""
    return (DEFAULT, *sorted(patch.stem for patch in path.parent.glob("variants/*.yaml")))


def _patched(path: Path, variant: str) -> dict[str, Any]:
    if variant not in variants_of(path):
        known = ", ".join(variants_of(path))
        raise SpecError(f"{shown(path)}: unknown variant `{variant}`. Known variants: {known}. Name one of these.")
    document = _read(path)
    if variant == DEFAULT:
        return document
    patched: dict[str, Any] = merge_patch(document, _read(path.parent / "variants" / f"{variant}.yaml"))
    return patched


def _read(path: Path) -> dict[str, Any]:
    """A private copy each time: tools that read the document also write into it."""
    return copy.deepcopy(_parsed(path, path.stat().st_mtime_ns if path.exists() else 0))


@lru_cache(maxsize=64)
def _parsed(path: Path, changed: int) -> dict[str, Any]:
    return read_yaml(path)


def _spec(path: Path, variant: str, document: dict[str, Any]) -> Spec:
    return Spec(
        system=path.resolve().parent.name,
        variant=variant,
        title=document["info"]["title"],
        path=path,
        document=document,
        base_path=urlsplit(document["servers"][0]["url"]).path.rstrip("/"),
        operations=_operations(document),
        lifecycles=_lifecycles(document),
        error=_error_envelope(document),
        variants=variants_of(path),
    )


def _error_envelope(document: Mapping[str, Any]) -> ErrorEnvelope:
    marks = {name: contract_of(schema).get("error") for name, schema in document["components"]["schemas"].items()}
    return next(ErrorEnvelope(name, mark["code"]) for name, mark in marks.items() if mark)


def _operations(document: dict[str, Any]) -> dict[str, Operation]:
    references = References(document)
    return {
        operation["operationId"]: _operation(path, method, references.resolved(item), references.resolved(operation))
        for path, method, item, operation in operations_of(document)
    }


def _operation(path: str, method: str, item: Mapping[str, Any], operation: Mapping[str, Any]) -> Operation:
    contract = contract_of(operation)
    return Operation(
        operation_id=operation["operationId"],
        method=method.upper(),
        path=path,
        parameters=_parameters(item, operation),
        definition=operation,
        effect=_effect(contract["effect"]) if "effect" in contract else None,
        evidence=tuple(contract.get("evidence", ())),
    )


def _parameters(item: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """The path's parameters, overridden by the operation's."""
    given = [*item.get("parameters", ()), *operation.get("parameters", ())]
    return tuple({(each["name"], each["in"]): _parameter(each) for each in given}.values())


def _parameter(parameter: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=parameter["name"],
        where=parameter["in"],
        required=parameter.get("required", False),
        schema=parameter.get("schema", {}),
        example=_example_of(parameter),
        open=contract_of(parameter).get("open", False),
    )


def _example_of(parameter: Mapping[str, Any]) -> Any:
    for example in parameter.get("examples", {}).values():
        return example.get("value")
    return parameter.get("example", parameter.get("schema", {}).get("example"))


def _lifecycles(document: Mapping[str, Any]) -> dict[str, Lifecycle]:
    """Lifecycles by resource."""
    found = [
        _lifecycle(name, contract_of(schema), document)
        for name, schema in document["components"]["schemas"].items()
        if "lifecycle" in contract_of(schema)
    ]
    return {lifecycle.resource: lifecycle for lifecycle in found}


def _lifecycle(schema: str, contract: Mapping[str, Any], document: Mapping[str, Any]) -> Lifecycle:
    facts = contract["lifecycle"]
    return Lifecycle(
        resource=facts["resource"],
        schema=schema,
        id=facts["id"],
        states=_states(schema, facts, document),
        initial=_listed(facts["initial"]),
        terminal=frozenset(_listed(facts["terminal"])),
        moves={state: {each: _listed(to) for each, to in moves.items()} for state, moves in facts["moves"].items()},
        field=facts.get("field"),
        history=History(**facts["history"]) if "history" in facts else None,
        times=tuple(facts.get("times", ())),
        dated=tuple(facts.get("dated", ())),
        volatile=tuple(facts.get("volatile", ())),
        evidence=tuple(contract.get("evidence", ())),
    )


def _states(schema: str, facts: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[State, ...]:
    if "field" not in facts:
        return tuple(State(name, condition["when"]) for name, condition in facts["states"].items())
    field = facts["field"]
    return tuple(State(name, {field: name}) for name in states_of_field(document, schema, field))


def _effect(facts: Mapping[str, Any]) -> Effect:
    place = facts.get("id")
    return Effect(
        resource=facts["resource"],
        trigger=facts["trigger"],
        id=IdLocation(place["in"], place["name"]) if place else None,
        items=facts.get("items"),
        body_optional=facts.get("body") == "optional",
        refused={reason: _refusals(facts) for reason, facts in facts.get("refused", {}).items()},
    )


def _refusals(facts: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> tuple[Refusal, ...]:
    return tuple(_refusal(each) for each in _listed(facts))


def _refusal(facts: Mapping[str, Any]) -> Refusal:
    return Refusal(
        statuses=_listed(facts["status"]),
        codes=_listed(facts.get("code", ())),
        states=tuple(facts.get("states", ())),
        evidence=tuple(facts.get("evidence", ())),
    )


def _listed(one_or_more: Any) -> tuple[Any, ...]:
    """The vocabulary lets a list of one be written without its brackets."""
    return tuple(one_or_more) if isinstance(one_or_more, list | tuple) else (one_or_more,)
