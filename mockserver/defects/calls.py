"""Where a bug takes hold of a system, whatever the vendor: its calls, its ears and its door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mockserver.system import Call, Heard, Identity, Parts, Rejection, Reply, Request, Resource, VendorError
from specs import Spec
from specs.lifecycle import value_at
from specs.model import IdLocation, Operation

Around = Callable[[Call, Request], Reply]
React = Callable[[Call, Request, VendorError], Reply]
Authenticate = Callable[[Request], Identity | None]
Admit = Callable[[Authenticate, Request], Identity | None]
Listen = Callable[[Request, Heard], Heard]


def operation(spec: Spec, trigger: str) -> Operation:
    """The operation that pulls a trigger on the jobs that can be cancelled. LookupError if the vendor has none."""
    found = spec.operation(spec.cancellable.resource, trigger)
    if found is None:
        raise LookupError(f"{spec.system} has no {trigger}")
    return found


def pulls(parts: Parts, request: Request, trigger: str) -> bool:
    """Whether a request that was routed is for the operation that pulls this trigger."""
    return request.operation_id == operation(parts.spec, trigger).operation_id


def surround(parts: Parts, trigger: str, around: Around) -> None:
    """Have `around` answer the operation that pulls `trigger`; it is given the call as it was."""
    name = operation(parts.spec, trigger).operation_id
    call = parts.operations[name]
    parts.operations[name] = lambda request: around(call, request)


def on_refusal(parts: Parts, trigger: str, react: React) -> None:
    """Have `react` answer where the call refuses; it may raise the refusal again."""

    def around(call: Call, request: Request) -> Reply:
        try:
            return call(request)
        except VendorError as refusal:
            return react(call, request, refusal)

    surround(parts, trigger, around)


def before_rejecting(parts: Parts, act: Callable[[Rejection, Request], None]) -> None:
    """Do something before a request is turned down that no handler has seen."""
    reject = parts.reject

    def acting(rejection: Rejection, request: Request) -> VendorError:
        act(rejection, request)
        return reject(rejection, request)

    parts.reject = acting


def place_of_id(spec: Spec) -> IdLocation:
    """Where the cancel operation has the id of its job."""
    effect = operation(spec, "cancel").effect
    assert effect is not None and effect.id is not None
    return effect.id


def id_of(parts: Parts, request: Request) -> str:
    """The id that a request to cancel names, as it was sent; empty where it names none."""
    place = place_of_id(parts.spec)
    found = request.path_params.get(place.name) if place.where == "path" else value_at(request.body, place.name)
    return found if isinstance(found, str) else ""


def job_of(parts: Parts, request: Request) -> Resource | None:
    """The job that a request to cancel names, whoever's it is; None if there is none."""
    return job_with(parts, id_of(parts, request))


def job_with(parts: Parts, id: str) -> Resource | None:
    """A job as the control API sees it; None if there is none."""
    try:
        return parts.model.resource(id)
    except KeyError:
        return None


def naming(parts: Parts, request: Request, id: str) -> Request:
    """The same request about another job."""
    place = place_of_id(parts.spec)
    if place.where == "path":
        return replace(request, path_params={**request.path_params, place.name: id})
    return replace(request, body={**request.body, place.name: id})


def absent_id(parts: Parts, id: str) -> str:
    """An id of the same shape that no job has."""
    others = (id[:-1] + digit for digit in "0123456789abcdef")
    return next(other for other in others if job_with(parts, other) is None)


# Ears: what routing goes by.


def hear(parts: Parts, listen: Listen) -> None:
    """Have routing go by what `listen` makes of method and target."""
    hears = parts.hears
    parts.hears = lambda request: listen(request, hears(request))


def parameters_in(spec: Spec, trigger: str, target: str) -> dict[str, str] | None:
    """The path parameters of a target as the operation's path has them; None if it is another path."""
    template = (spec.base_path + operation(spec, trigger).path).split("/")
    segments = target.partition("?")[0].split("/")
    if len(segments) != len(template):
        return None
    pairs = list(zip(template, segments, strict=True))
    if any(not each.startswith("{") and each != segment for each, segment in pairs):
        return None
    return {each[1:-1]: segment for each, segment in pairs if each.startswith("{")}


# The door: who somebody is taken for.


def at_the_door(parts: Parts, trigger: str, admit: Admit) -> None:
    """Have `admit` decide who the sender of such a request is; it is given the vendor's own way."""
    authenticate = parts.authenticate

    def decide(request: Request) -> Identity | None:
        return admit(authenticate, request) if pulls(parts, request, trigger) else authenticate(request)

    parts.authenticate = decide


def take_for_owner(parts: Parts, trigger: str, who: str) -> None:
    """Let one identity act as the owner where it pulls this trigger."""
    owner = parts.identities["owner"]

    def admit(authenticate: Authenticate, request: Request) -> Identity | None:
        try:
            identity = authenticate(request)
        except VendorError:
            if reads_as(parts, authenticate, request) != who:
                raise
            return owner
        return owner if identity and identity.name == who else identity

    at_the_door(parts, trigger, admit)


def reads_as(parts: Parts, authenticate: Authenticate, request: Request) -> str:
    """Whose credentials a request carries, if they are at least good for reading; empty where they are not."""
    reading = replace(request, operation_id=operation(parts.spec, "read").operation_id)
    try:
        identity = authenticate(reading)
    except VendorError:
        return ""
    return identity.name if identity else ""
