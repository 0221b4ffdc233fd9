"""Contract bugs of Permission Assist's own, to be planted on purpose."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from mockserver.defects.answers import (
    Members,
    after_dressing,
    change_refusals,
    change_shown_jobs,
    data_of,
    instead,
)
from mockserver.defects.calls import Authenticate, at_the_door, job_of, naming, pulls, reads_as, surround
from mockserver.defects.fitting import refuses
from mockserver.defects.lives import alter_cancelled, cancel, running, siblings
from mockserver.system import Call, Defect, Identity, Parts, Rejection, Reply, Request, Resource, VendorError
from mockserver.systems.permission_assist.model import RUN_TAKES, Status
from mockserver.timeline import Moment, Timeline

Find = Callable[[Parts, Request], str | None]

FIELD = "applicationImportId"
SHOWN = ("read", "cancel", "list")
NUMBERS = {status: number for number, status in enumerate(Status)}
TIMES = ("buildStart", "buildEnd")
MATCH = ("replies_match_the_spec",)
LOGIN_PAGE = b'<html><head><title>Object moved</title></head><body><a href="/Login">here</a></body></html>'
YELLOW_PAGE = (
    b"<html><head><title>Guid should contain 32 digits with 4 dashes.</title></head><body>"
    b"<h1>Server Error in '/' Application.</h1><pre>[FormatException: Guid should contain 32 digits with 4 dashes.]\n"
    b"   at System.Guid..ctor(String g)\n"
    b"   at Sycorr.Web.Api.ApplicationImportsController.Cancel(CancelRequest request) in "
    b"C:\\Build\\Sycorr.Web\\Api\\ApplicationImportsController.cs:line 88</pre></body></html>"
)
_DIGITS = re.compile(r"[{(]?([0-9A-Fa-f]{8})-?" + r"([0-9A-Fa-f]{4})-?" * 3 + r"([0-9A-Fa-f]{12})[)}]?")


def _pending_starts_all_the_same(parts: Parts) -> None:
    """The web application marks what waits; the service that picks it up does not look."""

    def alter(before: Timeline, after: Timeline, now: float) -> Timeline:
        if before.state(now) != Status.PENDING:
            return after
        turn = next(each.at for each in before.moments if each.state == Status.RUNNING)
        runs = (Moment(turn, Status.RUNNING), Moment(turn + RUN_TAKES, Status.FINISHED))
        return Timeline((*before.past(now), Moment(now, Status.CANCELING), *runs))

    alter_cancelled(parts, alter)


def _cancels_the_application(parts: Parts) -> None:
    """An application has one build at a time as far as the service is concerned."""

    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        reply = call(request)
        for other in siblings(parts, job) if job else ():
            if _application(parts, other) == _application(parts, job):
                cancel(parts, other)
        return reply

    surround(parts, "cancel", around)


def _application(parts: Parts, job: Resource | None) -> Any:
    record = parts.world.store.get(parts.model.kind, job.id) if job else None
    return record.data["application"] if record else None


def _understands(find: Find) -> Callable[[Parts], None]:
    """A bug that makes an id of a body that has to be turned down."""

    def plant(parts: Parts) -> None:
        reject = parts.reject

        def lenient(rejection: Rejection, request: Request) -> VendorError:
            meant = find(parts, request) if pulls(parts, request, "cancel") else None
            if meant is None:
                return reject(rejection, request)
            try:
                return instead(parts.operations[request.operation_id](naming(parts, replace(request, body={}), meant)))
            except VendorError as refusal:
                return refusal

        parts.reject = lenient

    return plant


def _sent(request: Request) -> Any:
    return request.body.get(FIELD) if isinstance(request.body, dict) else None


def _first_of_a_list(parts: Parts, request: Request) -> str | None:
    sent = _sent(request)
    return sent[0] if isinstance(sent, list) and sent and isinstance(sent[0], str) else None


def _guid_of_any_format(parts: Parts, request: Request) -> str | None:
    """What `Guid.Parse` takes: with braces, with parentheses, without dashes, with blanks around it."""
    sent = _sent(request)
    found = _DIGITS.fullmatch(sent.strip()) if isinstance(sent, str) else None
    return "-".join(found.groups()) if found else None


def _latest_for_none(parts: Parts, request: Request) -> str | None:
    """`FirstOrDefault` over what runs, where no id narrows it down."""
    if not isinstance(request.body, dict) or FIELD in request.body or request.identity is None:
        return None
    found = running(parts, request.identity.tenant)
    return found[-1].id if found else None


def _malformed_id_shows_the_yellow_page(parts: Parts) -> None:
    reject = parts.reject

    def unhandled(rejection: Rejection, request: Request) -> VendorError:
        if pulls(parts, request, "cancel") and isinstance(_sent(request), str):
            return instead(Reply(500, YELLOW_PAGE, media_type="text/html"))
        return reject(rejection, request)

    parts.reject = unhandled


def _reader_is_refused_too_late(parts: Parts) -> None:
    authenticate_strictly, reader = parts.authenticate, parts.identities["reader"]

    def admit(authenticate: Authenticate, request: Request) -> Identity | None:
        try:
            return authenticate(request)
        except VendorError:
            if reads_as(parts, authenticate, request) != reader.name:
                raise
            return reader

    def around(call: Call, request: Request) -> Reply:
        if request.identity is reader:
            cancel(parts, job_of(parts, request))
            authenticate_strictly(request)
        return call(request)

    at_the_door(parts, "cancel", admit)
    surround(parts, "cancel", around)


def _tokens_in_any_case(parts: Parts) -> None:
    """The usual collation of the database compares letters without regard to case."""
    tokens = {each.credentials["token"].lower(): each.credentials["token"] for each in parts.identities.values()}

    def admit(authenticate: Authenticate, request: Request) -> Identity | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        right = f"{scheme} {tokens.get(token.lower(), token)}"
        return authenticate(replace(request, headers={**request.headers, "authorization": right}))

    at_the_door(parts, "cancel", admit)


def _sends_to_the_login_page(parts: Parts) -> None:
    """Forms authentication, left on for the API."""

    def change(reply: Reply, request: Request) -> Reply:
        if reply.status != 401:
            return reply
        headers = {"Location": "/Login?ReturnUrl=%2fapi"}
        return replace(reply, status=302, body=LOGIN_PAGE, headers=headers, media_type="text/html")

    after_dressing(parts, change)


def _errors_lack_their_id(parts: Parts) -> None:
    def change(reply: Reply, request: Request) -> Reply:
        data = data_of(reply)
        if not isinstance(data, dict):
            return reply
        return replace(reply, body={name: value for name, value in data.items() if name != "correlationId"})

    change_refusals(parts, change)


def _shows(change: Callable[[Members], None]) -> Callable[[Parts], None]:
    """A bug in how imports look, wherever they are shown."""

    def plant(parts: Parts) -> None:
        for trigger in SHOWN:
            change_shown_jobs(parts, trigger, change)

    return plant


def _status_as_number(shown: Members) -> None:
    shown["status"] = NUMBERS[Status(shown["status"])]


def _times_as_script(shown: Members) -> None:
    shown.update({name: _script_date(shown[name]) for name in TIMES if shown[name]})


def _script_date(time: str) -> str:
    return f"/Date({int(datetime.fromisoformat(time).timestamp() * 1000)})/"


def _created_by_the_canceller(shown: Members) -> None:
    if shown["status"] in (Status.CANCELING, Status.CANCELED) and "createdBy" in shown:
        shown["createdBy"] = "HRIS Integration"


DEFECTS = (
    Defect(
        "pa_pending_import_starts_all_the_same",
        "convergence",
        "an import that is cancelled while it waits runs when its turn comes",
        _pending_starts_all_the_same,
        ("cancel_settles", "history_is_monotonic"),
    ),
    Defect(
        "pa_cancel_stops_the_application",
        "isolation",
        "a cancel stops all imports of the application",
        _cancels_the_application,
        ("siblings_are_untouched",),
    ),
    Defect(
        "pa_list_of_ids_is_taken",
        "robustness",
        "a list in place of the id is taken, and its first import cancelled",
        _understands(_first_of_a_list),
        ("malformed_id_is_refused",),
    ),
    Defect(
        "pa_guids_of_any_format_are_taken",
        "robustness",
        "an id in braces or without dashes is taken",
        _understands(_guid_of_any_format),
        ("malformed_id_is_refused",),
    ),
    Defect(
        "pa_no_id_means_the_latest",
        "isolation",
        "a cancel without an id stops the latest import",
        _understands(_latest_for_none),
        ("malformed_id_is_refused",),
    ),
    Defect(
        "pa_malformed_id_shows_the_yellow_page",
        "robustness",
        "a malformed id is answered 500, with the stack trace of the web application",
        _malformed_id_shows_the_yellow_page,
        ("no_server_errors", "errors_leak_nothing", "malformed_id_is_refused"),
    ),
    Defect(
        "pa_reader_is_refused_too_late",
        "side effects of refusals",
        "a cancel with a token that may only read is refused, and carried out",
        _reader_is_refused_too_late,
        ("weak_role_is_refused", "refused_cancel_changes_nothing"),
        refuses("forbidden"),
    ),
    Defect(
        "pa_tokens_in_any_case_are_taken",
        "authorization",
        "a token in other letters, small for capital, is taken",
        _tokens_in_any_case,
        ("wrong_credentials_are_refused",),
    ),
    Defect(
        "pa_missing_token_leads_to_the_login_page",
        "protocol",
        "a request without a good token is redirected to the login page",
        _sends_to_the_login_page,
        ("missing_credentials_are_refused", "wrong_credentials_are_refused", "replies_match_the_spec"),
    ),
    Defect(
        "pa_errors_lack_their_id",
        "error shape",
        "refusals have no correlationId",
        _errors_lack_their_id,
        ("errors_wear_the_vendor_envelope", *MATCH),
    ),
    Defect(
        "pa_status_is_a_number",
        "representation",
        "`status` is the number of the status",
        _shows(_status_as_number),
        MATCH,
    ),
    Defect(
        "pa_times_are_scripts",
        "representation",
        "times look like `/Date(1767225600000)/`",
        _shows(_times_as_script),
        MATCH,
    ),
    Defect(
        "pa_import_becomes_the_cancellers",
        "representation",
        "a cancelled import says that whoever cancelled it had created it",
        _shows(_created_by_the_canceller),
        ("cancel_changes_nothing_else",),
    ),
)
