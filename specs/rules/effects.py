"""Do effects point at things that exist, and are their refusals documented?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specs.document import References
from specs.lifecycle import accepts
from specs.model import Effect, Operation, Refusal, Spec
from specs.problems import Problem
from specs.schemas import Schema, enum_at, request_schema, subschema_at, success_schema


def unambiguous(file: str, spec: Spec) -> Iterator[Problem]:
    """One operation a resource and trigger."""
    first: dict[tuple[str, str], Operation] = {}
    for operation, effect in _effects(spec):
        other = first.setdefault((effect.resource, effect.trigger), operation)
        if other is not operation:
            what = f"effect: {other.operation_id} already pulls `{effect.trigger}` on {effect.resource}"
            yield Problem(file, operation.label, what, "Give one of the two another trigger.")


def ids(file: str, spec: Spec) -> Iterator[Problem]:
    """The id is where the effect says."""
    for operation, effect in _effects(spec):
        if effect.id is None:
            continue
        if not _travels(operation, effect.id.where, effect.id.name):
            what = f"effect.id is `{effect.id.name}` in {effect.id.where}, but nothing is documented there"
            yield Problem(file, operation.label, what, "Name a documented parameter or property.")


def ids_given(file: str, spec: Spec) -> Iterator[Problem]:
    """All operations but create and list say which resource they are about."""
    for operation, effect in _effects(spec):
        if effect.id is None and effect.trigger not in ("create", "list"):
            what = f"effect with trigger `{effect.trigger}` has no id"
            yield Problem(file, operation.label, what, "Add `id: {in: path, name: ...}`.")


def items(file: str, spec: Spec) -> Iterator[Problem]:
    """A list says where its items are."""
    for operation, effect in _effects(spec):
        if effect.trigger == "list" and not _is_array(success_schema(operation), effect.items):
            what = f"effect.items is `{effect.items or ''}`, which is no array of the reply"
            yield Problem(file, operation.label, what, "Name the array by its dotted path.")


def refusals(file: str, spec: Spec) -> Iterator[Problem]:
    """A refusal's status is a documented response with a body, its code one that the error schema allows.

    What a path answers to a method it lacks is no operation's response: OpenAPI has no place for it.
    """
    codes = _known_codes(spec)
    for operation, reason, refusal in _refusals(spec):
        for status in refusal.statuses if reason != "wrong_method" else ():
            yield from _undocumented(file, operation, reason, status)
        for code in refusal.codes:
            if codes and code not in codes:
                what = f"effect.refused.{reason}: the code `{code}` is not in the enum of schema {spec.error.schema}"
                yield Problem(file, operation.label, what, "Add it there, or correct it.")


def every_state_answers(file: str, spec: Spec) -> Iterator[Problem]:
    """What a request does is said for every state: it is accepted, refused, or open."""
    for operation, effect in _effects(spec):
        if effect.trigger not in _moving_triggers(spec, effect.resource):
            continue
        lifecycle = spec.lifecycles[effect.resource]
        for state in lifecycle.states:
            if not accepts(lifecycle, state.name, effect.trigger) and not _refused_in(effect, state.name):
                what = f"nothing says what `{effect.trigger}` answers in the state {state.name}"
                yield Problem(file, operation.label, what, "Add the move, or the state to effect.refused.wrong_state.")


def _effects(spec: Spec) -> Iterator[tuple[Operation, Effect]]:
    for operation in spec.operations.values():
        if operation.effect:
            yield operation, operation.effect


def _travels(operation: Operation, where: str, name: str) -> bool:
    if where == "response":
        return subschema_at(success_schema(operation), name) is not None
    if where == "body":
        return subschema_at(request_schema(operation), name) is not None
    return any((parameter.where, parameter.name) == (where, name) for parameter in operation.parameters)


def _is_array(reply: Schema, path: str | None) -> bool:
    return path is not None and (subschema_at(reply, path) or {}).get("type") == "array"


def _refusals(spec: Spec) -> Iterator[tuple[Operation, str, Refusal]]:
    for operation, effect in _effects(spec):
        for reason, refusals in effect.refused.items():
            yield from ((operation, reason, refusal) for refusal in refusals)


def _undocumented(file: str, operation: Operation, reason: str, status: int) -> Iterator[Problem]:
    response = operation.definition["responses"].get(str(status))
    if response is None:
        what = f"effect.refused.{reason}: {status} is no documented response"
        found = ", ".join(operation.definition["responses"])
        yield Problem(file, operation.label, what, "Document it, or correct the status.", found=found)
    elif not _has_body_schema(response):
        what = f"effect.refused.{reason}: response {status} has no body schema"
        yield Problem(file, operation.label, what, "Add its content.")


def _has_body_schema(response: Mapping[str, Any]) -> bool:
    return any("schema" in content for content in response.get("content", {}).values())


def _known_codes(spec: Spec) -> tuple[Any, ...]:
    schema = References(spec.document).resolved(spec.document["components"]["schemas"][spec.error.schema])
    return enum_at(schema, spec.error.code)


def _moving_triggers(spec: Spec, resource: str) -> frozenset[str]:
    """The triggers that some state of the resource lists: creating and reading do not depend on a state."""
    return frozenset(trigger for moves in spec.lifecycles[resource].moves.values() for trigger in moves)


def _refused_in(effect: Effect, state: str) -> bool:
    refusals = effect.refused.get("wrong_state", ())
    return any(not refusal.states or state in refusal.states for refusal in refusals)
