"""The wire against EVIDENCE.md: status, code, bytes and headers of every answer."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from mockserver.faults import Rule
from tests.systems.digest_door import DigestDoor

BASE = "/api/public/v1.0/automation/importDeployment"
PROJECT, OTHER_PROJECT = "507f1f77bcf86cd799439012", "507f1f77bcf86cd799439022"
NOBODY = "507f1f77bcf86cd799439099"
ORDER = {"seedHostport": "mongodb1.example.com:27017", "requiredProcesses": ["mongodb1.example.com:27017"]}
CHALLENGE_BODY = b"""{
  "error" : 401,
  "reason" : "Unauthorized",
  "detail" : "You are not authorized for this resource.",
  "errorCode" : "UNEXPECTED_ERROR"
}"""


@pytest.fixture(scope="module")
def empty_mock() -> DigestDoor:
    return DigestDoor.to("ops_manager")


@pytest.fixture
def door(empty_mock: DigestDoor) -> DigestDoor:
    empty_mock.mock.reset()
    return empty_mock


def path(import_id: str = "", tail: str = "", project: str = PROJECT) -> str:
    return f"{BASE}/{project}" + (f"/{import_id}" if import_id else "") + tail


def cancel(door: DigestDoor, import_id: str, tail: str = "", **more: Any) -> httpx.Response:
    return door.send("POST", path(import_id, f"/cancel{tail}"), **more)


def refusal(reply: httpx.Response) -> tuple[int, str, list[Any]]:
    """Status, code and parameters of a refusal that has the documented form (E16, E36)."""
    body = reply.json()
    assert list(body) == ["detail", "error", "errorCode", "parameters", "reason"]
    assert body["error"] == reply.status_code
    assert body["reason"] == reply.reason_phrase
    assert reply.headers["content-type"] == "application/json"
    assert b'": ' not in reply.content  # E19
    return reply.status_code, body["errorCode"], body["parameters"]


def test_request_is_created_found_cancelled_and_reads_cancelled(door: DigestDoor) -> None:
    created = door.send("POST", path(), json=ORDER)
    [listed] = door.send("GET", path()).json()["results"]
    door.wait(130)
    cancelled = cancel(door, listed["id"])
    after = door.send("GET", path(listed["id"])).json()

    assert (created.status_code, created.content) == (200, b"{}")  # E4
    assert (cancelled.status_code, cancelled.content) == (200, b"{}")  # E9
    assert [each["state"] for each in after["transitionsHistory"]] == [
        "PENDING",
        "AWAIT_SEED_HOST_CONNECTED",
        "CANCELLED",
    ]
    assert after["state"] == "CANCELLED"


def test_request_is_shown_as_documented_and_no_more(door: DigestDoor) -> None:
    door.send("POST", path(), json=ORDER | {"authMechanism": "MONGODB_CR", "username": "u", "password": "p"})

    [shown] = door.send("GET", path()).json()["results"]

    assert list(shown) == ["groupId", "id", "state", "transitionsHistory", "userId"]  # E6, E36
    assert (shown["groupId"], shown["userId"]) == (PROJECT, "507f1f77bcf86cd799439013")
    assert shown["transitionsHistory"] == [{"state": "PENDING", "transitionedAt": "2026-01-01T00:00:00.000Z"}]  # E8


@pytest.mark.parametrize("state", ["SUCCESS", "FAILED", "CANCELLED"])
def test_cancel_after_the_end_is_a_conflict(door: DigestDoor, state: str) -> None:
    import_id = door.placed(state)

    assert refusal(cancel(door, import_id)) == (409, "IMPORT_DEPLOYMENT_NOT_IN_PROGRESS", [import_id])  # A6
    assert door.state(import_id) == state


def test_delete_cleans_up_a_failed_request_and_no_other(door: DigestDoor) -> None:
    failed, pending = door.placed("FAILED"), door.placed("PENDING")

    deleted = door.send("DELETE", path(failed))

    assert (deleted.status_code, deleted.content) == (200, b"{}")  # E11
    assert refusal(door.send("GET", path(failed)))[:2] == (404, "RESOURCE_NOT_FOUND")
    assert refusal(door.send("DELETE", path(pending))) == (409, "IMPORT_DEPLOYMENT_NOT_FAILED", [pending])  # A7


@pytest.mark.parametrize(
    "more",
    [{}, {"headers": {"Content-Type": "application/json", "Content-Length": "0"}}, {"json": {}}, {"content": b"\xff"}],
    ids=["no body", "empty JSON", "{}", "not even JSON"],
)
def test_cancel_does_not_look_at_a_body(door: DigestDoor, more: dict[str, Any]) -> None:
    assert cancel(door, door.placed("PENDING"), **more).status_code == 200  # E12, E31


@pytest.mark.parametrize(
    ("method", "tail"), [("GET", ""), ("POST", "/cancel"), ("DELETE", "")], ids=["get", "cancel", "delete"]
)
@pytest.mark.parametrize("import_id", [NOBODY, "short", "507F1F77BCF86CD799439011", "%00", "..%2f", "é"])
def test_unknown_and_malformed_ids_lead_nowhere(door: DigestDoor, method: str, tail: str, import_id: str) -> None:
    reply = door.send(method, path(import_id, tail))

    assert reply.status_code in (400, 404)  # A3, A4
    assert set(reply.json()) == {"detail", "error", "errorCode", "parameters", "reason"}


def test_unknown_request_is_a_resource_that_cannot_be_found(door: DigestDoor) -> None:
    reply = cancel(door, NOBODY)

    assert refusal(reply) == (404, "RESOURCE_NOT_FOUND", [path(NOBODY, "/cancel")])  # A4, E27
    assert reply.json()["detail"] == f"Cannot find resource {path(NOBODY, '/cancel')}."


def test_malformed_project_id_has_an_error_of_its_own(door: DigestDoor) -> None:
    assert refusal(door.send("GET", path(project="short"))) == (404, "INVALID_GROUP_ID", ["short"])  # E38


@pytest.mark.parametrize(
    ("identity", "project", "status", "code"),
    [
        ("reader", PROJECT, 401, "USER_UNAUTHORIZED"),  # E24
        ("stranger", PROJECT, 401, "NOT_IN_GROUP"),  # E25
        ("owner", OTHER_PROJECT, 401, "NOT_IN_GROUP"),
        ("owner", "0" * 24, 401, "NOT_IN_GROUP"),  # A5
        ("reader", OTHER_PROJECT, 401, "NOT_IN_GROUP"),  # A16
        ("offsite", OTHER_PROJECT, 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST"),  # E26, A16
    ],
)
@pytest.mark.parametrize(
    ("method", "tail"),
    [("GET", ""), ("POST", ""), ("GET", "/{id}"), ("DELETE", "/{id}"), ("POST", "/{id}/cancel")],
    ids=["list", "create", "get", "delete", "cancel"],
)
def test_key_that_may_not_is_refused_before_anything_is_looked_up(
    door: DigestDoor, identity: str, project: str, status: int, code: str, method: str, tail: str
) -> None:
    import_id = door.placed("FAILED")
    more = {"json": ORDER} if (method, tail) == ("POST", "") else {}

    for target in (import_id, NOBODY):
        reply = door.send(method, path(project=project) + tail.format(id=target), identity=identity, **more)
        assert refusal(reply)[:2] == (status, code)
        assert "www-authenticate" not in reply.headers

    assert door.state(import_id) == "FAILED"
    assert len(door.send("GET", path()).json()["results"]) == 1


def test_refused_address_is_named(door: DigestDoor) -> None:
    reply = door.send("GET", path(), identity="offsite")

    assert reply.json()["detail"] == "IP address 127.0.0.1 is not allowed to access this resource."  # E26


@pytest.mark.parametrize(
    ("body", "code", "parameters"),
    [
        ({}, "MISSING_ATTRIBUTE", ["seedHostport"]),
        ({"seedHostport": "h:1"}, "MISSING_ATTRIBUTE", ["requiredProcesses"]),
        (ORDER | {"seedHostPort": "h:1"}, "INVALID_ATTRIBUTE", ["seedHostPort"]),  # E23
        (ORDER | {"timeouts": {"importSec": 60}}, "INVALID_ATTRIBUTE", ["timeouts.importSec"]),
        (ORDER | {"timeouts": {"goalStateSec": 59}}, "INVALID_ATTRIBUTE", ["timeouts.goalStateSec"]),  # E3, A9
        (ORDER | {"timeouts": {"automationImported": 86401}}, "INVALID_ATTRIBUTE", ["timeouts.automationImported"]),
        (ORDER | {"timeouts": {"goalStateSec": "60"}}, "INVALID_JSON_ATTRIBUTE", ["timeouts.goalStateSec"]),
        (ORDER | {"seedHostport": 27017}, "INVALID_JSON_ATTRIBUTE", ["seedHostport"]),
        (ORDER | {"requiredProcesses": "h:1"}, "INVALID_JSON_ATTRIBUTE", ["requiredProcesses"]),
        (ORDER | {"authMechanism": "SCRAM"}, "INVALID_ENUM_VALUE", ["SCRAM"]),
        (ORDER | {"seedHostport": "h"}, "INVALID_HOST_PORT", ["h"]),  # A9
        (ORDER | {"authMechanism": "PLAIN"}, "MISSING_CREDENTIALS_FOR_AUTH_MECHANISM", ["PLAIN"]),  # E37
        ([], "INVALID_JSON", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_create_of_a_wrong_body_names_what_is_wrong(
    door: DigestDoor, body: Any, code: str, parameters: list[Any]
) -> None:
    assert refusal(door.send("POST", path(), json=body)) == (400, code, parameters)  # E22

    assert door.send("GET", path()).json() == {"results": []}


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "INVALID_JSON"),
        ({"content": b'{"a":"\xff"}', "headers": {"Content-Type": "application/json"}}, 400, "INVALID_JSON"),
        ({"content": b"", "headers": {"Content-Type": "application/json"}}, 400, "INVALID_JSON"),
        ({"content": b"a=b", "headers": {"Content-Type": "text/plain"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),  # A10
        ({"content": b" " * 2_000_000, "headers": {"Content-Type": "application/json"}}, 413, "REQUEST_TOO_LARGE"),
    ],
    ids=["broken", "not UTF-8", "empty", "not JSON", "too large"],
)
def test_create_of_what_is_no_json_is_refused(door: DigestDoor, more: dict[str, Any], status: int, code: str) -> None:
    reply = door.send("POST", path(), **more)

    assert (reply.status_code, reply.json()["errorCode"]) == (status, code)


@pytest.mark.parametrize("query", ["pretty=maybe", "envelope=1", "pretty="])
def test_odd_flag_is_a_bad_query_parameter(door: DigestDoor, query: str) -> None:
    name = query.partition("=")[0]

    assert refusal(door.send("GET", path() + f"?{query}")) == (400, "INVALID_QUERY_PARAMETER", [name])  # A11


def test_unknown_query_parameter_is_ignored(door: DigestDoor) -> None:
    assert door.send("GET", path() + "?verbose=yes").json() == {"results": []}  # A11


@pytest.mark.parametrize(
    ("method", "target", "allow"),
    [
        ("PUT", path(), "GET, POST"),
        ("POST", path(NOBODY), "DELETE, GET"),
        ("GET", path(NOBODY, "/cancel"), "POST"),
        ("DELETE", path(NOBODY, "/cancel"), "POST"),
    ],
)
def test_method_that_a_path_lacks_is_not_allowed(door: DigestDoor, method: str, target: str, allow: str) -> None:
    reply = door.send(method, target)

    assert refusal(reply)[:2] == (405, "METHOD_NOT_ALLOWED")  # E28, A20
    assert reply.headers["allow"] == allow


def test_path_that_does_not_exist_is_named(door: DigestDoor) -> None:
    reply = door.send("GET", "/api/public/v1.0/softwareComponents/version")

    assert reply.json() == {  # E27: the documented example
        "detail": "Cannot find resource /api/public/v1.0/softwareComponents/version.",
        "error": 404,
        "errorCode": "RESOURCE_NOT_FOUND",
        "parameters": ["/api/public/v1.0/softwareComponents/version"],
        "reason": "Not Found",
    }


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "OPTIONS"])
@pytest.mark.parametrize("target", [path(), path("{id}"), path("{id}", "/cancel"), "/api/public/v1.0/nowhere"])
@pytest.mark.parametrize("query", ["", "?pretty=true&envelope=true"])
def test_request_without_credentials_is_challenged_before_everything(
    door: DigestDoor, method: str, target: str, query: str
) -> None:
    import_id = door.placed("FAILED")

    reply = door.send(method, target.format(id=import_id) + query, identity=None)

    assert (reply.status_code, reply.content) == (401, CHALLENGE_BODY)  # E17, A12, A16
    assert len(CHALLENGE_BODY) == 142
    assert reply.headers["content-type"] == "application/json;charset=ISO-8859-1"  # C8
    assert re.fullmatch(
        r'Digest realm="MMS Public API", domain="", nonce="[A-Za-z0-9+/]{32}", algorithm=MD5, qop="auth", stale=false',
        reply.headers["www-authenticate"],
    )  # E14, C4
    assert door.state(import_id) == "FAILED"


def test_observed_refusals_look_as_on_real_installations() -> None:
    door = DigestDoor.to("ops_manager", "observed")

    challenge, unknown = door.send("GET", path(), identity=None), door.send("GET", path(NOBODY))

    assert challenge.text == (
        '{\n  "reason" : "Unauthorized",\n  "error" : 401,\n  "detail" : "You are not authorized for this resource."\n}'
    )  # C6
    assert (challenge.headers["content-length"], challenge.headers["content-type"]) == ("106", "application/json")  # C8
    assert list(unknown.json()) == ["detail", "errorCode", "parameters", "reason", "status"]  # C5
    assert (unknown.status_code, unknown.json()["status"]) == (404, 404)
    assert cancel(door, NOBODY).json()["error"] == 404  # E30


def test_pretty_reply_is_written_as_jackson_does(door: DigestDoor) -> None:
    import_id = door.placed("PENDING", userId="u")

    reply = door.send("GET", path(import_id, "?pretty=true"))

    assert (
        reply.text
        == f"""{{
  "groupId" : "{PROJECT}",
  "id" : "{import_id}",
  "state" : "PENDING",
  "transitionsHistory" : [ {{
    "state" : "PENDING",
    "transitionedAt" : "2026-01-01T00:00:00.000Z"
  }} ],
  "userId" : "u"
}}"""
    )  # E19


def test_pretty_cancel_has_the_documented_body(door: DigestDoor) -> None:
    assert cancel(door, door.placed("PENDING"), "?pretty=true").content == b"{}"


def test_envelope_wraps_one_result_and_marks_a_list(door: DigestDoor) -> None:
    import_id = door.placed("PENDING")
    plain, plain_list = door.send("GET", path(import_id)).json(), door.send("GET", path()).json()

    assert door.send("GET", path(import_id, "?envelope=true")).json() == {"status": 200, "content": plain}  # E20
    assert door.send("GET", path() + "?envelope=true").json() == {**plain_list, "status": 200}
    assert cancel(door, import_id, "?envelope=true").json() == {"status": 200, "content": {}}  # A12


def test_envelope_wraps_a_refusal_too_and_keeps_its_status(door: DigestDoor) -> None:
    reply = cancel(door, NOBODY, "?envelope=true&pretty=true")

    assert (reply.status_code, reply.json()["status"]) == (404, 404)  # A12
    assert reply.json()["content"]["errorCode"] == "RESOURCE_NOT_FOUND"
    assert '"status" : 404' in reply.text


def test_replies_carry_the_recorded_headers(door: DigestDoor) -> None:
    headers = cancel(door, door.placed("PENDING")).headers

    assert {name: headers[name] for name in headers if name not in ("content-length", "x-mockserver", "date")} == {
        "content-type": "application/json",
        "referrer-policy": "strict-origin-when-cross-origin",
        "strict-transport-security": "max-age=300",
        "vary": "Accept-Encoding",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-mongodb-service-version": f"gitHash={'0' * 40}; versionString=8.0.13",
        "x-permitted-cross-domain-policies": "none",
    }  # E35


def test_fault_rate_limit_is_worded_as_documented(door: DigestDoor) -> None:
    door.mock.faults.replace((Rule("rate_limit", retry_after=7),))

    reply = door.send("GET", path(), identity=None)

    assert refusal(reply) == (429, "RATE_LIMITED", [path(), 100, 1])  # E32
    assert reply.headers["retry-after"] == "7"


def test_fault_server_error_is_the_documented_crash(door: DigestDoor) -> None:
    door.mock.faults.replace((Rule("server_error"),))

    assert refusal(door.send("GET", path(), identity=None)) == (500, "UNEXPECTED_ERROR", [])  # E33


def test_fault_stale_challenge_refuses_good_credentials(door: DigestDoor) -> None:
    door.mock.faults.replace((Rule("stale_challenge", nth=2),))

    reply = door.send("GET", path())

    assert (reply.status_code, reply.content) == (401, CHALLENGE_BODY)
    assert reply.headers["www-authenticate"].endswith('qop="auth", stale=true')


def test_fault_misprinted_challenge_makes_clients_fall_back_and_they_are_served(door: DigestDoor) -> None:
    door.mock.faults.replace((Rule("misprinted_challenge"),))

    reply = door.send("GET", path())

    assert reply.history[0].headers["www-authenticate"].endswith('algorithm=MD5, op="auth", stale=false')  # C4
    assert "nc=" not in reply.request.headers["authorization"]  # RFC 2069, E21
    assert reply.status_code == 200


def test_demo_has_a_request_in_every_state_and_some_of_another_project() -> None:
    door = DigestDoor.to("ops_manager", scenario="demo")

    listed = door.send("GET", path()).json()["results"]

    assert [each["state"] for each in listed] == [
        "PENDING",
        "AWAIT_SEED_HOST_CONNECTED",
        "AWAIT_HOSTS_DISCOVERED",
        "AWAIT_AUTOMATION_IMPORTED",
        "AWAIT_GOAL_STATE",
        "SUCCESS",
        "FAILED",
        "CANCELLED",
    ]
    assert door.send("GET", path("507f1f77bcf86cd799439011")).json()["state"] == "AWAIT_GOAL_STATE"
    assert len(door.send("GET", path(project=OTHER_PROJECT), identity="stranger").json()["results"]) == 2


def test_variant_paged_list_has_links_a_count_and_pages() -> None:
    door = DigestDoor.to("ops_manager", "paged_list")
    ids = [door.placed("PENDING") for _ in range(5)]

    body = door.send("GET", path() + "?itemsPerPage=2&pageNum=2").json()

    def link(number: int, rel: str) -> dict[str, str]:
        return {"href": f"http://mock{path()}?includeCount=true&pageNum={number}&itemsPerPage=2", "rel": rel}

    assert [each["id"] for each in body["results"]] == [ids[2], ids[1]]  # C3
    assert body["links"] == [link(2, "self"), link(1, "previous"), link(3, "next")]
    assert body["totalCount"] == 5
    assert "totalCount" not in door.send("GET", path() + "?includeCount=false").json()


def test_variant_wrong_state_400_calls_it_a_bad_request() -> None:
    door = DigestDoor.to("ops_manager", "wrong_state_400")
    ended = door.placed("SUCCESS")

    assert refusal(cancel(door, ended))[:2] == (400, "IMPORT_DEPLOYMENT_NOT_IN_PROGRESS")  # A6
    assert refusal(door.send("DELETE", path(ended)))[:2] == (400, "IMPORT_DEPLOYMENT_NOT_FAILED")  # A7


def test_stored_bodies_are_plain_json(door: DigestDoor) -> None:
    door.send("POST", path(), json=ORDER | {"timeouts": {"goalStateSec": 60.5}})

    store = door.mock.storage.store("ops_manager")
    stored = [record.data for record in store.find("import")]

    assert json.loads(json.dumps(stored)) == stored
