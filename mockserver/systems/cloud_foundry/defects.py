"""Contract bugs of the Cloud Controller's own, to be planted on purpose; some of them it has had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import jwt

from mockserver.defects.answers import Members, after_dressing, change_shown_jobs, data_of, put, too_late
from mockserver.defects.calls import Authenticate, at_the_door, job_of, on_refusal, surround
from mockserver.defects.lives import alter_cancelled, cancel, life, move_cancel_by, relive
from mockserver.system import Call, Defect, Identity, Parts, Reply, Request, VendorError
from mockserver.systems.cloud_foundry import errors
from mockserver.systems.cloud_foundry.auth import bearer_token, caller_of
from mockserver.systems.cloud_foundry.phases import Phase
from mockserver.timeline import Moment, Timeline

SHOWN = ("read", "cancel")
LATER = 60.0  # seconds after the end
SKEW = 3600.0  # seconds
SWAPPED = {
    10002: (1000, "CF-InvalidAuthToken", "Invalid Auth Token"),
    1000: (10002, "CF-NotAuthenticated", "Authentication error"),
}
MATCH = ("replies_match_the_spec",)


def _refuses_what_is_canceling(parts: Parts) -> None:
    """As https://github.com/cloudfoundry/cloud_controller_ng/pull/3026 would have had it."""

    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        return too_late(parts, call, request, job) if job and job.state == Phase.CANCELING.reason else call(request)

    surround(parts, "cancel", around)


def _reason_is_rewritten(parts: Parts) -> None:
    """A job that comes by later, https://github.com/cloudfoundry/cloud_controller_ng/pull/3073."""

    def alter(before: Timeline, after: Timeline, now: float) -> Timeline:
        return Timeline((*after.moments, Moment(after.moments[-1].at + LATER, Phase.SUPERSEDED.name)))

    alter_cancelled(parts, alter)


def _paused_goes_on(parts: Parts) -> None:
    """A paused canary takes the cancel for a continue."""

    def alter(before: Timeline, after: Timeline, now: float) -> Timeline:
        goes_on = (Moment(now, Phase.DEPLOYING.name), Moment(now + LATER, Phase.DEPLOYED.name))
        return Timeline((*before.past(now), *goes_on)) if before.state(now) == Phase.PAUSED.name else after

    alter_cancelled(parts, alter)


def _continue_revives(parts: Parts) -> None:
    """What has ended goes on before anybody looks at its state."""

    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        job, now = job_of(parts, request), parts.world.clock.now()
        if refusal.reply.status == 422 and job and job.state == Phase.CANCELED.name:
            relive(parts, job.id, Timeline((*life(parts, job.id).past(now), Moment(now, Phase.DEPLOYING.name))))
        raise refusal

    on_refusal(parts, "continue", react)


def _shows(change: Callable[[Members], None]) -> Callable[[Parts], None]:
    """A bug in how a deployment looks on its own."""

    def plant(parts: Parts) -> None:
        for trigger in SHOWN:
            change_shown_jobs(parts, trigger, change)

    return plant


def _is_cancelled(deployment: Members) -> bool:
    return deployment["status"]["reason"] in (Phase.CANCELING.reason, Phase.CANCELED.reason)


def _status_lags(deployment: Members) -> None:
    put(deployment, "status.value", "ACTIVE")


def _link_stays(deployment: Members) -> None:
    own = deployment["links"]["self"]["href"]
    put(deployment, "links.cancel", {"href": f"{own}/actions/cancel", "method": "POST"})


def _processes_are_forgotten(deployment: Members) -> None:
    if _is_cancelled(deployment):
        deployment["new_processes"] = []


def _droplets_are_swapped(deployment: Members) -> None:
    if _is_cancelled(deployment):
        before, after = deployment["previous_droplet"], deployment["droplet"]
        deployment.update(droplet=before, previous_droplet=after)


def _codes_are_swapped(parts: Parts) -> None:
    """Clients refresh their token on 1000 and not on 10002, so it matters which is which."""

    def change(reply: Reply, request: Request) -> Reply:
        return replace(reply, body=_swapped(data_of(reply))) if reply.status == 401 else reply

    after_dressing(parts, change)


def _swapped(body: Any) -> Any:
    code, title, detail = SWAPPED[body["errors"][0]["code"]]
    return {"errors": [{"detail": detail, "title": title, "code": code}]}


def _unsigned_tokens_are_taken(parts: Parts) -> None:
    """A token that says itself that it is not signed (`alg: none`) is read all the same."""

    def admit(authenticate: Authenticate, request: Request) -> Identity | None:
        try:
            return authenticate(request)
        except VendorError:
            if (caller := _unsigned(bearer_token(request) or "")) is None:
                raise
            return caller

    at_the_door(parts, "cancel", admit)


