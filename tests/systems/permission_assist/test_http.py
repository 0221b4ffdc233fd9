"""The wire against EVIDENCE.md: status, code and shape of every answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mockserver.faults import Rule
from tests.systems.permission_assist.door import BADGES, NOBODY, RETIRED, SILVERLAKE, SYMITAR, Door

SLIM = ["id", "kind", "number", "type", "status", "buildStart", "buildEnd", "application"]  # E16
WHOLE = [*SLIM[:5], "createdBy", *SLIM[5:7], "log", "files", "metrics", "application"]  # E14


def code(reply: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal that has the vendor's envelope (E19)."""
    body = reply.json()
    assert set(body) - {"errors"} == {"error", "message", "correlationId"}
    assert re.fullmatch("[0-9a-f]{32}", body["correlationId"])  # C8
    return reply.status_code, body["error"]


def faults(reply: httpx.Response) -> list[str]:
    return [fault["field"] for fault in reply.json().get("errors", [])]


def test_stage_answers_created_with_the_whole_import(door: Door) -> None:
    reply = door.send("POST", "/stage", json={"applicationId": SYMITAR})

    body = reply.json()
    assert (reply.status_code, list(body)) == (201, WHOLE)  # E12, C6
    assert (body["kind"], body["type"], body["status"]) == ("Application Import", "API", "Pending")
    assert body["createdBy"] == "HRIS Integration"  # E5
    assert (body["buildStart"], body["buildEnd"], body["log"], body["files"], body["metrics"]) == (
        None,
        None,
        None,
        [],
        None,
    )
    assert body["application"] == {
        "id": SYMITAR,
        "kind": "Application",
        "name": "Jack Henry Symitar",
        "priority": "Critical",
        "isArchived": False,
        "lastUpdated": "2025-12-01T08:45:00Z",
    }


@pytest.mark.parametrize(
    ("application", "refusal", "fields"),
    [
        (RETIRED, (400, "validation_error"), ["applicationId"]),  # E25
        (NOBODY, (404, "not_found"), []),  # C3
        (BADGES, (422, "unprocessable_entity"), []),  # C2
        ("symitar", (400, "validation_error"), ["applicationId"]),
    ],
    ids=["archived", "unknown", "unscheduled", "malformed"],
)
def test_stage_of_an_unfit_application_is_refused(
    door: Door, application: str, refusal: tuple[int, str], fields: list[str]
) -> None:
    reply = door.send("POST", "/stage", json={"applicationId": application})

    assert (code(reply), faults(reply)) == (refusal, fields)
    assert door.send("GET", "").json()["totalCount"] == 0


def test_import_staged_over_the_api_is_cancelled_and_reads_canceled(door: Door) -> None:
    import_id = door.send("POST", "/stage", json={"applicationId": SYMITAR}).json()["id"]
    door.wait(2)
    running = door.get(import_id).json()

    answer = door.cancel(import_id)
    again = door.cancel(import_id)
    door.wait(5)
    end = door.get(import_id).json()

    assert (running["status"], running["buildEnd"]) == ("Running", None)
    assert (answer.status_code, answer.json()["status"], answer.json()["buildEnd"]) == (200, "Canceling", None)  # E7
    assert code(again) == (409, "conflict")  # E8, C1
    assert (end["status"], end["buildStart"], end["buildEnd"]) == (
        "Canceled",
        "2026-01-01T00:00:02Z",
        "2026-01-01T00:00:07Z",
    )
    assert code(door.cancel(import_id)) == (409, "conflict")


@pytest.mark.parametrize("status", ["Canceling", "Canceled", "Failed", "Finished"])
def test_cancel_past_cancelling_conflicts_and_changes_nothing(door: Door, status: str) -> None:
    import_id = door.placed(status)
    before = door.get(import_id).json()

    refused = door.cancel(import_id)

    assert (code(refused), faults(refused)) == ((409, "conflict"), [])  # E21
    assert door.get(import_id).json() == before


