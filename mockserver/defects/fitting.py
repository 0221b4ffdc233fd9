"""Where a bug would show: conditions on what a vendor promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.defects.answers import documented_responses
from mockserver.defects.calls import operation, place_of_id
from mockserver.defects.lives import after_cancel, other_ends, running_states
from specs import Spec
from specs.lifecycle import accepts

Fits = Callable[[Spec], bool]


def both(*conditions: Fits) -> Fits:
    """All of these."""
    return lambda spec: all(condition(spec) for condition in conditions)


def settles_later(spec: Spec) -> bool:
    """A cancelled job passes through a state that is not its last."""
    return not after_cancel(spec) <= spec.cancellable.terminal


def refuses_repeat(spec: Spec) -> bool:
    """A job that is being cancelled, or was, refuses to be cancelled again."""
    return not any(accepts(spec.cancellable, state, "cancel") for state in after_cancel(spec))


def accepts_repeat(spec: Spec) -> bool:
    """A job that is being cancelled may be cancelled again."""
    return not refuses_repeat(spec)


def ends_otherwise(spec: Spec) -> bool:
    """There are ends that no cancelled job may come to."""
    return bool(other_ends(spec))


def starts_over(spec: Spec) -> bool:
    """Jobs pass through several states before they end."""
    return len(running_states(spec)) > 1


def accepts_to_the_end(spec: Spec) -> bool:
    """Documents leave no doubt that the last state before the end accepts cancel."""
    effect, last = operation(spec, "cancel").effect, running_states(spec)[-1]
    assert effect is not None
    return all(last not in refusal.states for refusal in effect.refused.get("wrong_state", ()))


def reply_shows_job(spec: Spec) -> bool:
    """The answer to an accepted cancel shows the job."""
    name = spec.cancellable.id.partition(".")[0]
    return any(_has_member(schema, name) for schema in _schemas(spec, "cancel"))


def list_counts(spec: Spec) -> bool:
    """The list says how many jobs there are, on top."""
    return any(_has_member(schema, name) for schema in _schemas(spec, "list") for name in TOTALS)


def shows_state(spec: Spec) -> bool:
    """Jobs have a member that says their state."""
    return spec.cancellable.field is not None


def has_history(spec: Spec) -> bool:
    """Jobs show what they have been through."""
    return spec.cancellable.history is not None


def shows_moments(spec: Spec) -> bool:
    """A job names moments, in a history or beside it."""
    return has_history(spec) or bool(spec.cancellable.times)


def dates_its_state(spec: Spec) -> bool:
    """A job shows since when it is in its state, by its history or by a moment beside the state."""
    return has_history(spec) or (shows_state(spec) and bool(spec.cancellable.times))


def id_in_path(spec: Spec) -> bool:
    """A cancel names its job in the path."""
    return place_of_id(spec).where == "path"


def has_scope(spec: Spec) -> bool:
    """The path of cancel names more than the job: a project, a cluster."""
    return id_in_path(spec) and operation(spec, "cancel").path.count("{") > 1


def wraps(spec: Spec) -> bool:
    """Clients may ask for answers in an envelope, and pretty."""
    return {"envelope", "pretty"} <= {parameter.name for parameter in operation(spec, "read").parameters}


def own_path(spec: Spec) -> bool:
    """The path of cancel is no other operation's."""
    path = operation(spec, "cancel").path
    return sum(each.path == path for each in spec.operations.values()) == 1


def refuses(reason: str) -> Fits:
    """A refusal of cancel is documented for this reason."""

    def documented(spec: Spec) -> bool:
        effect = operation(spec, "cancel").effect
        return effect is not None and bool(effect.refused.get(reason))

    return documented


def has_code(reason: str) -> Fits:
    """Refusals for this reason have a documented code."""

    def documented(spec: Spec) -> bool:
        effect = operation(spec, "cancel").effect
        return effect is not None and any(refusal.codes for refusal in effect.refused.get(reason, ()))

    return documented


def tells_status(spec: Spec) -> bool:
    """The body of a refusal repeats its status as a number."""
    members = spec.document["components"]["schemas"][spec.error.schema]["properties"]
    return bool(members.get("error", {}).get("type") == "integer")


def uses(scheme: str) -> Fits:
    """Clients prove who they are by this HTTP scheme."""

    def used(spec: Spec) -> bool:
        schemes = spec.document["components"]["securitySchemes"].values()
        return any(each.get("scheme") == scheme for each in schemes)

    return used


def challenges(spec: Spec) -> bool:
    """A request without credentials is answered with a challenge."""
    return "WWW-Authenticate" in documented_responses(spec, "cancel")["401"].get("headers", {})


def success_has_body(spec: Spec) -> bool:
    """An accepted cancel is answered with something to read."""
    return "204" not in documented_responses(spec, "cancel")


TOTALS = ("total", "totalCount")


def _schemas(spec: Spec, trigger: str) -> list[Mapping[str, Any]]:
    contents = (
        each.get("content", {}) for status, each in documented_responses(spec, trigger).items() if status[0] == "2"
    )
    return [media_type["schema"] for content in contents for media_type in content.values()]


def _has_member(schema: Mapping[str, Any], name: str) -> bool:
    below = (each for key in ("allOf", "anyOf", "oneOf") for each in schema.get(key, ()))
    return name in schema.get("properties", {}) or any(_has_member(each, name) for each in below)
