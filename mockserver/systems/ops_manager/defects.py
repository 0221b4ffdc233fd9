"""Contract bugs of Ops Manager's own, to be planted on purpose."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.defects.answers import Members, change_shown_jobs
from mockserver.defects.calls import job_of, on_refusal, surround
from mockserver.defects.lives import alter_cancelled
from mockserver.project_api.errors import invalid_json, unsupported_media_type
from mockserver.state import Delete, Record, Replace
from mockserver.system import Call, Defect, Parts, Reply, Request, VendorError
from mockserver.systems.ops_manager.course import State
from mockserver.systems.ops_manager.identities import USER_IDS
from mockserver.timeline import Timeline

HISTORY = "transitionsHistory"


def _leaves_the_goal_state(parts: Parts) -> None:
    """Agents that already work towards the goal are not told."""

    def alter(before: Timeline, after: Timeline, now: float) -> Timeline:
        return before if before.state(now) == State.AWAIT_GOAL_STATE else after

    alter_cancelled(parts, alter)


def _forgets_the_past(parts: Parts) -> None:
    alter_cancelled(parts, lambda before, after, now: Timeline(after.moments[-1:]))


def _history(change: Callable[[list[Members]], list[Members]]) -> Callable[[Parts], None]:
    """A bug in the history that a request shows."""

    def plant(parts: Parts) -> None:
        def changed(shown: Members) -> None:
            shown[HISTORY] = change(shown[HISTORY])

        for trigger in ("read", "list"):
            change_shown_jobs(parts, trigger, changed)

    return plant


def _without_the_cancel(entries: list[Members]) -> list[Members]:
    return [each for each in entries if each["state"] != State.CANCELLED]


def _newest_first(entries: list[Members]) -> list[Members]:
    return entries[::-1]


def _becomes_the_cancellers(parts: Parts) -> None:
    """`userId` is who touched the request last, instead of who asked for it."""

    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        reply = call(request)
        record = parts.world.store.get(parts.model.kind, job.id) if job else None
        if record and request.identity:
            parts.world.store.commit(Replace(_of_user(record, USER_IDS[request.identity.name])))
        return reply

    surround(parts, "cancel", around)


def _of_user(record: Record, user: str) -> Record:
    return record.holding({**record.data, "user": user})


def _deletes_what_runs(parts: Parts) -> None:
    """A delete asks for no state."""

    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        job = job_of(parts, request)
        record = parts.world.store.get(parts.model.kind, job.id) if job else None
        if refusal.reply.status != 409 or record is None:
            raise refusal
        parts.world.store.commit(Delete(record))
        return Reply(200, {})

    on_refusal(parts, "delete", react)


def _refuses_bodies(refused: Callable[[Request], bool], refusal: Callable[[], VendorError]) -> Callable[[Parts], None]:
    """A bug that turns a cancel down for the body it comes with, or without."""

    def plant(parts: Parts) -> None:
        def around(call: Call, request: Request) -> Reply:
            if refused(request):
                raise refusal()
            return call(request)

        surround(parts, "cancel", around)

    return plant


def _has_none(request: Request) -> bool:
    return not request.raw_body


def _has_an_empty_object(request: Request) -> bool:
    return request.raw_body == b"{}"


def _forms_are_not_json() -> VendorError:
    return unsupported_media_type("none")


DEFECTS = (
    Defect(
        "om_goal_state_is_not_left",
        "state logic",
        "a request that waits for the goal state accepts a cancel and goes on to SUCCESS",
        _leaves_the_goal_state,
        ("cancel_shows_at_once", "cancel_settles"),
    ),
    Defect(
        "om_cancel_forgets_the_past",
        "state logic",
        "the history of a cancelled request has nothing but the cancel",
        _forgets_the_past,
        ("history_is_monotonic",),
    ),
    Defect(
        "om_cancel_is_not_in_the_history",
        "representation",
        "the history of a cancelled request lacks CANCELLED",
        _history(_without_the_cancel),
        ("history_is_monotonic",),
    ),
    Defect(
        "om_history_is_newest_first",
        "representation",
        "the history begins with the present state",
        _history(_newest_first),
        ("history_is_monotonic",),
    ),
    Defect(
        "om_request_becomes_the_cancellers",
        "state logic",
        "a cancelled request says that whoever cancelled it had asked for it",
        _becomes_the_cancellers,
        ("cancel_changes_nothing_else",),
    ),
    Defect(
        "om_delete_takes_what_runs",
        "state logic",
        "a request that has not failed can be deleted",
        _deletes_what_runs,
        ("other_requests_keep_to_the_lifecycle",),
    ),
    Defect(
        "om_cancel_needs_a_body",
        "protocol",
        "a cancel without a body is refused as unsupported media",
        _refuses_bodies(_has_none, _forms_are_not_json),
        ("running_job_accepts_cancel", "equal_cancels_are_answered_alike"),
    ),
    Defect(
        "om_cancel_refuses_an_empty_object",
        "protocol",
        "a cancel with `{}`, as a published client sends it, is refused",
        _refuses_bodies(_has_an_empty_object, invalid_json),
        ("equal_cancels_are_answered_alike",),
    ),
)
