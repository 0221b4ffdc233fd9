"""Refusals that do something nevertheless: what was refused, or something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mockserver.defects.calls import (
    Authenticate,
    at_the_door,
    before_rejecting,
    id_of,
    job_of,
    job_with,
    on_refusal,
    parameters_in,
)
from mockserver.defects.fitting import both, dates_its_state, id_in_path, refuses, refuses_repeat, settles_later
from mockserver.defects.lives import cancel, is_running, life, relive, running
from mockserver.state import Delete
from mockserver.system import Call, Defect, Identity, Parts, Rejection, Reply, Request, Resource, VendorError
from mockserver.timeline import Moment, Timeline

KIND = "side effects of refusals"
UNCHANGED = "refused_cancel_changes_nothing"
HELD_UP = 600.0  # seconds


def _refused_yet_done(who: str) -> Callable[[Parts], None]:
    """A bug that looks at the identity only after it has done what was asked."""

    def plant(parts: Parts) -> None:
        def react(call: Call, request: Request, refusal: VendorError) -> Reply:
            if request.identity and request.identity.name == who:
                cancel(parts, job_of(parts, request))
            raise refusal

        on_refusal(parts, "cancel", react)

    return plant


def _done_before_login(parts: Parts) -> None:
    """What is asked for is done first; then whoever asked is challenged, or sent away."""

    def admit(authenticate: Authenticate, request: Request) -> Identity | None:
        try:
            return authenticate(request)
        except VendorError:
            cancel(parts, job_of(parts, request))
            raise

    at_the_door(parts, "cancel", admit)


def _unknown_means_newest(parts: Parts) -> None:
    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        if request.identity and job_of(parts, request) is None:
            cancel(parts, next(reversed(running(parts, request.identity.tenant)), None))
        raise refusal

    on_refusal(parts, "cancel", react)


def _malformed_is_cut(parts: Parts) -> None:
    """An id that is too long is refused, and acted upon as far as it goes."""

    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        cancel(parts, _at_the_start_of(parts, id_of(parts, request)))
        raise refusal

    on_refusal(parts, "cancel", react)
    before_rejecting(parts, lambda rejection, request: cancel(parts, _at_the_start_of(parts, id_of(parts, request))))


def _at_the_start_of(parts: Parts, text: str) -> Resource | None:
    return next((each for each in parts.model.resources() if text.startswith(each.id) and text != each.id), None)


def _wrong_method_acts(parts: Parts) -> None:
    def act(rejection: Rejection, request: Request) -> None:
        found = parameters_in(parts.spec, "cancel", request.target)
        if found is not None and rejection.kind == "wrong_method":
            cancel(parts, job_with(parts, id_of(parts, replace(request, path_params=found))))

    before_rejecting(parts, act)


Harm = Callable[[Parts, Resource], None]


def _harms(harm: Harm) -> Callable[[Parts], None]:
    """A bug that does this to a job that is refused its cancel for having ended."""

    def plant(parts: Parts) -> None:
        def react(call: Call, request: Request, refusal: VendorError) -> Reply:
            job, asking = job_of(parts, request), request.identity
            own = job and asking and job.tenant == asking.tenant and asking.name == "owner"
            if job and own and not is_running(parts.spec, job.state):
                harm(parts, job)
            raise refusal

        on_refusal(parts, "cancel", react)

    return plant


def _noted(parts: Parts, job: Resource) -> None:
    """The refused attempt goes into the history, as one more entry of the same state."""
    now = parts.world.clock.now()
    relive(parts, job.id, Timeline((*life(parts, job.id).past(now), Moment(now, job.state))))


def _removed(parts: Parts, job: Resource) -> None:
    if record := parts.world.store.get(parts.model.kind, job.id):
        parts.world.store.commit(Delete(record))


def _held_up(parts: Parts, job: Resource) -> None:
    """A job that settles begins to settle anew."""
    now = parts.world.clock.now()
    lived = life(parts, job.id)
    later = (Moment(moment.at + HELD_UP, moment.state) for moment in lived.moments if moment.at > now)
    relive(parts, job.id, Timeline((*lived.past(now), *later)))


def _reopened(parts: Parts, job: Resource) -> None:
    """The clean-up after a failed attempt puts the job back to where jobs begin."""
    now = parts.world.clock.now()
    first = parts.spec.cancellable.initial[0]
    relive(parts, job.id, Timeline((*life(parts, job.id).past(now), Moment(now, first))))


DEFECTS = (
    Defect(
        "refused_reader_cancels",
        KIND,
        "a cancel by a role that is too low is refused and carried out",
        _refused_yet_done("reader"),
        (UNCHANGED, "weak_role_is_refused"),
        both(refuses("forbidden"), id_in_path),
    ),
    Defect(
        "refused_stranger_cancels",
        KIND,
        "a cancel by another tenant is refused and carried out",
        _refused_yet_done("stranger"),
        (UNCHANGED, "other_tenants_job_is_out_of_reach"),
        refuses("other_tenant"),
    ),
    Defect(
        "cancel_comes_before_login",
        KIND,
        "a cancel without good credentials is carried out before it is refused",
        _done_before_login,
        (
            UNCHANGED,
            "missing_credentials_are_refused",
            "wrong_credentials_are_refused",
            "digest_handshake_cancels_once",
        ),
        id_in_path,
    ),
    Defect(
        "unknown_id_cancels_the_newest",
        KIND,
        "a cancel of an unknown id is refused, and stops the newest job",
        _unknown_means_newest,
        (UNCHANGED, "unknown_job_is_not_found"),
    ),
    Defect(
        "malformed_id_is_cut",
        KIND,
        "an id with more after it is refused, and the job that it begins with cancelled",
        _malformed_is_cut,
        (UNCHANGED, "malformed_id_is_refused"),
    ),
    Defect(
        "wrong_method_cancels_first",
        KIND,
        "a method that the path of cancel does not have is refused, after the job was cancelled",
        _wrong_method_acts,
        (UNCHANGED, "wrong_methods_are_refused", "safe_methods_never_cancel"),
        id_in_path,
    ),
    Defect(
        "refusal_is_noted_as_a_transition",
        KIND,
        "a refused cancel of an ended job dates its end anew",
        _harms(_noted),
        (UNCHANGED, "settled_state_never_changes"),
        dates_its_state,
    ),
    Defect(
        "refusal_removes_the_job",
        KIND,
        "a refused cancel of an ended job removes it",
        _harms(_removed),
        (UNCHANGED, "settled_state_never_changes"),
    ),
    Defect(
        "refusal_reopens_the_job",
        KIND,
        "a refused cancel of an ended job puts it back to where jobs begin",
        _harms(_reopened),
        (UNCHANGED, "settled_state_never_changes"),
    ),
    Defect(
        "refused_repeat_holds_up_settling",
        KIND,
        "each refused repeat makes a cancelled job take ten minutes more to settle",
        _harms(_held_up),
        (UNCHANGED, "retry_is_safe", "cancel_settles"),
        both(settles_later, refuses_repeat),
    ),
)