def _unsigned(token: str) -> Identity | None:
    try:
        if jwt.get_unverified_header(token).get("alg") != "none":
            return None
        return caller_of(token, jwt.decode(token, options={"verify_signature": False}))
    except jwt.InvalidTokenError:
        return None


def _strangers_are_told(parts: Parts) -> None:
    """Who may not know of a deployment learns that it is there."""

    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        job = job_of(parts, request)
        if job and request.identity and job.tenant != request.identity.tenant:
            raise errors.not_authorized()
        raise refusal

    for trigger in ("cancel", "read"):
        on_refusal(parts, trigger, react)


def _broken_body_is_done(parts: Parts) -> None:
    """The body is only looked at once there is nothing else left to do."""

    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        job = job_of(parts, request)
        if refusal.reply.status == 400 and job and request.identity == parts.identities["owner"]:
            cancel(parts, job)
        raise refusal

    on_refusal(parts, "cancel", react)


def _errors_are_bare(parts: Parts) -> None:
    """One error instead of a list, as the published OpenAPI document has it for one status."""

    def change(reply: Reply, request: Request) -> Reply:
        data = data_of(reply)
        return replace(reply, body=data["errors"][0]) if isinstance(data, dict) and "errors" in data else reply

    after_dressing(parts, change)


DEFECTS = (
    Defect(
        "cf_repeat_is_refused_while_canceling",
        "state logic",
        "a deployment that is being cancelled refuses a second cancel",
        _refuses_what_is_canceling,
        ("repeat_cancel_answers_as_documented",),
    ),
    Defect(
        "cf_paused_canary_goes_on",
        "state logic",
        "a cancel lets a paused canary go on to the end",
        _paused_goes_on,
        ("cancel_shows_at_once", "cancel_settles"),
    ),
    Defect(
        "cf_continue_revives_the_canceled",
        "state logic",
        "continuing a deployment that was cancelled is refused, and starts it again",
        _continue_revives,
        ("other_requests_keep_to_the_lifecycle",),
    ),
    Defect(
        "cf_reason_of_the_end_is_rewritten",
        "convergence",
        "a minute after a deployment was cancelled it reads as superseded",
        _reason_is_rewritten,
        ("settled_state_never_changes", "history_is_monotonic"),
    ),
    Defect(
        "cf_status_change_lies_in_the_past",
        "timing",
        "`last_status_change` of a cancelled deployment is before its creation",
        partial(move_cancel_by, seconds=-SKEW),
        ("history_is_monotonic",),
    ),
    Defect(
        "cf_status_is_always_active",
        "representation",
        "`status.value` is ACTIVE whatever the reason is",
        _shows(_status_lags),
        MATCH,
    ),
    Defect(
        "cf_cancel_link_stays",
        "representation",
        "a deployment that is finished still has a link to cancel it",
        _shows(_link_stays),
        MATCH,
    ),
    Defect(
        "cf_cancel_forgets_the_processes",
        "representation",
        "a cancelled deployment no longer lists the processes that it created",
        _shows(_processes_are_forgotten),
        ("cancel_changes_nothing_else",),
    ),
    Defect(
        "cf_cancel_swaps_the_droplets",
        "representation",
        "a cancelled deployment has `droplet` and `previous_droplet` the wrong way round",
        _shows(_droplets_are_swapped),
        ("cancel_changes_nothing_else",),
    ),
    Defect(
        "cf_login_codes_are_swapped",
        "error shape",
        "a missing token is answered with the code of an invalid one, and the other way round",
        _codes_are_swapped,
        ("missing_credentials_are_refused", "wrong_credentials_are_refused"),
    ),
    Defect(
        "cf_errors_are_bare",
        "error shape",
        "an error is not in a list",
        _errors_are_bare,
        ("errors_wear_the_vendor_envelope", *MATCH),
    ),
    Defect(
        "cf_unsigned_tokens_are_taken",
        "authorization",
        "a token without a signature is taken",
        _unsigned_tokens_are_taken,
        ("wrong_credentials_are_refused",),
    ),
    Defect(
        "cf_strangers_learn_what_there_is",
        "authorization",
        "deployments of other organizations are answered 403 instead of 404",
        _strangers_are_told,
        ("other_tenants_job_is_out_of_reach",),
    ),
    Defect(
        "cf_broken_body_is_refused_too_late",
        "side effects of refusals",
        "a cancel with a body that is no JSON is refused, and carried out",
        _broken_body_is_done,
        ("refused_cancel_changes_nothing",),
    ),
)
