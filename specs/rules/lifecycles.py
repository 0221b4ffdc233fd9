"""Do lifecycles hang together?"""

from __future__ import annotations

from collections.abc import Iterator

from specs.document import References
from specs.lifecycle import GONE, routes
from specs.model import READ_TRIGGERS, Lifecycle, Spec
from specs.problems import Problem
from specs.schemas import Schema, subschema_at


def one_cancellable(file: str, spec: Spec) -> Iterator[Problem]:
    """Exactly one resource can be cancelled."""
    with_cancel = sorted(name for name in spec.lifecycles if spec.operation(name, "cancel"))
    if len(with_cancel) != 1:
        remedy = "Give exactly one operation an effect with `trigger: cancel`."
        found = ", ".join(with_cancel) or "none"
        yield Problem(file, "paths", "a spec is about one cancel", remedy, "one resource with a cancel", found)


def readable(file: str, spec: Spec) -> Iterator[Problem]:
    """Every resource with a lifecycle can be read: how else would one see its state?"""
    for lifecycle in spec.lifecycles.values():
        if not any(spec.operation(lifecycle.resource, trigger) for trigger in READ_TRIGGERS):
            what = f"nothing reads a {lifecycle.resource}"
            yield _problem(file, lifecycle, what, "Give an operation an effect with `trigger: read` or `list`.")


def reachable(file: str, spec: Spec) -> Iterator[Problem]:
    """A state that nothing leads to is a forgotten move or a forgotten `initial`."""
    for lifecycle in spec.lifecycles.values():
        for state in lifecycle.states:
            if routes(spec, lifecycle, state.name) is None:
                what = f"nothing leads to the state {state.name}"
                yield _problem(file, lifecycle, what, "Add the move that does, or list it in `initial`.")


def terminal(file: str, spec: Spec) -> Iterator[Problem]:
    """Terminal states stay what they are, all others can end."""
    for lifecycle in spec.lifecycles.values():
        for name in sorted(lifecycle.terminal):
            yield from _lively(file, lifecycle, name)
        for name in (state.name for state in lifecycle.states):
            if name not in lifecycle.terminal and not lifecycle.moves.get(name):
                what = f"nothing leads out of the state {name}"
                yield _problem(file, lifecycle, what, "Add its moves, or list it in `terminal`.")


def _lively(file: str, lifecycle: Lifecycle, state: str) -> Iterator[Problem]:
    for trigger, following in lifecycle.moves.get(state, {}).items():
        if trigger == "cancel" or not {state, GONE}.issuperset(following):
            what = f"the terminal state {state} has the move `{trigger}` to {', '.join(following)}"
            remedy = "Take it out of `terminal`, or remove the move."
            yield _problem(file, lifecycle, what, remedy, f"no cancel, and moves to itself or to {GONE} only")


def documented_properties(file: str, spec: Spec) -> Iterator[Problem]:
    """Whatever a lifecycle points at is a property of its schema."""
    references = References(spec.document)
    for lifecycle in spec.lifecycles.values():
        schema = references.resolved(spec.document["components"]["schemas"][lifecycle.schema])
        for member, path in _pointers(lifecycle):
            if subschema_at(schema, path) is None:
                what = f"lifecycle.{member} points at `{path}`, which the schema does not have"
                yield _problem(file, lifecycle, what, "Add the property, or correct the path.")
        yield from _history(file, lifecycle, schema)


def _pointers(lifecycle: Lifecycle) -> Iterator[tuple[str, str]]:
    yield "id", lifecycle.id
    yield from (("times", path) for path in lifecycle.times)
    yield from (("dated", path) for path in lifecycle.dated)
    yield from (("volatile", path) for path in lifecycle.volatile)
    for state in lifecycle.states:
        yield from ((f"states.{state.name}.when", path) for path in state.when)


def _history(file: str, lifecycle: Lifecycle, schema: Schema) -> Iterator[Problem]:
    history = lifecycle.history
    if history is None:
        return
    for path in (f"{history.list}.0.{history.state}", f"{history.list}.0.{history.at}"):
        if subschema_at(schema, path) is None:
            what = f"lifecycle.history points at `{path}`, which the schema does not have"
            yield _problem(file, lifecycle, what, "Add the property, or correct the path.")


def _problem(file: str, lifecycle: Lifecycle, what: str, remedy: str, expected: str = "") -> Problem:
    return Problem(file, f"schema {lifecycle.schema}", what, remedy, expected)
