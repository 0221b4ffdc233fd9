"""The wire against EVIDENCE.md: status, code, bytes and headers of every answer."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.systems.digest_door import DigestDoor

API = "/api/atlas/v1.0"
GROUP, OTHER_GROUP = "5b6212af90dc76637950a2c6", "5b6212af90dc76637950a2d6"
NOBODY = "5b622f7087d9d6039fafe099"
SNAPSHOT = "5b6211ff87d9d663c59d3d00"
TARGET = {"targetClusterName": "MyOtherCluster", "targetGroupId": GROUP}
DOWNLOAD = {"deliveryType": "download", "snapshotId": SNAPSHOT}
AUTOMATED = {"deliveryType": "automated", "snapshotId": SNAPSHOT, **TARGET}
POINT = {"deliveryType": "pointInTime", "pointInTimeUTCSeconds": 1767222000, **TARGET}
OPLOG = {"deliveryType": "pointInTime", "oplogTs": 1767222000, "oplogInc": 3, **TARGET}


@pytest.fixture(scope="module")
def empty_mock() -> DigestDoor:
    return DigestDoor.to("atlas")


@pytest.fixture
def door(empty_mock: DigestDoor) -> DigestDoor:
    empty_mock.mock.reset()
    return empty_mock


def path(tail: str = "", group: str = GROUP, cluster: str = "MyCluster") -> str:
    return f"{API}/groups/{group}/clusters/{cluster}/backup/restoreJobs{tail}"


def get(door: DigestDoor, job_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = door.send("GET", path(f"/{job_id}")).json()
    return shown


def refusal(reply: httpx.Response) -> tuple[int, str, list[Any]]:
    """Status, code and parameters of a refusal that has the documented form (E17)."""
    body = reply.json()
    assert list(body) == ["detail", "error", "errorCode", "parameters", "reason"]
    assert body["error"] == reply.status_code
    assert body["reason"] == reply.reason_phrase
    assert reply.headers["x-error-code"] == body["errorCode"]
    assert reply.headers["content-type"] == "application/json"
    return reply.status_code, body["errorCode"], body["parameters"]


def test_download_is_created_cancelled_and_reads_cancelled(door: DigestDoor) -> None:
    created = door.send("POST", path(), json=DOWNLOAD)
    job_id = created.json()["id"]
    cancelled = door.send("DELETE", path(f"/{job_id}"))

    assert created.status_code == 200  # E6
    assert (cancelled.status_code, cancelled.content) == (204, b"")  # E3
    assert "content-length" not in cancelled.headers  # E37
    assert get(door, job_id) == created.json() | {"cancelled": True}  # E8


def test_new_download_looks_as_documented(door: DigestDoor) -> None:
    body = door.send("POST", path(), json=DOWNLOAD).json()

    job_id = body["id"]
    cluster = f"http://mock{API}/groups/{GROUP}/clusters/MyCluster"
    assert re.fullmatch("[0-9a-f]{24}", job_id)
    assert list(body) == sorted(body)
    assert body == {  # E8, E15, E16, C1, C2, C8
        "cancelled": False,
        "createdAt": "2026-01-01T00:00:00Z",
        "deliveryType": "download",
        "deliveryUrl": [],
        "expired": False,
        "failed": False,
        "id": job_id,
        "links": [
            {"href": f"{cluster}/backup/restoreJobs/{job_id}", "rel": "self"},
            {"href": f"{cluster}/backup/snapshots/{SNAPSHOT}", "rel": "http://mms.mongodb.com/snapshot"},
            {"href": cluster, "rel": "http://mms.mongodb.com/cluster"},
            {"href": f"http://mock{API}/groups/{GROUP}", "rel": "http://mms.mongodb.com/group"},
        ],
        "snapshotId": SNAPSHOT,
        "timestamp": "2025-12-31T23:02:07Z",
    }


def test_download_shows_its_url_for_an_hour(door: DigestDoor) -> None:
    job_id = door.send("POST", path(), json=DOWNLOAD).json()["id"]

    seen = []
    for minutes in (3, 59, 1):
        door.wait(60 * minutes)
        body = get(door, job_id)
        seen.append((len(body["deliveryUrl"]), body["expired"], body["expiresAt"]))

    assert seen == [  # E8, A7, A15
        (1, False, "2026-01-01T01:03:00Z"),
        (1, False, "2026-01-01T01:03:00Z"),
        (0, True, "2026-01-01T01:03:00Z"),
    ]


def test_automated_restore_shows_its_target_and_finishes(door: DigestDoor) -> None:
    job_id = door.send("POST", path(), json=AUTOMATED).json()["id"]
    before = get(door, job_id)
    door.wait(600)

    assert {name: before[name] for name in TARGET} == TARGET
    assert "deliveryUrl" not in before
    assert get(door, job_id) == before | {"finishedAt": "2026-01-01T00:10:00Z"}  # E8


@pytest.mark.parametrize(
    ("body", "moment"),
    [(POINT, {"pointInTimeUTCSeconds": 1767222000}), (OPLOG, {"oplogTs": 1767222000, "oplogInc": 3})],
    ids=["seconds", "oplog"],
)
def test_point_in_time_restore_shows_the_moment_as_it_was_asked_for(
    door: DigestDoor, body: dict[str, Any], moment: dict[str, int]
) -> None:
    shown = door.send("POST", path(), json=body).json()

    assert shown | moment == shown  # E8
    assert shown["desiredTimestamp"] == {"date": "2025-12-31T23:00:00Z", "increment": moment.get("oplogInc", 0)}  # C2
    assert "snapshotId" not in shown


@pytest.mark.parametrize(
    ("state", "fields", "status", "code"),
    [
        ("RESTORING", {}, 400, "CANNOT_CANCEL_AUTOMATED_RESTORE"),  # E10
        ("RECOVERING", {}, 400, "CANNOT_CANCEL_AUTOMATED_RESTORE"),  # A4
        ("FINISHED", {}, 400, "CANNOT_CANCEL_AUTOMATED_RESTORE"),  # A5
        ("CANCELLED", {}, 400, "CANNOT_CANCEL_RESTORE_JOB"),
        ("FAILED", {}, 400, "CANNOT_CANCEL_RESTORE_JOB"),
        ("EXPIRED", {}, 400, "CANNOT_CANCEL_RESTORE_JOB"),
        ("IN_PROGRESS", {"shard": True}, 405, "ATLAS_BACKUP_CANCEL_SHARD_RESTORE_JOB_NOT_ALLOWED"),  # E11
    ],
)
def test_cancel_of_what_cannot_be_cancelled_is_refused_and_changes_nothing(
    door: DigestDoor, state: str, fields: dict[str, Any], status: int, code: str
) -> None:
    job_id = door.placed(state, **fields)
    before = get(door, job_id)

    assert refusal(door.send("DELETE", path(f"/{job_id}")))[:2] == (status, code)
    assert get(door, job_id) == before


def test_cancel_of_a_ready_download_is_accepted(door: DigestDoor) -> None:
    job_id = door.placed("READY")

    assert door.send("DELETE", path(f"/{job_id}")).status_code == 204  # A6
    assert (get(door, job_id)["cancelled"], get(door, job_id)["deliveryUrl"]) == (True, [])  # A15


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "0"}, {"Content-Type": "application/json"}], ids=str)
def test_cancel_takes_no_body(door: DigestDoor, headers: dict[str, str]) -> None:
    assert door.send("DELETE", path(f"/{door.placed('IN_PROGRESS')}"), headers=headers).status_code == 204  # E35


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (path(f"/{NOBODY}"), (404, "RESTORE_JOB_NOT_FOUND", [NOBODY, "MyCluster"])),  # E12
        (path("/short"), (404, "INVALID_JOB_ID", ["short"])),  # E13
        (path(f"/{NOBODY.upper()}"), (404, "INVALID_JOB_ID", [NOBODY.upper()])),
        (path(f"/{NOBODY}", cluster="Nowhere"), (404, "CLUSTER_NOT_FOUND", ["Nowhere", GROUP])),  # E32
        (path(f"/{NOBODY}", cluster="mycluster"), (404, "CLUSTER_NOT_FOUND", ["mycluster", GROUP])),
        (path(f"/{NOBODY}", cluster="-x"), (400, "CLUSTER_NAME_INVALID", ["-x"])),  # E13
        (path(f"/{NOBODY}", group="0" * 24), (404, "GROUP_NOT_FOUND", ["0" * 24])),  # C3
        (path(f"/{NOBODY}", group="short"), (404, "INVALID_GROUP_ID", ["short"])),  # E13
        (path(f"/{NOBODY}", group=OTHER_GROUP), (401, "NOT_IN_GROUP", [])),  # E26
    ],
    ids=[
        "job",
        "malformed job",
        "upper case",
        "cluster",
        "other case",
        "bad cluster",
        "group",
        "bad group",
        "not ours",
    ],
)
def test_what_a_path_names_is_looked_up_step_by_step(
    door: DigestDoor, method: str, target: str, expected: tuple[int, str, list[str]]
) -> None:
    assert refusal(door.send(method, target)) == expected


def test_unknown_job_is_worded_as_documented(door: DigestDoor) -> None:
    reply = door.send("DELETE", path(f"/{NOBODY}"))

    assert reply.json()["detail"] == f"No restore job with ID {NOBODY} exists for cluster MyCluster."  # E12


def test_job_of_another_cluster_is_unknown(door: DigestDoor) -> None:
    job_id = door.placed("IN_PROGRESS", clusterName="MyOtherCluster")

    assert refusal(door.send("DELETE", path(f"/{job_id}")))[:2] == (404, "RESTORE_JOB_NOT_FOUND")
    assert door.state(job_id) == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("identity", "status", "code"),
    [
        ("reader", 401, "USER_UNAUTHORIZED"),  # E25
        ("stranger", 401, "NOT_IN_GROUP"),  # E26
        ("offsite", 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST"),  # E23
    ],
)
@pytest.mark.parametrize(
    ("method", "tail"),
    [("GET", ""), ("POST", ""), ("GET", "/{id}"), ("DELETE", "/{id}")],
    ids=["list", "create", "get", "cancel"],
)
def test_key_that_may_not_is_refused_before_a_job_is_looked_up(
    door: DigestDoor, identity: str, status: int, code: str, method: str, tail: str
) -> None:
    job_id = door.placed("IN_PROGRESS")
    more = {"json": DOWNLOAD} if method == "POST" else {}

    for target in (job_id, NOBODY):
        reply = door.send(method, path(tail.format(id=target)), identity=identity, **more)
        assert refusal(reply)[:2] == (status, code)

    assert door.state(job_id) == "IN_PROGRESS"
    assert door.send("GET", path()).json()["totalCount"] == 1


@pytest.mark.parametrize(
    ("body", "status", "code", "parameters"),
    [
        ({}, 400, "MISSING_ATTRIBUTE", ["deliveryType"]),  # E24
        ([], 400, "INVALID_JSON", []),
        ({"deliveryType": 1}, 400, "INVALID_JSON_ATTRIBUTE", ["deliveryType"]),
        ({"deliveryType": "pigeon"}, 400, "INVALID_ENUM_VALUE", ["pigeon"]),
        ({"deliveryType": "download"}, 400, "MISSING_ATTRIBUTE", ["snapshotId"]),  # E5
        ({"deliveryType": "automated", "snapshotId": SNAPSHOT}, 400, "MISSING_ATTRIBUTE", ["targetClusterName"]),
        ({"deliveryType": "pointInTime", **TARGET}, 400, "MISSING_ATTRIBUTE", ["pointInTimeUTCSeconds"]),
        ({"deliveryType": "pointInTime", "oplogTs": 1, **TARGET}, 400, "MISSING_ATTRIBUTE", ["oplogInc"]),
        (OPLOG | {"pointInTimeUTCSeconds": 1}, 400, "INVALID_ATTRIBUTE", ["pointInTimeUTCSeconds"]),
        (DOWNLOAD | {"color": 1}, 400, "INVALID_ATTRIBUTE", ["color"]),
        (DOWNLOAD | {"snapshotId": 1}, 400, "INVALID_JSON_ATTRIBUTE", ["snapshotId"]),
        (DOWNLOAD | {"snapshotId": "short"}, 404, "INVALID_SNAPSHOT_ID", ["short"]),  # E28
        (DOWNLOAD | {"snapshotId": NOBODY}, 404, "SNAPSHOT_NOT_FOUND", [NOBODY]),
        (AUTOMATED | {"targetGroupId": "short"}, 404, "INVALID_GROUP_ID", ["short"]),
        (AUTOMATED | {"targetGroupId": OTHER_GROUP}, 401, "NOT_IN_GROUP", []),  # A9
        (AUTOMATED | {"targetClusterName": "-"}, 400, "CLUSTER_NAME_INVALID", ["-"]),
        (AUTOMATED | {"targetClusterName": "Nowhere"}, 404, "CLUSTER_NOT_FOUND", ["Nowhere", GROUP]),
        (POINT | {"pointInTimeUTCSeconds": 99999999999}, 400, "INVALID_PIT_RESTORE_TIME", [99999999999]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_create_of_a_wrong_body_names_what_is_wrong(
    door: DigestDoor, body: Any, status: int, code: str, parameters: list[Any]
) -> None:
    assert refusal(door.send("POST", path(), json=body)) == (status, code, parameters)

    assert door.send("GET", path()).json()["results"] == []


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "MALFORMED_JSON"),  # E24
        (b'"\xff"', "application/json", 400, "MALFORMED_JSON"),
        (b"", "application/json", 400, "INVALID_JSON"),
        (b"a=b", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),  # A11
    ],
    ids=["broken", "not UTF-8", "empty", "not JSON"],
)
def test_create_of_what_is_no_json_is_refused(
    door: DigestDoor, content: bytes, media_type: str, status: int, code: str
) -> None:
    reply = door.send("POST", path(), content=content, headers={"Content-Type": media_type})

    assert refusal(reply)[:2] == (status, code)


def test_second_download_and_the_twenty_first_are_refused(door: DigestDoor) -> None:
    def create(number: int) -> httpx.Response:
        return door.send("POST", path(), json=DOWNLOAD | {"snapshotId": f"{SNAPSHOT[:-2]}{number:02x}"})

    first = [create(number).status_code for number in range(20)]

    assert first == [200] * 20
    assert refusal(create(0)) == (400, "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY", [SNAPSHOT])  # E7
    assert refusal(create(20)) == (400, "TOO_MANY_SNAPSHOT_DOWNLOADS", [GROUP, 20])


def test_list_is_paged_and_links_its_pages(door: DigestDoor) -> None:
    ids = [door.placed("IN_PROGRESS") for _ in range(5)]

    body = door.send("GET", path("?itemsPerPage=2&pageNum=2")).json()

    def link(number: int, rel: str) -> dict[str, str]:
        return {"href": f"http://mock{path()}?includeCount=true&pageNum={number}&itemsPerPage=2", "rel": rel}

    assert list(body) == ["links", "results", "totalCount"]  # E14
    assert [job["id"] for job in body["results"]] == [ids[2], ids[1]]
    assert body["links"] == [link(2, "self"), link(1, "previous"), link(3, "next")]  # E15
    assert body["totalCount"] == 5


def test_list_without_parameters_spells_out_the_defaults(door: DigestDoor) -> None:
    body = door.send("GET", path()).json()

    href = f"http://mock{path()}?includeCount=true&pageNum=1&itemsPerPage=100"
    assert body == {"links": [{"href": href, "rel": "self"}], "results": [], "totalCount": 0}  # E15


def test_list_and_get_show_the_same_job(door: DigestDoor) -> None:
    job_id = door.placed("READY")

    assert door.send("GET", path()).json()["results"] == [get(door, job_id)]  # E15


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("itemsPerPage=500", 200),
        ("itemsPerPage=501", 400),
        ("itemsPerPage=0", 400),
        ("pageNum=0", 400),
        ("pageNum=x", 400),
        ("includeCount=maybe", 400),
        ("pretty=maybe", 400),
        ("pageNum=" + "9" * 30, 200),
        ("verbose=true", 200),
    ],
)
def test_query_parameters_out_of_their_range_are_refused_by_name(door: DigestDoor, query: str, status: int) -> None:
    reply = door.send("GET", path(f"?{query}"))

    assert reply.status_code == status  # A10
    if status == 400:
        assert refusal(reply) == (400, "INVALID_QUERY_PARAMETER", [query.partition("=")[0]])


def test_method_that_a_path_lacks_is_not_allowed(door: DigestDoor) -> None:
    reply = door.send("POST", path(f"/{NOBODY}"))

    assert refusal(reply)[:2] == (405, "METHOD_NOT_ALLOWED")  # E27, A14
    assert reply.headers["allow"] == "DELETE, GET"


@pytest.mark.parametrize("target", [path(), path(f"/{NOBODY}"), f"{API}/nowhere"])
def test_request_without_credentials_is_challenged_before_everything(door: DigestDoor, target: str) -> None:
    reply = door.send("DELETE", f"{target}?envelope=true", identity=None)

    assert (reply.status_code, len(reply.content)) == (401, 142)  # E20, E22, A12
    assert list(reply.json()) == ["error", "reason", "detail", "errorCode"]
    assert reply.headers["www-authenticate"].startswith('Digest realm="MMS Public API", domain="", nonce="')  # E21
    assert (reply.headers["server"], "strict-transport-security" in reply.headers) == ("mdbws", False)  # E34


def test_envelope_wraps_one_result_and_marks_a_list(door: DigestDoor) -> None:
    job_id = door.placed("IN_PROGRESS")
    plain, plain_list = get(door, job_id), door.send("GET", path()).json()

    assert get(door, f"{job_id}?envelope=true") == {"status": 200, "content": plain}  # E19
    assert door.send("GET", path("?envelope=true")).json() == {**plain_list, "status": 200}


def test_envelope_leaves_a_cancel_without_a_body(door: DigestDoor) -> None:
    reply = door.send("DELETE", path(f"/{door.placed('IN_PROGRESS')}?envelope=true&pretty=true"))

    assert (reply.status_code, reply.content) == (204, b"")  # A12


def test_pretty_changes_white_space_only(door: DigestDoor) -> None:
    job_id = door.placed("READY")

    reply = door.send("GET", path(f"/{job_id}?pretty=true"))

    assert reply.json() == get(door, job_id)
    assert reply.text.startswith('{\n  "cancelled" : false,\n  "createdAt" : "')  # E18


def test_replies_carry_the_recorded_headers(door: DigestDoor) -> None:
    headers = door.send("GET", path()).headers

    assert {name: headers[name] for name in headers if name not in ("content-length", "x-mockserver", "date")} == {
        "content-type": "application/json",
        "referrer-policy": "strict-origin-when-cross-origin",
        "server": "mdbws",
        "strict-transport-security": "max-age=31536000; includeSubdomains;",
        "vary": "Accept-Encoding",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-mongodb-service-version": f"gitHash={'0' * 40}; versionString=v20260101",
        "x-permitted-cross-domain-policies": "none",
    }  # E34, A17


def test_demo_has_a_job_in_every_state_and_the_documented_one_can_be_cancelled() -> None:
    door = DigestDoor.to("atlas", scenario="demo")

    reply = door.send("DELETE", path("/5b622f7087d9d6039fafe03f"))

    states = {job.state for job in door.mock.sites["atlas"].parts.model.resources()}
    assert reply.status_code == 204
    assert len(states) == 8
    assert door.send("GET", path(group=OTHER_GROUP), identity="stranger").json()["totalCount"] == 2


def test_variant_observed_shows_jobs_as_recorded() -> None:
    door = DigestDoor.to("atlas", "observed")

    body = door.send("POST", path(), json=DOWNLOAD).json()
    point = door.send("POST", path(), json=OPLOG).json()

    assert "createdAt" not in body  # C1
    assert body["desiredTimestamp"] == {"date": None, "increment": None, "time": None}  # C2
    assert body["links"][1]["rel"] == "https://cloud.mongodb.com/snapshot"  # C8
    assert point["desiredTimestamp"] == {"date": "2025-12-31T23:00:00Z", "increment": 3, "time": 1767222000}


def test_variant_ready_refuses_cancel() -> None:
    door = DigestDoor.to("atlas", "ready_refuses_cancel")
    ready, running = door.placed("READY"), door.placed("IN_PROGRESS")

    assert refusal(door.send("DELETE", path(f"/{ready}")))[:2] == (400, "CANNOT_CANCEL_RESTORE_JOB")  # A6
    assert door.send("DELETE", path(f"/{running}")).status_code == 204
    assert door.state(ready) == "READY"


def test_variant_malformed_400_calls_an_odd_id_a_bad_request() -> None:
    door = DigestDoor.to("atlas", "malformed_400")

    assert refusal(door.send("DELETE", path("/short"))) == (400, "PATH_PARAM_PARSE_ERROR", [path("/short")])  # C4
