"""Requests that make the application fall over."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.defects.answers import crash
from mockserver.defects.calls import before_rejecting, id_of, job_of, on_refusal, pulls, surround
from mockserver.defects.lives import after_cancel
from mockserver.errors import MalformedJson
from mockserver.system import Call, Defect, Parts, Rejection, Reply, Request, VendorError
from mockserver.wire import parse_json

KIND = "robustness"
CRASHES = ("no_server_errors",)
COLUMN = 255  # characters of an id that the database has room for

Odd = Callable[[Parts, Request], bool]


def _crashes_on(odd: Odd) -> Callable[[Parts], None]:
    """A bug that answers such a request to cancel with a 500, wherever it would have been turned down."""

    def plant(parts: Parts) -> None:
        def around(call: Call, request: Request) -> Reply:
            if odd(parts, request):
                raise crash()
            return call(request)

        def act(rejection: Rejection, request: Request) -> None:
            if pulls(parts, request, "cancel") and odd(parts, request):
                raise crash()

        surround(parts, "cancel", around)
        before_rejecting(parts, act)

    return plant


def _has_a_quote(parts: Parts, request: Request) -> bool:
    return "'" in id_of(parts, request)


def _is_long(parts: Parts, request: Request) -> bool:
    return len(id_of(parts, request)) > COLUMN


def _is_no_ascii(parts: Parts, request: Request) -> bool:
    return not id_of(parts, request).isascii()


def _has_a_broken_body(parts: Parts, request: Request) -> bool:
    try:
        parse_json(request.raw_body or b"{}")
    except MalformedJson:
        return True
    return False


def _is_a_repeat(parts: Parts, request: Request) -> bool:
    job = job_of(parts, request)
    return job is not None and job.state in after_cancel(parts.spec)


def _crashes_on_unknown(parts: Parts) -> None:
    def react(call: Call, request: Request, refusal: VendorError) -> Reply:
        if job_of(parts, request) is None:
            raise crash()
        raise refusal

    on_refusal(parts, "cancel", react)


DEFECTS = (
    Defect(
        "unknown_id_crashes",
        KIND,
        "a cancel of an unknown id is answered 500",
        _crashes_on_unknown,
        (*CRASHES, "unknown_job_is_not_found"),
    ),
    Defect(
        "repeat_cancel_crashes",
        KIND,
        "a second cancel is answered 500",
        _crashes_on(_is_a_repeat),
        (*CRASHES, "repeat_cancel_answers_as_documented"),
    ),
    Defect(
        "quote_in_id_crashes",
        KIND,
        "an id with a quotation mark is answered 500",
        _crashes_on(_has_a_quote),
        (*CRASHES, "malformed_id_is_refused"),
    ),
    Defect(
        "long_id_crashes",
        KIND,
        "an id of several hundred characters is answered 500",
        _crashes_on(_is_long),
        (*CRASHES, "malformed_id_is_refused"),
    ),
    Defect(
        "id_beyond_ascii_crashes",
        KIND,
        "an id with a letter beyond ASCII is answered 500",
        _crashes_on(_is_no_ascii),
        (*CRASHES, "malformed_id_is_refused"),
    ),
    Defect(
        "broken_body_crashes",
        KIND,
        "a cancel with a body that is no JSON is answered 500",
        _crashes_on(_has_a_broken_body),
        CRASHES,
    ),
)
