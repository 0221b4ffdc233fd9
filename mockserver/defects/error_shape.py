"""Refusals in other words, statuses and shapes than the vendor's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from mockserver.defects.answers import PLAIN, change_refusals, data_of, documented_responses, put
from mockserver.defects.calls import id_of, job_of, on_refusal, operation
from mockserver.defects.fitting import has_code, tells_status
from mockserver.defects.lives import is_running
from mockserver.system import Call, Defect, Parts, Reply, Request, VendorError
from specs.lifecycle import value_at

KIND = "error shape"
SHAPE = ("errors_wear_the_vendor_envelope", "replies_match_the_spec")
LEAKS = ("errors_leak_nothing",)
UNKNOWN = ("unknown_job_is_not_found",)
WRONG_STATE = ("terminal_job_refuses_cancel", "repeat_cancel_answers_as_documented")
PROBLEM = "application/problem+json"
OTHER_STATUSES = (422, 409, 410)
OTHER_CODES: Mapping[type, Any] = {str: "internal_conflict", int: 10001}
TRACE = (
    "java.lang.IllegalStateException: job is not active\n"
    "\tat com.example.jobs.CancelService.cancel(CancelService.java:118)\n"
    "\tat com.example.jobs.JobResource.cancel(JobResource.java:54)"
)
QUERY = "SQLSTATE[40001]: SELECT state, owner FROM jobs WHERE id = ? FOR UPDATE"


def _refusals_are(media_type: str, body: Callable[[Reply], Any]) -> Callable[[Parts], None]:
    """A bug that answers refusals with something else than the vendor's."""

    def plant(parts: Parts) -> None:
        change_refusals(
            parts,
            lambda reply, request: replace(reply, body=body(reply), media_type=media_type, headers=_kept(reply)),
        )

    return plant


def _kept(reply: Reply) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name.lower() != "content-type"}


def _html(reply: Reply) -> bytes:
    title = f"{reply.status} {HTTPStatus(reply.status).phrase}"
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode()


def _text(reply: Reply) -> bytes:
    return HTTPStatus(reply.status).phrase.encode()


def _nothing(reply: Reply) -> None:
    return None


def _problem(reply: Reply) -> dict[str, Any]:
    return {"type": "about:blank", "title": HTTPStatus(reply.status).phrase, "status": reply.status}


def _refusals_say(more: Mapping[str, Any]) -> Callable[[Parts], None]:
    """A bug that says more in refusals than it should."""

    def plant(parts: Parts) -> None:
        def change(reply: Reply, request: Request) -> Reply:
            data = data_of(reply)
            return replace(reply, body={**data, **more}) if isinstance(data, dict) else reply

        change_refusals(parts, change)

    return plant


def _code_is_missing(parts: Parts) -> None:
    above, _, name = parts.spec.error.code.rpartition(".")

    def change(reply: Reply, request: Request) -> Reply:
        data = data_of(reply)
        holder = value_at(data, above) if above else data
        if isinstance(holder, dict):
            holder.pop(name, None)
        return replace(reply, body=data) if isinstance(data, dict) else reply

    change_refusals(parts, change)


def _status_in_body_differs(parts: Parts) -> None:
    def change(reply: Reply, request: Request) -> Reply:
        data = data_of(reply)
        return replace(reply, body={**data, "error": 500}) if isinstance(data, dict) and "error" in data else reply

    change_refusals(parts, change)


def _of_wrong_state(change: Callable[[Parts, Reply], Reply]) -> Callable[[Parts], None]:
    """A bug in what is said to a cancel that comes too late."""

    def plant(parts: Parts) -> None:
        def react(call: Call, request: Request, refusal: VendorError) -> Reply:
            job, asking = job_of(parts, request), request.identity
            own = job and asking and job.tenant == asking.tenant and asking.name == "owner"
            if not job or not own or is_running(parts.spec, job.state):
                raise refusal
            return change(parts, refusal.reply)

        on_refusal(parts, "cancel", react)

    return plant


def _with_another_code(parts: Parts, reply: Reply) -> Reply:
    body, path = deepcopy(reply.body), parts.spec.error.code
    put(body, path, OTHER_CODES[type(value_at(body, path))])
    return replace(reply, body=body)


def _with_another_status(parts: Parts, reply: Reply) -> Reply:
    effect = operation(parts.spec, "cancel").effect
    allowed = {status for each in (effect.refused["wrong_state"] if effect else ()) for status in each.statuses}
    return replace(reply, status=next(each for each in OTHER_STATUSES if each not in allowed))


def _of_unknown(change: Callable[[Parts, Reply], Reply]) -> Callable[[Parts], None]:
    """A bug in what is said of an id that no job has."""

    def plant(parts: Parts) -> None:
        def react(call: Call, request: Request, refusal: VendorError) -> Reply:
            if job_of(parts, request) or not id_of(parts, request):
                raise refusal
            return change(parts, refusal.reply)

        on_refusal(parts, "cancel", react)

    return plant


def _as_forbidden(parts: Parts, reply: Reply) -> Reply:
    return replace(reply, status=403)


def _as_success(parts: Parts, reply: Reply) -> Reply:
    silent = "204" in documented_responses(parts.spec, "cancel")
    return replace(reply, status=204 if silent else 200, body=None if silent else {})


DEFECTS = (
    Defect("errors_are_pages", KIND, "refusals are pages of a web server", _refusals_are("text/html", _html), SHAPE),
    Defect("errors_are_text", KIND, "refusals are plain text", _refusals_are(PLAIN, _text), SHAPE),
    Defect("errors_are_empty", KIND, "refusals have no body", _refusals_are(PLAIN, _nothing), SHAPE),
    Defect(
        "errors_are_problems",
        KIND,
        "refusals have the shape of a web framework (RFC 9457) instead of the vendor's",
        _refusals_are(PROBLEM, _problem),
        SHAPE,
    ),
    Defect(
        "error_code_is_missing",
        KIND,
        "refusals lack their code",
        _code_is_missing,
        (*SHAPE, *UNKNOWN),
        has_code("unknown"),
    ),
    Defect(
        "wrong_state_has_another_code",
        KIND,
        "a cancel that comes too late is refused with a code for something else",
        _of_wrong_state(_with_another_code),
        WRONG_STATE,
        has_code("wrong_state"),
    ),
    Defect(
        "wrong_state_has_another_status",
        KIND,
        "a cancel that comes too late is refused with a status that is not documented for that",
        _of_wrong_state(_with_another_status),
        (*WRONG_STATE, "replies_match_the_spec"),
    ),
    Defect(
        "unknown_job_is_forbidden",
        KIND,
        "a cancel of an unknown id is answered 403",
        _of_unknown(_as_forbidden),
        UNKNOWN,
    ),
    Defect(
        "unknown_job_says_ok",
        KIND,
        "a cancel of an unknown id is answered as a success",
        _of_unknown(_as_success),
        UNKNOWN,
    ),
    Defect(
        "status_in_body_differs",
        KIND,
        "the body of a refusal names another status than it is sent with",
        _status_in_body_differs,
        SHAPE[:1],
        tells_status,
    ),
    Defect("errors_show_a_stack_trace", KIND, "refusals carry a stack trace", _refusals_say({"trace": TRACE}), LEAKS),
    Defect(
        "errors_show_a_query", KIND, "refusals carry a query of the database", _refusals_say({"debug": QUERY}), LEAKS
    ),
)