def test_finished_import_has_metrics_and_no_other_has(door: Door) -> None:
    statuses = ["Pending", "Running", "Canceling", "Canceled", "Failed", "Finished"]

    metrics = {status: door.get(door.placed(status)).json()["metrics"] for status in statuses}

    assert metrics == dict.fromkeys(statuses) | {"Finished": {}}  # E15, A12


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "Application import ID is required"),  # E24
        ({"applicationImportId": None}, "Application import ID is required"),
        ({"applicationImportId": ""}, "Application import ID is not valid"),
        ({"applicationImportId": 47}, "Application import ID is not valid"),
        ({"applicationImportId": [NOBODY]}, "Application import ID is not valid"),
        ({"applicationImportId": f"{NOBODY}\n"}, "Application import ID is not valid"),
        ({"applicationImportId": "0" * 32}, "Application import ID is not valid"),
        ({"applicationImportId": f"{{{NOBODY}}}"}, "Application import ID is not valid"),
        ({"applicationImportId": f"\0{NOBODY}"}, "Application import ID is not valid"),
        ({"applicationImportId": "a" * 100_000}, "Application import ID is not valid"),
    ],
    ids=["missing", "null", "empty", "number", "list", "newline", "undashed", "braced", "nul", "huge"],
)
def test_cancel_with_a_malformed_id_names_the_field(door: Door, body: dict[str, Any], says: str) -> None:
    reply = door.send("POST", "/cancel", json=body)

    assert code(reply) == (400, "validation_error")  # A3
    assert reply.json()["errors"] == [{"field": "applicationImportId", "message": says}]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[]", b'"x"', b"null", b"[" * 5000],
    ids=["empty", "cut", "utf16", "list", "string", "null", "deep"],
)
def test_cancel_with_a_body_that_is_no_object_is_refused(door: Door, body: bytes) -> None:
    reply = door.send("POST", "/cancel", content=body, headers={"Content-Type": "application/json"})

    assert (code(reply), faults(reply)) == ((400, "validation_error"), [])  # A4


def test_cancel_with_a_body_of_another_type_is_refused(door: Door) -> None:
    import_id = door.placed("Running")

    reply = door.send("POST", "/cancel", data={"applicationImportId": import_id})

    assert code(reply) == (400, "validation_error")  # A4
    assert door.get(import_id).json()["status"] == "Running"


def test_unknown_import_is_not_found_by_read_and_cancel(door: Door) -> None:
    for reply in (door.get(NOBODY), door.cancel(NOBODY)):
        assert code(reply) == (404, "not_found")  # E23, C3
        assert reply.json()["message"] == f"Application import with id {NOBODY} not found"


@pytest.mark.parametrize("import_id", ["x", "%00", "a%2Fb", "%F0%9F%92%A9", NOBODY + "0"])
def test_malformed_id_in_a_path_is_refused(door: Door, import_id: str) -> None:
    reply = door.get(import_id)

    assert (code(reply), faults(reply)) == ((400, "validation_error"), ["id"])  # A21


