"""Whether lifecycles and effects fit together: names they use exist. Quick, and done on every load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specs.lifecycle import GONE
from specs.model import Lifecycle, Operation, Spec
from specs.problems import Problem


def inconsistencies(file: str, spec: Spec) -> list[Problem]:
    """Every name in a lifecycle or an effect that nothing else in the spec knows."""
    found: list[Problem] = []
    for lifecycle in spec.lifecycles.values():
        found += _unknown_states(file, lifecycle)
    for operation in spec.operations.values():
        found += _unknown_in_effect(file, spec, operation)
    return found


def _unknown_states(file: str, lifecycle: Lifecycle) -> Iterator[Problem]:
    known = [state.name for state in lifecycle.states]
    for member, name in _states_named(lifecycle):
        if name not in known and not (name == GONE and "." in member):
            yield _unknown(file, f"schema {lifecycle.schema}", f"lifecycle.{member}", "state", name, known)


def _states_named(lifecycle: Lifecycle) -> Iterator[tuple[str, str]]:
    """Every use of a state's name, with the member that uses it."""
    yield from (("initial", state) for state in lifecycle.initial)
    yield from (("terminal", state) for state in sorted(lifecycle.terminal))
    for state, moves in lifecycle.moves.items():
        yield "moves", state
        yield from ((f"moves.{state}.{trigger}", following) for trigger, to in moves.items() for following in to)


def _unknown_in_effect(file: str, spec: Spec, operation: Operation) -> Iterator[Problem]:
    effect = operation.effect
    if effect is None:
        return
    lifecycle = spec.lifecycles.get(effect.resource)
    if lifecycle is None:
        yield _unknown(file, operation.label, "effect.resource", "resource", effect.resource, spec.lifecycles)
        return
    known = [state.name for state in lifecycle.states]
    for reason, refusals in effect.refused.items():
        for name in (state for refusal in refusals for state in refusal.states if state not in known):
            yield _unknown(file, operation.label, f"effect.refused.{reason}.states", "state", name, known)


def _unknown(file: str, where: str, member: str, kind: str, name: str, known: Iterable[str]) -> Problem:
    what = f"{member} names the unknown {kind} `{name}`"
    return Problem(file, where, what, f"Name one of these, or add the {kind}.", " | ".join(known) or f"a {kind}")
