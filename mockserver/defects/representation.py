"""Jobs shown wrongly: in the answer to a cancel, when read, and in the list."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from mockserver.defects.answers import (
    Members,
    after_dressing,
    before_dressing,
    change_shown_jobs,
    data_of,
    put,
    shown_before,
    shown_jobs,
)
from mockserver.defects.calls import absent_id, pulls, surround
from mockserver.defects.fitting import TOTALS, list_counts, reply_shows_job, shows_moments, shows_state, wraps
from mockserver.defects.lives import after_cancel, ends_of_cancel
from mockserver.state import Conflict, Insert, Record
from mockserver.system import Call, Defect, Parts, Reply, Request
from specs.lifecycle import state_of, value_at

KIND = "representation"
MATCH = ("replies_match_the_spec",)
LISTED = ("list_agrees_with_get",)
COPY = "copy"  # what stale entries of a list are stored as
IN_BETWEEN = "STOPPING"  # a word that no vendor here has


def _reply_is_stale(parts: Parts) -> None:
    """The answer to a cancel was put together before the job was cancelled."""

    def around(call: Call, request: Request) -> Reply:
        before = shown_before(parts, request)
        reply = call(request)
        return replace(reply, body=before) if before else reply

    surround(parts, "cancel", around)


def _list_is_stale(parts: Parts) -> None:
    """The list is read from a copy that hears of no cancel, whoever serves it."""
    store = parts.world.store

    def around(call: Call, request: Request) -> Reply:
        before = shown_before(parts, request)
        reply = call(request)
        if before:
            with suppress(Conflict):  # a job's first copy is kept
                store.commit(Insert(Record(COPY, _id(parts, before), "", before)))
        return reply

    def change(job: Members) -> None:
        copy = store.get(COPY, _id(parts, job))
        if copy:
            job.update({name: copy.data[name] for name in job if name in copy.data})

    surround(parts, "cancel", around)
    change_shown_jobs(parts, "list", change)


def _id(parts: Parts, job: Members) -> str:
    return str(value_at(job, parts.spec.cancellable.id))


def _lists(change: Callable[[Parts, list[Members]], list[Members]]) -> Callable[[Parts], None]:
    """A bug in which jobs the list shows."""

    def plant(parts: Parts) -> None:
        def changed(reply: Reply, request: Request) -> Reply:
            if not pulls(parts, request, "list") or reply.status != 200:
                return reply
            items = shown_jobs(parts, "list", reply.body)
            items[:] = change(parts, list(items))
            return reply

        before_dressing(parts, changed)

    return plant


def _without_cancelled(parts: Parts, items: list[Members]) -> list[Members]:
    lifecycle = parts.spec.cancellable
    gone = after_cancel(parts.spec) | ends_of_cancel(parts.spec)
    return [each for each in items if state_of(lifecycle, each) not in gone]


def _one_twice(parts: Parts, items: list[Members]) -> list[Members]:
    return [*items, *items[-1:]]


def _list_counts_wrong(parts: Parts) -> None:
    def change(reply: Reply, request: Request) -> Reply:
        if not pulls(parts, request, "list") or reply.status != 200:
            return reply
        return replace(reply, body={name: _one_more(name, value) for name, value in reply.body.items()})

    before_dressing(parts, change)


def _one_more(name: str, value: object) -> object:
    return value + 1 if name in TOTALS and isinstance(value, int) else value


def _names_another(trigger: str) -> Callable[[Parts], None]:
    """A bug that gives a job the id of no job."""

    def plant(parts: Parts) -> None:
        path = parts.spec.cancellable.id
        change_shown_jobs(parts, trigger, lambda job: put(job, path, absent_id(parts, _id(parts, job))))

    return plant


def _states(respelt: Callable[[Parts, str], str]) -> Callable[[Parts], None]:
    """A bug in how states are spelt, wherever a job is shown on its own."""

    def plant(parts: Parts) -> None:
        path = parts.spec.cancellable.field or ""

        def change(job: Members) -> None:
            put(job, path, respelt(parts, str(value_at(job, path))))

        for trigger in ("read", "cancel"):
            change_shown_jobs(parts, trigger, change)

    return plant


def _in_other_english(parts: Parts, state: str) -> str:
    """One `l` for two, and two for one."""
    for one, other in (("LL", "L"), ("ll", "l"), ("CANCEL", "CANCELL"), ("Cancel", "Cancell")):
        if "cancel" in state.lower() and one in state:
            return state.replace(one, other)
    return state


def _in_other_case(parts: Parts, state: str) -> str:
    return state.lower() if state.lower() != state and state.upper() == state else state.upper()


def _as_stopping(parts: Parts, state: str) -> str:
    return IN_BETWEEN if state in after_cancel(parts.spec) else state


def _member_is_missing(parts: Parts) -> None:
    """The last of those that the schema requires: objects that are empty are left out."""
    required = parts.spec.document["components"]["schemas"][parts.spec.cancellable.schema]["required"]
    change_shown_jobs(parts, "read", lambda job: job.pop(required[-1]))


def _times_are_numbers(parts: Parts) -> None:
    """Milliseconds since the epoch."""
    lifecycle = parts.spec.cancellable

    def change(job: Members) -> None:
        for path in lifecycle.times:
            if isinstance(value := value_at(job, path), str):
                put(job, path, _milliseconds(value))
        if past := lifecycle.history:
            for entry in value_at(job, past.list):
                put(entry, past.at, _milliseconds(value_at(entry, past.at)))

    change_shown_jobs(parts, "read", change)


def _milliseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).replace(tzinfo=UTC).timestamp() * 1000)


def _envelope_loses_content(parts: Parts) -> None:
    def change(reply: Reply, request: Request) -> Reply:
        data = data_of(reply)
        asked = isinstance(data, dict) and "content" in data and reply.status < 300
        return replace(reply, body={**data, "content": {}}) if asked else reply

    after_dressing(parts, change)


def _pretty_is_no_json(parts: Parts) -> None:
    def change(reply: Reply, request: Request) -> Reply:
        asked = request.query.get("pretty") is True and isinstance(reply.body, bytes)
        return replace(reply, body=reply.body.replace(b"\n}", b",\n}")) if asked else reply

    after_dressing(parts, change)


DEFECTS = (
    Defect(
        "reply_shows_the_job_before",
        KIND,
        "the answer to a cancel shows the job as it was before",
        _reply_is_stale,
        ("cancel_shows_at_once", "running_job_accepts_cancel"),
        reply_shows_job,
    ),
    Defect(
        "reply_shows_another_job",
        KIND,
        "the answer to a cancel has another id than the job that was cancelled",
        _names_another("cancel"),
        ("cancel_shows_at_once", "running_job_accepts_cancel"),
        reply_shows_job,
    ),
    Defect(
        "job_has_another_id",
        KIND,
        "a job that is read has another id than it was asked for by",
        _names_another("read"),
        ("cancel_shows_at_once", *LISTED),
    ),
    Defect("list_is_stale", KIND, "the list shows a cancelled job as it was before", _list_is_stale, LISTED),
    Defect(
        "list_drops_cancelled",
        KIND,
        "cancelled jobs are not in the list",
        _lists(_without_cancelled),
        (*LISTED, "siblings_are_untouched"),
    ),
    Defect("list_repeats_a_job", KIND, "the list has its last job twice", _lists(_one_twice), LISTED),
    Defect("list_counts_wrong", KIND, "the list counts one job too many", _list_counts_wrong, LISTED, list_counts),
    Defect(
        "state_in_other_english",
        KIND,
        "`cancelled` has one `l` too many or too few",
        _states(_in_other_english),
        (*MATCH, "cancel_shows_at_once"),
        shows_state,
    ),
    Defect(
        "state_in_other_case",
        KIND,
        "states are written in other letters, small for capital or capital for small",
        _states(_in_other_case),
        MATCH,
        shows_state,
    ),
    Defect(
        "state_of_no_document",
        KIND,
        "a job that has just been cancelled shows a state that no document knows",
        _states(_as_stopping),
        (*MATCH, "cancel_shows_at_once"),
        shows_state,
    ),
    Defect("member_is_missing", KIND, "a job lacks a member that it always has", _member_is_missing, MATCH),
    Defect("times_are_numbers", KIND, "moments are numbers instead of texts", _times_are_numbers, MATCH, shows_moments),
    Defect(
        "envelope_loses_content",
        KIND,
        "an answer in an envelope has no content",
        _envelope_loses_content,
        ("envelope_and_pretty_agree",),
        wraps,
    ),
    Defect(
        "pretty_is_no_json",
        KIND,
        "a pretty answer has a comma too many to be read",
        _pretty_is_no_json,
        ("envelope_and_pretty_agree",),
        wraps,
    ),
)
