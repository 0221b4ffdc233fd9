"""Paperboy through the front door: its words, headers and order of checks. The whole pipeline, in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

from mockserver.app import Mock, Settings, build
from mockserver.systems.example import IDENTITIES

Send = Callable[..., httpx.Response]
UNKNOWN = "/jobs/pj-000000000000"


@pytest.fixture
def mock() -> Mock:
    return build(Settings(("example",), clock="virtual"))


@pytest.fixture
def send(mock: Mock) -> Send:
    """Sends a request as one of the built-in identities, by default as the owner."""

    def send(method: str, path: str, identity: str | None = "owner", **more: Any) -> httpx.Response:
        request = httpx.Request(method, f"http://paperboy/example/v1{path}", **more)
        if identity:
            request.headers.setdefault("Authorization", f"Bearer {IDENTITIES[identity].credentials['token']}")
        return anyio.run(exchange, request)

    async def exchange(request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(mock.asgi)) as client:
            return await client.send(request)

    return send


@pytest.fixture
def job(send: Send) -> str:
    """The path of a queued job."""
    return f"/jobs/{send('POST', '/jobs', json={'title': 'Leaflet', 'pages': 2}).json()['id']}"


def test_created_job_is_told_whole_with_its_location(send: Send) -> None:  # E2
    reply = send("POST", "/jobs", json={"title": "Leaflet", "pages": 2})

    assert reply.status_code == 201
    assert reply.json() == {
        "id": reply.json()["id"],
        "title": "Leaflet",
        "pages": 2,
        "copies": 1,
        "status": "QUEUED",
        "pagesPrinted": 0,
        "createdAt": "2026-01-01T00:00:00Z",
        "finishedAt": None,
        "history": [{"status": "QUEUED", "at": "2026-01-01T00:00:00Z"}],
    }
    assert reply.headers["Location"] == f"/example/v1/jobs/{reply.json()['id']}"


def test_cancelled_job_reads_cancelled_and_refuses_a_second_cancel(send: Send, job: str) -> None:  # E4, E6
    first, read, second = send("POST", f"{job}/cancel"), send("GET", job), send("POST", f"{job}/cancel")

    assert (first.status_code, first.json()["status"]) == (200, "CANCELLED")
    assert read.json() == first.json()
    assert second.status_code == 409
    assert second.json()["problem"]["message"] == f"Job {job.removeprefix('/jobs/')} is CANCELLED."


def test_demo_scenario_has_a_job_in_every_state(send: Send) -> None:
    jobs = send("GET", "/jobs").json()["items"]

    assert {job["status"] for job in jobs} == {"QUEUED", "PRINTING", "CANCELLING", "CANCELLED", "PRINTED", "JAMMED"}


def test_list_of_a_state_holds_no_other(send: Send) -> None:  # E3
    page = send("GET", "/jobs", params={"status": "JAMMED", "page": 1}).json()

    assert [job["status"] for job in page["items"]] == ["JAMMED"]
    assert (page["page"], page["total"]) == (1, 1)


JSON = {"Content-Type": "application/json"}
REFUSALS: list[tuple[str, dict[str, Any], int, str, list[str]]] = [
    # request, what it carries, status, code, fields; in the order of A2
    ("POST /jobs", {"identity": None}, 401, "not_signed_in", []),  # E11
    ("POST /jobs", {"headers": {"Authorization": "Bearer stolen"}}, 401, "not_signed_in", []),
    ("POST /jobs", {"headers": {"Authorization": "Basic cGFwZXI6Ym95"}}, 401, "not_signed_in", []),
    ("GET /jobs/pj-1", {}, 400, "bad_request", ["jobId"]),  # E10
    ("POST /jobs/pj-1/cancel", {"identity": "reader"}, 400, "bad_request", ["jobId"]),
    ("GET /jobs?page=none", {}, 400, "bad_request", ["page"]),
    ("GET /jobs?status=ASLEEP", {}, 400, "bad_request", ["status"]),
    ("POST /jobs", {"content": b"{", "headers": JSON}, 400, "bad_request", ["body"]),
    ("POST /jobs", {"content": b"", "headers": JSON}, 400, "bad_request", ["body"]),
    ("POST /jobs", {"data": {"title": "x"}}, 415, "not_json", []),  # E15
    ("POST /jobs", {"json": {"pages": 0}}, 422, "invalid_job", ["pages", "title"]),
    ("POST /jobs", {"json": {"title": "x", "pages": 1, "colour": "red"}}, 422, "invalid_job", ["colour"]),
    ("POST /jobs", {"json": {"title": "x", "pages": 1}, "identity": "reader"}, 403, "read_only_token", []),  # E12
    (f"POST {UNKNOWN}/cancel", {"identity": "reader"}, 403, "read_only_token", []),
    (f"GET {UNKNOWN}", {}, 404, "job_not_found", []),  # E9
    (f"POST {UNKNOWN}/cancel", {}, 404, "job_not_found", []),
    ("GET /papers", {}, 404, "no_such_page", []),  # E14
]


@pytest.mark.parametrize(("request_line", "carried", "status", "code", "fields"), REFUSALS)
def test_refusal_is_in_paperboys_words(
    send: Send, request_line: str, carried: dict[str, Any], status: int, code: str, fields: list[str]
) -> None:
    reply = send(*request_line.split(), **carried)

    assert reply.status_code == status
    assert reply.json()["problem"]["code"] == code
    assert reply.json()["problem"].get("fields", []) == fields


def test_job_of_another_newsroom_is_not_found(send: Send, job: str) -> None:  # E13
    for request in (("GET", job), ("POST", f"{job}/cancel")):
        assert send(*request, identity="stranger").json()["problem"]["code"] == "job_not_found"
    assert send("GET", job).json()["status"] == "QUEUED"


def test_refusal_for_lack_of_a_token_says_how_to_sign_in(send: Send) -> None:  # E11
    assert send("GET", "/jobs", identity=None).headers["WWW-Authenticate"] == 'Bearer realm="Paperboy"'


def test_wrong_method_is_told_the_right_ones(send: Send, job: str) -> None:  # E14
    reply = send("GET", f"{job}/cancel")

    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST")
    assert reply.json()["problem"]["code"] == "method_not_allowed"


def test_unknown_query_parameter_is_ignored(send: Send) -> None:  # A4
    assert send("GET", "/jobs?colour=red").status_code == 200


def test_planted_defect_keeps_the_press_running() -> None:
    mock = build(Settings(("example",), clock="virtual", defects=("example_press_never_stops",)))
    model = mock.sites["example"].parts.model
    job_id = model.place("PRINTING", {"pages": 100}, IDENTITIES["owner"].tenant)

    model.move(job_id, "cancel")
    mock.clock.advance(60)

    assert model.resource(job_id).state == "CANCELLING"


def test_repeat_cancel_succeeds_in_the_other_reading() -> None:  # C1
    mock = build(Settings(("example",), variants={"example": "repeat_cancel_accepted"}, clock="virtual"))
    model = mock.sites["example"].parts.model
    job_id = model.place("CANCELLING", {}, IDENTITIES["owner"].tenant)

    model.move(job_id, "cancel")

    assert model.resource(job_id).state == "CANCELLING"
