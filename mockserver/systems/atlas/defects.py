"""Contract bugs of Atlas's own, to be planted on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mockserver.defects.answers import Members, change_shown_jobs
from mockserver.defects.calls import job_of, on_refusal, surround
from mockserver.defects.lives import cancel, life, relive
from mockserver.system import Call, Defect, Parts, Reply, Request, VendorError
from mockserver.systems.atlas.course import State
from mockserver.timeline import Moment, Timeline

SHOWN = ("read", "list")
FLAGS = ("cancelled", "expired", "failed")
TOO_LATE = ("terminal_job_refuses_cancel",)


def _cancels_in(state: State) -> Callable[[Parts], None]:
    """A bug that lets a job be cancelled in a state where it has to go on."""

    def plant(parts: Parts) -> None:
        def react(call: Call, request: Request, refusal: VendorError) -> Reply:
            job, asking = job_of(parts, request), request.identity
            if job is None or asking is None or asking.name != "owner" or job.state != state:
                raise refusal
            now = parts.world.clock.now()
            relive(parts, job.id, Timeline((*life(parts, job.id).past(now), Moment(now, State.CANCELLED))))
            return Reply(204)

        on_refusal(parts, "cancel", react)

    return plant


def _finished_says_yes(parts: Parts) -> None:
    """A restore that is done has nothing to cancel, so nothing went wrong."""

    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        job, asking = job_of(parts, request), request.identity
        if job is None or asking is None or asking.name != "owner" or job.state != State.FINISHED:
            raise refusal
        return Reply(204)

    on_refusal(parts, "cancel", react)


def _shows(change: Callable[[Members], None]) -> Callable[[Parts], None]:
    """A bug in how jobs look, on their own and in the list."""

    def plant(parts: Parts) -> None:
        for trigger in SHOWN:
            change_shown_jobs(parts, trigger, change)

    return plant


def _failed_as_well(job: Members) -> None:
    job["failed"] = job["failed"] or job["cancelled"]


def _expired_instead(job: Members) -> None:
    job.update(expired=job["expired"] or job["cancelled"], cancelled=False)


def _flags_as_texts(job: Members) -> None:
    job.update({name: str(job[name]).lower() for name in FLAGS})


def _null_for_false(job: Members) -> None:
    job.update({name: job[name] or None for name in FLAGS})


def _succeeds_with_a_job(parts: Parts) -> None:
    """As newer versions of such interfaces do: 200, and what was asked for."""
    surround(parts, "cancel", lambda call, request: replace(call(request), status=200, body={}))


def _reading_cancels(parts: Parts) -> None:
    """An old page of the documents has GET for the method of cancel, on the path that a job is read under."""

    def around(call: Call, request: Request) -> Reply:
        reply = call(request)
        if request.identity and request.identity.name == "owner":
            cancel(parts, job_of(parts, request))
        return reply

    surround(parts, "read", around)


DEFECTS = (
    Defect(
        "atlas_automated_restore_is_cancelled",
        "state logic",
        "an automated restore, which cannot be stopped, accepts a cancel and reads as cancelled",
        _cancels_in(State.RESTORING),
        TOO_LATE,
    ),
    Defect(
        "atlas_point_in_time_restore_is_cancelled",
        "state logic",
        "a restore of a point in time accepts a cancel and reads as cancelled",
        _cancels_in(State.RECOVERING),
        TOO_LATE,
    ),
    Defect(
        "atlas_finished_restore_says_yes",
        "state logic",
        "cancelling a restore that is done is answered as a success",
        _finished_says_yes,
        TOO_LATE,
    ),
    Defect(
        "atlas_cancelled_job_has_failed_as_well",
        "representation",
        "a cancelled job is flagged as failed, too",
        _shows(_failed_as_well),
        ("cancel_changes_nothing_else", "cancel_shows_at_once"),
    ),
    Defect(
        "atlas_cancelled_job_has_expired_instead",
        "representation",
        "a cancelled job is flagged as expired, not as cancelled",
        _shows(_expired_instead),
        ("cancel_shows_at_once", "cancel_settles"),
    ),
    Defect(
        "atlas_flags_are_texts",
        "representation",
        "flags are the texts `true` and `false`",
        _shows(_flags_as_texts),
        ("replies_match_the_spec",),
    ),
    Defect(
        "atlas_flags_are_null",
        "representation",
        "flags are null instead of false",
        _shows(_null_for_false),
        ("replies_match_the_spec",),
    ),
    Defect(
        "atlas_success_is_200",
        "protocol",
        "an accepted cancel is answered 200 with an object instead of 204",
        _succeeds_with_a_job,
        ("running_job_accepts_cancel", "replies_match_the_spec"),
    ),
    Defect(
        "atlas_reading_cancels",
        "protocol",
        "reading a download cancels it",
        _reading_cancels,
        ("safe_methods_never_cancel",),
    ),
)
