"""Cancels that are decided wrongly: accepted or refused where they should not be, or without the effect they claim."""

from __future__ import annotations

from mockserver.defects.answers import success, too_late, unknown
from mockserver.defects.calls import job_of, on_refusal, surround
from mockserver.defects.fitting import (
    accepts_to_the_end,
    both,
    ends_otherwise,
    refuses_repeat,
    settles_later,
    starts_over,
)
from mockserver.defects.lives import (
    after_cancel,
    alter_cancelled,
    is_running,
    other_ends,
    relive,
    running_life,
    running_states,
)
from mockserver.state import Delete
from mockserver.system import Call, Defect, Parts, Reply, Request, VendorError
from mockserver.timeline import Moment, Timeline

KIND = "state logic"


def _does_nothing(parts: Parts) -> None:
    alter_cancelled(parts, lambda before, after, now: before)


def _ends_otherwise(parts: Parts) -> None:
    end = other_ends(parts.spec)[0]
    alter_cancelled(
        parts, lambda before, after, now: Timeline((*after.moments[:-1], Moment(after.moments[-1].at, end)))
    )


def _starts_over(parts: Parts) -> None:
    first = parts.spec.cancellable.initial[0]
    alter_cancelled(parts, lambda before, after, now: Timeline((*before.past(now), Moment(now, first))))


def _skips_a_state(parts: Parts) -> None:
    def at_once(before: Timeline, after: Timeline, now: float) -> Timeline:
        return Timeline((*before.past(now), Moment(now, after.moments[-1].state)))

    alter_cancelled(parts, at_once)


def _removes_the_job(parts: Parts) -> None:
    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        reply = call(request)
        record = parts.world.store.get(parts.model.kind, job.id) if job else None
        if record:
            parts.world.store.commit(Delete(record))
        return reply

    surround(parts, "cancel", around)


def _says_yes_too_late(parts: Parts) -> None:
    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        job = job_of(parts, request)
        ended = job and job.state in parts.spec.cancellable.terminal
        reply = success(parts, call, request, job) if job and ended else None
        if reply is None:
            raise refusal
        return reply

    on_refusal(parts, "cancel", react)


def _cancels_what_has_ended(parts: Parts) -> None:
    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        job = job_of(parts, request)
        lived = running_life(parts, job) if job and job.state in _ends_by_itself(parts) else None
        if job is None or lived is None:
            raise refusal
        relive(parts, job.id, lived)
        return call(request)

    on_refusal(parts, "cancel", react)


def _ends_by_itself(parts: Parts) -> frozenset[str]:
    return parts.spec.cancellable.terminal - after_cancel(parts.spec)


def _repeats_are_accepted(parts: Parts) -> None:
    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        job = job_of(parts, request)
        again = job and job.state in after_cancel(parts.spec)
        reply = success(parts, call, request, job) if job and again else None
        if reply is None:
            raise refusal
        return reply

    on_refusal(parts, "cancel", react)


def _refuses_in(parts: Parts, state: str) -> None:
    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        return too_late(parts, call, request, job) if job and job.state == state else call(request)

    surround(parts, "cancel", around)


def _refuses_at_first(parts: Parts) -> None:
    _refuses_in(parts, running_states(parts.spec)[0])


def _refuses_in_the_end(parts: Parts) -> None:
    _refuses_in(parts, running_states(parts.spec)[-1])


def _is_not_found(parts: Parts) -> None:
    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        return unknown(parts, call, request) if job and is_running(parts.spec, job.state) else call(request)

    surround(parts, "cancel", around)


DEFECTS = (
    Defect(
        "cancel_does_nothing",
        KIND,
        "a cancel is answered as accepted, and the job runs on",
        _does_nothing,
        ("cancel_shows_at_once", "cancel_settles"),
    ),
    Defect(
        "cancelled_job_ends_otherwise",
        KIND,
        "a cancelled job ends as one that was never cancelled",
        _ends_otherwise,
        ("cancel_settles", "cancel_shows_at_once"),
        ends_otherwise,
    ),
    Defect(
        "cancelled_job_starts_over",
        KIND,
        "a cancelled job is put back to where jobs begin",
        _starts_over,
        ("cancel_shows_at_once", "cancel_settles"),
    ),
    Defect(
        "cancel_skips_a_state",
        KIND,
        "a cancelled job is at its end at once; the documented state in between is never seen",
        _skips_a_state,
        ("cancel_shows_at_once", "running_job_accepts_cancel"),
        settles_later,
    ),
    Defect(
        "cancel_removes_the_job",
        KIND,
        "a cancelled job cannot be read any more",
        _removes_the_job,
        ("cancel_shows_at_once", "cancel_settles"),
    ),
    Defect(
        "ended_job_says_yes",
        KIND,
        "cancelling what has ended is answered as a success, and does nothing",
        _says_yes_too_late,
        ("terminal_job_refuses_cancel",),
    ),
    Defect(
        "ended_job_is_cancelled",
        KIND,
        "a job that ended by itself can still be cancelled, and then reads as cancelled",
        _cancels_what_has_ended,
        ("terminal_job_refuses_cancel", "settled_state_never_changes"),
    ),
    Defect(
        "repeat_cancel_is_accepted",
        KIND,
        "a second cancel is answered as a success where it should be refused",
        _repeats_are_accepted,
        ("repeat_cancel_answers_as_documented",),
        refuses_repeat,
    ),
    Defect(
        "first_state_refuses_cancel",
        KIND,
        "a job that has only just begun refuses to be cancelled, as if it had ended",
        _refuses_at_first,
        ("running_job_accepts_cancel",),
    ),
    Defect(
        "last_state_refuses_cancel",
        KIND,
        "a job in the last state before its end refuses to be cancelled",
        _refuses_in_the_end,
        ("running_job_accepts_cancel",),
        both(starts_over, accepts_to_the_end),
    ),
    Defect(
        "running_job_is_not_found",
        KIND,
        "cancel finds none of the jobs that run",
        _is_not_found,
        ("running_job_accepts_cancel",),
    ),
)