def test_id_is_accepted_in_any_case_and_answered_as_it_is(door: Door) -> None:
    import_id = door.placed("Running")

    assert door.get(import_id.upper()).json()["id"] == import_id  # A5
    assert door.cancel(import_id.upper()).json()["id"] == import_id


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer nonsense", "Basic cGE6cGE=", "pa_owner_2f6c1d9e8b", "Bearer PA_OWNER_2F6C1D9E8B"],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("GET", f"/{NOBODY}"), ("POST", "/stage"), ("POST", "/cancel")]
)
def test_request_without_a_good_token_is_unauthorized(
    door: Door, authorization: str | None, method: str, path: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    reply = door.send(method, path, identity=None, headers=headers)

    assert code(reply) == (401, "unauthorized")  # E6
    assert reply.json()["message"] == "Invalid or expired authentication token"
    assert "www-authenticate" not in reply.headers  # A16


def test_token_that_may_only_read_is_forbidden_the_rest(door: Door) -> None:
    import_id = door.placed("Running")

    staged = door.send("POST", "/stage", identity="reader", json={"applicationId": SYMITAR})
    cancelled = door.cancel(import_id, identity="reader")
    malformed = door.cancel("x", identity="reader")

    assert [code(reply) for reply in (staged, cancelled, malformed)] == [(403, "forbidden")] * 3  # C9, A6
    assert door.get(import_id, identity="reader").json()["status"] == "Running"  # A25
    assert door.send("GET", "", identity="reader").json()["totalCount"] == 1


def test_import_of_another_customer_does_not_exist(door: Door) -> None:
    import_id = door.placed("Running")

    read, cancelled = door.get(import_id, identity="stranger"), door.cancel(import_id, identity="stranger")

    assert [code(reply) for reply in (read, cancelled)] == [(404, "not_found")] * 2  # A19
    assert door.send("GET", "", identity="stranger").json()["items"] == []
    assert door.get(import_id).json()["status"] == "Running"


def test_list_item_is_slim_and_agrees_with_the_import(door: Door) -> None:
    import_id = door.placed("Finished")

    page = door.send("GET", "").json()
    whole = door.get(import_id).json()

    assert {name: page[name] for name in page if name != "items"} == {
        "totalCount": 1,
        "page": 1,
        "pageSize": 50,
        "totalPages": 1,
    }  # E17
    assert page["items"] == [{name: whole[name] for name in SLIM}]  # E16


def test_list_is_paged_by_fifty_and_filtered_by_application(door: Door) -> None:
    for _ in range(51):
        door.placed("Running")
    other = door.placed("Running", applicationId=SILVERLAKE)

    second = door.send("GET", "?page=2").json()
    third = door.send("GET", "?page=3")
    filtered = door.send("GET", f"?applicationId={SILVERLAKE.upper()}").json()

    assert (len(second["items"]), second["totalCount"], second["totalPages"]) == (2, 52, 2)
    assert (third.status_code, third.json()["items"]) == (200, [])  # A13
    assert [each["id"] for each in filtered["items"]] == [other]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=one", "applicationId=symitar"])
def test_list_with_a_malformed_parameter_is_refused(door: Door, query: str) -> None:
    reply = door.send("GET", f"?{query}")

    assert (code(reply), faults(reply)) == ((400, "validation_error"), [query.partition("=")[0]])  # A20


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_cancel_by_another_method_is_refused_by_the_web_server(door: Door, method: str) -> None:
    import_id = door.placed("Running")

    reply = door.send(method, "/cancel", json={"applicationImportId": import_id})

    assert (reply.status_code, reply.headers["allow"], reply.headers["content-type"]) == (
        405,
        "POST",
        "text/html",
    )  # A15
    assert door.get(import_id).json()["status"] == "Running"


@pytest.mark.parametrize("path", ["/cancel/", "//cancel", "/Cancel/now", f"/{NOBODY}/cancel"])
def test_unknown_route_is_refused_by_the_web_server(door: Door, path: str) -> None:
    reply = door.send("POST", path, json={"applicationImportId": door.placed("Running")})

    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/html")  # A15


def test_body_beyond_the_limit_is_refused_by_the_web_server(door: Door) -> None:
    reply = door.send("POST", "/cancel", content=b'{"a": "' + b"a" * 2_000_000 + b'"}')

    assert reply.status_code == 413  # A15


def test_correlation_ids_differ(door: Door) -> None:
    ids = {door.get(NOBODY).json()["correlationId"] for _ in range(5)}

    assert len(ids) == 5


def test_error_without_a_field_at_fault_lists_none(door: Door) -> None:
    refusals = [door.get(NOBODY), door.get(NOBODY, identity=None), door.cancel(door.placed("Finished"))]

    assert ["errors" in reply.json() for reply in refusals] == [False, False, False]  # E19


def test_demo_scenario_shows_every_status_and_keeps_customers_apart(open_door: Callable[..., Door]) -> None:
    door = open_door(scenario="demo")

    ours, theirs = (door.send("GET", "", identity=each).json()["items"] for each in ("owner", "stranger"))

    assert {each["status"] for each in ours} == {"Pending", "Running", "Canceling", "Canceled", "Failed", "Finished"}
    assert theirs
    assert not {each["id"] for each in ours} & {each["id"] for each in theirs}


@pytest.mark.parametrize("fault", ["server_error", "creation_failed"])
def test_crash_wears_the_vendors_envelope(door: Door, fault: str) -> None:  # E20, A14
    import_id = door.placed("Running")
    door.mock.trouble([Rule(fault, operation="cancel_import")])

    refused = door.cancel(import_id)

    assert code(refused) == (500, fault)
    assert door.get(import_id).json()["status"] == "Running"


def test_application_that_is_down_is_a_page_of_the_web_server(door: Door) -> None:  # A15
    door.mock.trouble([Rule("application_down")])

    refused = door.send("GET", "")

    assert (refused.status_code, refused.headers["content-type"]) == (503, "text/html")
    assert "<h2>503 - Service unavailable.</h2>" in refused.text
