"""The rules of a lifecycle, as pure functions: mock, suite and lint all ask here what a state allows.

A move whose trigger no operation carries is asynchronous: the vendor takes that step by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any, Final

from specs.model import Effect, Lifecycle, Spec, State

GONE: Final = "gone"
"""The one word `moves` may use besides its states: the resource no longer exists (what a delete leads to)."""


class Missing(Enum):
    """The type of `MISSING`."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""What `value_at` answers where a representation holds nothing, not even null."""


def value_at(representation: Any, dotted_path: str) -> Any:
    """The value at `a.b.0.c`, or MISSING. Numbers index arrays."""
    found = representation
    for step in dotted_path.split("."):
        found = _member(found, step)
    return found


def _member(container: Any, step: str) -> Any:
    if isinstance(container, Mapping):
        return container.get(step, MISSING)
    if isinstance(container, list) and step.isdecimal() and int(step) < len(container):
        return container[int(step)]
    return MISSING


def state_of(lifecycle: Lifecycle, representation: Any) -> str | None:
    """The state that a representation shows, or None if no state's conditions hold. The first match wins."""
    for state in lifecycle.states:
        if all(_holds(condition, value_at(representation, path)) for path, condition in state.when.items()):
            return state.name
    return None


def rivals_of(lifecycle: Lifecycle, representation: Any) -> tuple[str, ...]:
    """Terminal states besides the one shown that the same plain values name: a job that has ended in two ways."""
    shown = state_of(lifecycle, representation)
    others = (each for each in lifecycle.states if each.name in lifecycle.terminal - {shown})
    return tuple(each.name for each in others if _is_named(each, representation))


def _is_named(state: State, representation: Any) -> bool:
    """Whether a state's conditions hold, none of them being only that something is or is not there."""
    return all(
        not isinstance(condition, Mapping) and _same(value_at(representation, path), condition)
        for path, condition in state.when.items()
    )


def _holds(condition: Any, value: Any) -> bool:
    if not isinstance(condition, Mapping):
        return _same(value, condition)
    if "present" in condition:
        return (value not in (MISSING, None)) is condition["present"]
    if "empty" in condition:
        return (value in (MISSING, None, "", [], {})) is condition["empty"]
    return any(_same(value, option) for option in condition["any_of"])


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: unlike in Python, `true` is not 1."""
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def accepts(lifecycle: Lifecycle, state: str, trigger: str) -> bool:
    """Whether the lifecycle lets `trigger` happen in `state`."""
    return bool(next_states(lifecycle, state, trigger))


def next_states(lifecycle: Lifecycle, state: str, trigger: str) -> tuple[str, ...]:
    """Every state the documents allow after `trigger` in `state`; empty where it is refused."""
    return lifecycle.moves.get(state, {}).get(trigger, ())


def open_to_refusal(lifecycle: Lifecycle, effect: Effect, state: str) -> bool:
    """Whether documents leave open what happens in `state`: it lists the trigger, and a refusal names the state too."""
    refusals = effect.refused.get("wrong_state", ())
    return accepts(lifecycle, state, effect.trigger) and any(state in refusal.states for refusal in refusals)


def operation_triggers(spec: Spec, lifecycle: Lifecycle) -> frozenset[str]:
    """The triggers that a client can pull on this resource."""
    effects = (operation.effect for operation in spec.operations.values())
    return frozenset(effect.trigger for effect in effects if effect and effect.resource == lifecycle.resource)


def asynchronous_moves(spec: Spec, lifecycle: Lifecycle, state: str) -> dict[str, tuple[str, ...]]:
    """What may happen in `state` without any request: trigger -> next states."""
    pulled = operation_triggers(spec, lifecycle)
    moves = lifecycle.moves.get(state, {})
    return {trigger: following for trigger, following in moves.items() if trigger not in pulled}


def reachable_by_itself(spec: Spec, lifecycle: Lifecycle, state: str) -> frozenset[str]:
    """`state` and every state that asynchronous moves alone can lead to from it."""
    seen, waiting = {state}, [state]
    while waiting:
        for following in asynchronous_moves(spec, lifecycle, waiting.pop()).values():
            waiting += [each for each in following if each not in seen]
            seen.update(following)
    return frozenset(seen)


def settled_after(spec: Spec, lifecycle: Lifecycle, state: str, trigger: str = "cancel") -> frozenset[str]:
    """The terminal states a resource may end in once `trigger` was accepted in `state`."""
    following = next_states(lifecycle, state, trigger)
    reached = frozenset[str]().union(*(reachable_by_itself(spec, lifecycle, each) for each in following))
    return reached & lifecycle.terminal


def routes(spec: Spec, lifecycle: Lifecycle, goal: str) -> list[str] | None:
    """A shortest list of triggers from an initial state to `goal`, or None if nothing leads there.

    Of equally short ones the surest: the one on which the fewest other things may happen, and then the fewest waits.
    """
    waiting = sorted(Way(0, 1, 0, (), state) for state in lifecycle.initial)
    seen: set[str] = set()
    while waiting:
        way = heappop(waiting)
        if way.state == goal:
            return list(way.triggers)
        if way.state not in seen:
            seen.add(way.state)
            for longer in _continued(spec, lifecycle, way):
                heappush(waiting, longer)
    return None


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """A route and where it leads. Compared member by member: the least of several is the way to go."""

    steps: int
    outcomes: int  # how many ways things may go on it
    waits: int
    triggers: tuple[str, ...]
    state: str


def _continued(spec: Spec, lifecycle: Lifecycle, way: Way) -> Iterator[Way]:
    by_itself = asynchronous_moves(spec, lifecycle, way.state)
    for trigger, following in lifecycle.moves.get(way.state, {}).items():
        rivals = by_itself.values() if trigger in by_itself else [following]  # a request decides, who waits does not
        outcomes = way.outcomes * sum(map(len, rivals))
        waits = way.waits + (trigger in by_itself)
        for state in following:
            yield Way(way.steps + 1, outcomes, waits, (*way.triggers, trigger), state)


def walkable(spec: Spec, lifecycle: Lifecycle, seen: Sequence[str]) -> bool:
    """Whether states observed in this order can belong to one resource.

    Between two observations lie any number of asynchronous moves and at most one request.
    """
    known = {state.name for state in lifecycle.states}
    return known.issuperset(seen) and all(
        later in _within_one_request(spec, lifecycle, earlier) for earlier, later in pairwise(seen)
    )


def _within_one_request(spec: Spec, lifecycle: Lifecycle, state: str) -> frozenset[str]:
    by_itself = reachable_by_itself(spec, lifecycle, state)
    pulled = operation_triggers(spec, lifecycle)
    after_request = {
        following for before in by_itself for trigger in pulled for following in next_states(lifecycle, before, trigger)
    }
    return by_itself.union(*(reachable_by_itself(spec, lifecycle, each) for each in after_request))
