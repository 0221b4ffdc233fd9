"""The control API, from outside. What it documents is what it does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate

from mockserver.app import Settings, build
from mockserver.control.site import control_spec
from mockserver.wire import OUR_ERROR
from specs.model import Operation


def job(control: Any, **fields: Any) -> Any:
    return control("POST", "/resources/example", json={"state": "PRINTING"} | fields).json()


def name_of(operation: Operation) -> str:
    return operation.operation_id


def test_document_is_valid_openapi(control: Any) -> None:
    validate(control("GET", "/openapi.json").json())


def test_document_names_every_operation_of_the_interface(control: Any) -> None:
    documented = {
        f"{method.upper()} {path}"
        for path, item in control("GET", "/openapi.json").json()["paths"].items()
        for method in item
        if method != "parameters"
    }

    assert documented == {
        "GET /health",
        "GET /openapi.json",
        "POST /reset",
        "GET /resources/{system}",
        "POST /resources/{system}",
        "GET /resources/{system}/{id}",
        "POST /resources/{system}/{id}/move",
        "GET /clock",
        "POST /clock/advance",
        "GET /faults",
        "PUT /faults",
        "DELETE /faults",
        "GET /defects",
        "PUT /defects",
        "DELETE /defects",
        "GET /journal",
        "GET /identities",
        "GET /metrics",
    }


@pytest.mark.parametrize(
    "operation", [each for each in control_spec().operations.values() if "requestBody" in each.definition], ids=name_of
)
def test_documented_example_of_a_body_has_the_documented_shape(control: Any, operation: Any) -> None:
    path = operation.path.replace("{system}", "example").replace("{id}", job(control)["id"])

    body = operation.definition["requestBody"]["content"]["application/json"]
    answer = control(operation.method, path, json=body["example"])

    assert answer.json().get("error") != "invalid_body"
    assert answer.status_code < 500


def test_health_says_what_is_served(control: Any) -> None:
    health = control("GET", "/health").json()

    assert health["systems"] == {
        "example": {"title": "Paperboy print jobs", "base_path": "/example/v1", "variant": "default"}
    }
    assert (health["status"], health["clock"]) == ("ok", "virtual")


def test_placed_job_is_what_the_vendor_serves(control: Any, client: Any) -> None:
    placed = job(control, state="JAMMED", fields={"title": "Late edition"})

    served = client("GET", f"/example/v1/jobs/{placed['parameters']['jobId']}").json()
    assert (placed["state"], served["status"], served["title"]) == ("JAMMED", "JAMMED", "Late edition")


@pytest.mark.parametrize(
    ("tenant", "found"), [("owner", "morning-post"), ("stranger", "evening-star"), ("evening-star", "evening-star")]
)
def test_tenant_is_an_identity_or_its_own_id(control: Any, tenant: Any, found: Any) -> None:
    assert job(control, tenant=tenant)["tenant"] == found


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"state": "FLYING"}, "not_possible"),
        ({"state": "PRINTING", "fields": {"wings": 2}}, "not_possible"),
        ({"state": "PRINTING", "tenant": "nobody"}, "not_possible"),
        ({}, "invalid_body"),
        ({"state": "PRINTING", "more": 1}, "invalid_body"),
    ],
)
def test_job_that_cannot_be_placed_is_refused_with_the_reason(control: Any, body: Any, word: str) -> None:
    answer = control("POST", "/resources/example", json=body)

    assert (answer.status_code, answer.json()["error"]) == (400, word)
    assert control("GET", "/resources/example").json()["total"] == 0


def test_jobs_are_listed_oldest_first_in_pages(control: Any) -> None:
    placed = [job(control, tenant=tenant)["id"] for tenant in ("owner", "stranger", "owner")]

    assert [each["id"] for each in control("GET", "/resources/example").json()["resources"]] == placed
    page = control("GET", "/resources/example?offset=1&limit=1").json()
    assert ([each["id"] for each in page["resources"]], page["total"]) == (placed[1:2], 3)


def test_move_takes_a_legal_step_and_refuses_another(control: Any) -> None:
    path = f"/resources/example/{job(control)['id']}"

    assert control("POST", f"{path}/move", json={"trigger": "finish"}).json()["state"] == "PRINTED"
    refused = control("POST", f"{path}/move", json={"trigger": "finish"})
    assert (refused.status_code, refused.json()["error"]) == (409, "not_legal")
    assert control("GET", path).json()["state"] == "PRINTED"


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [
        ("GET", "/resources/nothing", 404, "unknown_system"),
        ("GET", "/resources/example/pj-0", 404, "unknown_resource"),
        ("GET", "/journal?system=atlass", 404, "unknown_system"),
        ("GET", "/journal?operation=cancel_jbo", 404, "unknown_operation"),
        ("GET", "/journal?system=example&operation=cancel_restore_job", 404, "unknown_operation"),
        ("GET", "/nothing", 404, "unknown_route"),
        ("DELETE", "/clock", 405, "wrong_method"),
        ("GET", "/journal?limit=0", 400, "invalid_query"),
    ],
)
def test_what_is_not_there_is_refused_with_what_to_do(
    control: Any, method: str, path: str, status: int, word: str
) -> None:
    answer = control(method, path)

    assert (answer.status_code, answer.json()["error"]) == (status, word)
    assert re.search(r"__mock__|Name one", answer.json()["message"])
    assert OUR_ERROR not in answer.headers


def test_clock_moves_as_told(control: Any) -> None:
    start = control("GET", "/clock").json()
    moved = control("POST", "/clock/advance", json={"seconds": 90.5}).json()

    assert (start["kind"], start["time"]) == ("virtual", "2026-01-01T00:00:00Z")
    assert (moved["now"], moved["time"]) == (start["now"] + 90.5, "2026-01-01T00:01:30.500000Z")


def test_clock_does_not_go_back(control: Any) -> None:
    assert control("POST", "/clock/advance", json={"seconds": -1}).json()["error"] == "invalid_body"


def test_advance_moves_the_vendors_jobs(control: Any, client: Any) -> None:
    created = client("POST", "/example/v1/jobs", json={"title": "x", "pages": 1}).json()

    control("POST", "/clock/advance", json={"seconds": 86400})

    assert client("GET", f"/example/v1/jobs/{created['id']}").json()["status"] == "PRINTED"


def test_reset_starts_again_from_the_same_ids_time_and_scenario(control: Any, client: Any) -> None:
    first = job(control)["id"]
    control("PUT", "/faults", json={"faults": [{"kind": "rate_limit"}]})
    control("POST", "/clock/advance", json={"seconds": 60})
    client("GET", "/example/v1/jobs")

    assert control("POST", "/reset").json() == {"scenario": "empty"}

    assert control("GET", "/resources/example").json()["total"] == 0
    assert control("GET", "/faults").json() == {"faults": []}
    assert control("GET", "/journal").json() == {"entries": []}
    assert control("GET", "/clock").json()["time"] == "2026-01-01T00:00:00Z"
    assert job(control)["id"] == first


def test_reset_plays_another_scenario_when_told(control: Any) -> None:
    assert control("POST", "/reset", json={"scenario": "demo"}).json() == {"scenario": "demo"}
    assert control("GET", "/resources/example").json()["total"] > 0

    refused = control("POST", "/reset", json={"scenario": "nothing"})
    assert (refused.status_code, refused.json()["error"]) == (400, "unusable")
    assert control("GET", "/resources/example").json()["total"] > 0


def test_reset_reads_no_file(control: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("password of the database")

    refused = control("POST", "/reset", json={"scenario": str(secret)})

    assert (refused.status_code, refused.json()["error"]) == (400, "unusable")
    assert "password" not in refused.text


@pytest.mark.parametrize(
    "rule",
    [{"kind": "odd"}, {"kind": "latency", "system": "odd"}, {"kind": "latency", "operation": "odd"}],
    ids=["kind", "system", "operation"],
)
def test_fault_that_could_never_strike_is_refused_and_the_rules_stay(control: Any, rule: dict[str, str]) -> None:
    control("PUT", "/faults", json={"faults": [{"kind": "latency", "operation": "get_job"}]})

    refused = control("PUT", "/faults", json={"faults": [rule]})

    assert (refused.status_code, refused.json()["error"]) == (400, "unusable")
    assert [each["operation"] for each in control("GET", "/faults").json()["faults"]] == ["get_job"]


@pytest.mark.parametrize(
    "path",
    [
        "/%5f%5fmock__/health",
        "/__mock%5F%5f/health",
        "/example/v1/%2e%2e/%2e%2e/__mock__/health",
        "/example/v1/..%2f..%2f__mock__/health",
        "//__mock__/health",
        "/__MOCK__/health",
    ],
)
def test_no_other_path_leads_to_the_control_api(client: Any, path: str) -> None:
    answer = client("GET", path)

    assert answer.status_code in (401, 404)
    assert "version" not in answer.text


def test_filter_that_does_not_exist_is_refused(control: Any) -> None:
    refused = control("GET", "/journal?sytem=example")

    assert (refused.status_code, refused.json()["error"]) == (400, "unknown_query")


def test_journal_shows_what_was_asked_and_answered_without_secrets(control: Any, client: Any) -> None:
    client("POST", "/example/v1/jobs", json={"title": "x", "pages": 1})

    entry = control("GET", "/journal").json()["entries"][-1]

    assert (entry["operation"], entry["status"], entry["target"]) == ("create_job", 201, "/example/v1/jobs")
    assert entry["request"]["headers"]["authorization"] == "***"
    assert '"title":"x"' in entry["request"]["body"].replace(" ", "")
    assert '"status":"QUEUED"' in entry["reply"]["body"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["create_job", "list_jobs", "get_job"]),
        ("operation=list_jobs", ["list_jobs"]),
        ("status=404", ["get_job"]),
        ("id=pj-000000000000", ["get_job"]),
        ("system=example", ["create_job", "list_jobs", "get_job"]),
        ("system=&operation=", ["create_job", "list_jobs", "get_job"]),
        ("limit=1", ["get_job"]),
        ("errors=true", []),
    ],
)
def test_journal_is_filtered(control: Any, client: Any, query: str, found: Any) -> None:
    client("POST", "/example/v1/jobs", json={"title": "x", "pages": 1})
    client("GET", "/example/v1/jobs")
    client("GET", "/example/v1/jobs/pj-000000000000")

    assert [entry["operation"] for entry in control("GET", f"/journal?{query}").json()["entries"]] == found


def test_journal_knows_the_operations_that_clients_need_beside_the_spec(client: Any) -> None:
    mock = build(Settings(systems=("cloud_foundry", "example"), scenario="empty"))
    ask = type(client)(mock.asgi)
    ask("GET", "/v3/apps")

    found = [ask("GET", f"/__mock__/journal?{query}operation=list_apps") for query in ("", "system=cloud_foundry&")]
    elsewhere = ask("GET", "/__mock__/journal?system=example&operation=list_apps")

    assert [len(answer.json()["entries"]) for answer in found] == [1, 1]
    assert elsewhere.status_code == 404
    assert re.search(r"Served: cancel_job, create_job, .*, list_jobs\. Name one", elsewhere.json()["message"])


def test_journal_goes_on_from_a_number(control: Any, client: Any) -> None:
    client("GET", "/example/v1/jobs")
    last = control("GET", "/journal").json()["entries"][-1]["number"]
    client("GET", "/example/v1/jobs/pj-000000000000")

    entries = control("GET", f"/journal?since={last}").json()["entries"]

    assert [entry["operation"] for entry in entries] == ["get_job"]


def test_identities_are_what_a_client_presents(control: Any) -> None:
    identities = control("GET", "/identities").json()["example"]

    assert identities["owner"] == {"scheme": "bearer", "token": "paperboy-owner"}
    assert set(identities) == {"owner", "reader", "stranger"}


def test_metrics_count_answers_by_operation_and_status(control: Any, client: Any) -> None:
    client("GET", "/example/v1/jobs")
    client("GET", "/example/v1/jobs")

    answer = control("GET", "/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'mockserver_requests_total{system="example",operation="list_jobs",status="200"} 2\n' in answer.text
    assert 'mockserver_jobs{system="example"} 0\n' in answer.text


def test_unknown_defect_is_refused_and_nothing_is_planted(control: Any) -> None:
    refused = control("PUT", "/defects", json={"defects": ["no_such_bug"]})

    assert (refused.status_code, refused.json()["error"]) == (400, "unusable")
    assert control("GET", "/defects").json() == {"defects": []}


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "localhost.evil.example:8080"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_web_page_is_refused(control: Any, headers: Any) -> None:
    answer = control("GET", "/health", headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (403, "no_web_pages")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "127.0.0.1:8080"},
        {"host": "[::1]:8080"},
        {"host": "localhost:8080", "origin": "http://localhost:8080", "sec-fetch-site": "same-origin"},
    ],
)
def test_client_of_this_machine_is_let_in(control: Any, headers: Any) -> None:
    assert control("GET", "/health", headers=headers).status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::1", "", "testclient"])
def test_client_from_elsewhere_is_refused_without_a_token(control: Any, address: Any) -> None:
    answer = control("POST", "/reset", peer=address)

    assert (answer.status_code, answer.json()["error"]) == (403, "not_from_here")


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
def test_proxy_on_this_machine_is_elsewhere(control: Any, header: Any) -> None:
    assert control("GET", "/health", headers={header: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer opensesame"}, 200),
        ({"x-mockserver-token": "opensesame"}, 200),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Basic opensesame"}, 401),
        ({"x-mockserver-token": "ö"}, 401),
        ({}, 401),
    ],
)
@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
def test_token_opens_from_anywhere_and_is_needed_once_it_is_set(
    control: Any, headers: Any, status: int, address: Any
) -> None:
    mock = build(Settings(systems=("example",), control_token="opensesame"))
    encoded = {name: value.encode() for name, value in headers.items()}

    answer = type(control)(mock.asgi)("GET", "/__mock__/health", headers=encoded, peer=address)

    assert answer.status_code == status


def test_control_is_not_there_when_it_is_switched_off(client: Any) -> None:
    mock = build(Settings(systems=("example",), control=False))

    answer = type(client)(mock.asgi)("GET", "/__mock__/health")

    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_path")


@pytest.mark.parametrize("path", ["/example/v1/%2e%2e/%2e%2e/__mock__/health", "/example/v1/..%2F..%2F__mock__/health"])
def test_control_is_not_reached_through_a_vendors_path(client: Any, path: str) -> None:
    answer = client("GET", path)

    assert "status" not in answer.json()


def test_own_document_of_the_control_api_is_what_is_served(control: Any) -> None:
    assert control("GET", "/openapi.json").json() == yaml.safe_load(control_spec().path.read_text())
