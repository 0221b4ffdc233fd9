"""Cancel and continue on the wire: every state, every refusal, and which of two refusals comes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.systems.cloud_foundry.door import (
    BILLING,
    INVALID_TOKEN,
    NEW,
    NO_DROPLET,
    NOT_AUTHENTICATED,
    NOT_AUTHORIZED,
    NOT_FOUND,
    NOWHERE,
    OLD,
    PARSE_ERROR,
    UNKNOWN_REQUEST,
    Door,
    error,
    status,
    unprocessable,
)

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("state", ["DEPLOYING", "PREPAUSED", "PAUSED"])
def test_cancel_answers_the_deployment_as_it_is_from_now_on(door: Door, state: str) -> None:  # E12, E44, C1
    guid = door.placed(state, metadata={"labels": {"release": "stable"}})
    before = door.get(guid).json()
    door.wait(2)

    reply = door.cancel(guid)

    after = door.get(guid).json()
    assert (reply.status_code, reply.json()) == (200, after)
    assert status(reply) == "ACTIVE/CANCELING"
    assert set(after["links"]) == {"self", "app", "cancel"}
    moved = {name for name in after if after[name] != before[name]}
    assert moved - {"links"} == {"updated_at", "status"}
    assert after["status"]["details"]["last_status_change"] > before["status"]["details"]["last_status_change"]
    assert after["status"].get("canary") == before["status"].get("canary")


def test_cancelled_deployment_ends_without_its_cancel_link(door: Door) -> None:  # E14, E44
    guid = door.placed("DEPLOYING")
    processes = door.cancel(guid).json()["new_processes"]

    door.wait(5)

    ended = door.get(guid)
    assert status(ended) == "FINALIZED/CANCELED"
    assert set(ended.json()["links"]) == {"self", "app"}
    assert ended.json()["new_processes"] == processes


def test_cancel_gives_the_app_its_droplet_back_at_once(door: Door) -> None:  # E19
    guid = door.create(droplet={"guid": NEW}).json()["guid"]
    at_create = door.current_droplet(BILLING)

    door.cancel(guid)

    assert (at_create, door.current_droplet(BILLING)) == (NEW, OLD)


def test_second_cancel_changes_nothing_and_the_third_is_too_late(door: Door) -> None:  # E13, E16, A12
    guid = door.placed("DEPLOYING")
    first = door.cancel(guid)
    door.wait(3)

    second = door.cancel(guid)
    door.wait(2)
    third = door.cancel(guid)

    assert (second.status_code, second.json()) == (200, first.json())
    assert error(third) == unprocessable("Cannot cancel a deployment with status: FINALIZED and reason: CANCELED")


@pytest.mark.parametrize(
    ("state", "reason"), [("DEPLOYED", "DEPLOYED"), ("CANCELED", "CANCELED"), ("SUPERSEDED", "SUPERSEDED")]
)
def test_finished_one_refuses_cancel_and_stays_as_it_was(door: Door, state: str, reason: str) -> None:  # E16
    guid = door.placed(state)
    before = door.get(guid).json()

    refused = door.cancel(guid)

    assert error(refused) == unprocessable(f"Cannot cancel a deployment with status: FINALIZED and reason: {reason}")
    assert door.get(guid).json() == before


def test_cancel_without_a_previous_droplet_is_refused(door: Door) -> None:  # E17
    guid = door.placed("DEPLOYING", previous_droplet=None)

    refused = door.cancel(guid)

    assert error(refused) == NO_DROPLET
    assert status(door.get(guid)) == "ACTIVE/DEPLOYING"
    assert door.get(guid).json()["previous_droplet"] == {"guid": None}


def test_continue_takes_the_next_step_until_none_is_left(door: Door) -> None:  # E11, E54
    guid = door.placed("PAUSED", options={"canary": {"steps": [{"instance_weight": 20}, {"instance_weight": 50}]}})

    first = door.resume(guid)
    door.wait(20)
    paused = door.get(guid)
    second = door.resume(guid)
    door.wait(60)

    steps = [reply.json()["status"]["canary"]["steps"] for reply in (first, paused, second)]
    assert [status(reply) for reply in (first, paused, second)] == [
        "ACTIVE/DEPLOYING",
        "ACTIVE/PAUSED",
        "ACTIVE/DEPLOYING",
    ]
    assert steps == [{"current": 2, "total": 2}] * 3
    assert paused.json()["links"]["continue"]["method"] == "POST"
    assert status(door.get(guid)) == "FINALIZED/DEPLOYED"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("DEPLOYING", "ACTIVE and reason: DEPLOYING"),
        ("PREPAUSED", "ACTIVE and reason: DEPLOYING"),
        ("CANCELING", "ACTIVE and reason: CANCELING"),
        ("DEPLOYED", "FINALIZED and reason: DEPLOYED"),
        ("CANCELED", "FINALIZED and reason: CANCELED"),
        ("SUPERSEDED", "FINALIZED and reason: SUPERSEDED"),
    ],
)
def test_continue_of_what_is_not_paused_is_refused(door: Door, state: str, shown: str) -> None:  # E18
    guid = door.placed(state)
    before = door.get(guid).json()

    refused = door.resume(guid)

    assert error(refused) == unprocessable(f"Cannot continue a deployment with status: {shown}")
    assert door.get(guid).json() == before


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"headers": JSON},
        {"json": {}},
        {"json": {"guid": NOWHERE}},
        {"json": [1, 2]},
        {"json": None, "headers": JSON, "content": b"null"},
        {"data": {"reason": "none"}},
        {"content": b"{", "headers": {"Content-Type": "text/plain"}},
        {"params": {"force": "true"}},
    ],
    ids=["no body", "json without bytes", "{}", "fields", "array", "null", "form", "text", "query"],
)
def test_cancel_ignores_whatever_it_gets(door: Door, more: dict[str, Any]) -> None:  # E30
    guid = door.placed("DEPLOYING")

    reply = door.cancel(guid, **{name: value for name, value in more.items() if name != "json" or value is not None})

    assert (reply.status_code, status(reply)) == (200, "ACTIVE/CANCELING")


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000])
def test_body_that_is_not_the_json_it_claims_to_be_cancels_nothing(door: Door, content: bytes) -> None:  # E29
    guid = door.placed("PAUSED")

    refusals = [call(guid, content=content, headers=JSON) for call in (door.cancel, door.resume)]

    assert [error(refused) for refused in refusals] == [PARSE_ERROR] * 2
    assert status(door.get(guid)) == "ACTIVE/PAUSED"


@pytest.mark.parametrize(
    "guid",
    [NOWHERE, "not-a-uuid", "%20", "%2e%2e", "a%2Fb", "%00", "%ff", "%zz", "a" * 2000, "Ω", "null", "0"],
)
def test_guid_that_names_nothing_is_not_found(door: Door, guid: str) -> None:  # E24, A4, A6
    assert [error(call(guid)) for call in (door.get, door.cancel, door.resume)] == [NOT_FOUND] * 3


@pytest.mark.parametrize(
    "path",
    ["/v3/deployments//actions/cancel", "/v3/deployments/{}/actions/cancel/", "/v3/deployments/{}/actions/Cancel"],
)
def test_path_that_is_not_quite_it_cancels_nothing(door: Door, path: str) -> None:  # E28
    guid = door.placed("DEPLOYING")

    assert error(door.send("POST", path.format(guid))) == UNKNOWN_REQUEST
    assert status(door.get(guid)) == "ACTIVE/DEPLOYING"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("identity", ["owner", None])
def test_other_methods_are_no_request_even_for_strangers(door: Door, method: str, identity: str | None) -> None:  # E28
    guid = door.placed("DEPLOYING")

    reply = door.send(method, f"/v3/deployments/{guid}/actions/cancel", identity=identity)

    assert error(reply) == UNKNOWN_REQUEST
    assert status(door.get(guid)) == "ACTIVE/DEPLOYING"


def test_method_override_headers_are_not_obeyed(door: Door) -> None:
    guid = door.placed("DEPLOYING")

    door.send("GET", f"/v3/deployments/{guid}/actions/cancel", headers={"X-HTTP-Method-Override": "POST"})

    assert status(door.get(guid)) == "ACTIVE/DEPLOYING"


CANCEL_CHECKS: list[tuple[str, Callable[[Door], dict[str, Any]], tuple[int, int, str, str]]] = [
    (
        "no token, before anything of the deployment",
        lambda door: {"identity": None, "guid": NOWHERE},
        NOT_AUTHENTICATED,
    ),
    ("bad token", lambda door: {"headers": {"Authorization": "Bearer x"}, "guid": NOWHERE}, INVALID_TOKEN),
    ("scope before the body", lambda door: {"identity": "no_write_scope", "content": b"{"}, NOT_AUTHORIZED),
    ("scope before the deployment", lambda door: {"identity": "no_write_scope", "guid": NOWHERE}, NOT_AUTHORIZED),
    ("body before the deployment", lambda door: {"content": b"{", "guid": NOWHERE}, PARSE_ERROR),
    ("role before the state", lambda door: {"identity": "reader", "guid": door.placed("DEPLOYED")}, NOT_FOUND),
    (
        "suspension before the state",
        lambda door: {"identity": "in_frozen_org", "guid": door.placed("DEPLOYED", "in_frozen_org")},
        (403, 10017, "CF-OrgSuspended", "The organization is suspended"),
    ),
    (
        "state before the droplet",
        lambda door: {"guid": door.placed("DEPLOYED", previous_droplet=None)},
        unprocessable("Cannot cancel a deployment with status: FINALIZED and reason: DEPLOYED"),
    ),
]


@pytest.mark.parametrize(
    ("prepare", "refusal"), [each[1:] for each in CANCEL_CHECKS], ids=[each[0] for each in CANCEL_CHECKS]
)
def test_of_two_reasons_the_vendors_first_is_said(
    door: Door, prepare: Callable[[Door], dict[str, Any]], refusal: tuple[int, int, str, str]
) -> None:  # E31
    request = {"guid": "", **prepare(door)}
    request["guid"] = request["guid"] or door.placed("DEPLOYING")
    if "content" in request:
        request["headers"] = JSON

    assert error(door.cancel(**request)) == refusal


def test_cancel_touches_no_other_deployment(door: Door) -> None:
    others = {guid: door.get(guid).json() for guid in (door.placed("DEPLOYING"), door.placed("PAUSED"))}

    door.cancel(door.placed("DEPLOYING"))

    assert {guid: door.get(guid).json() for guid in others} == others


def test_create_right_after_a_cancel_supersedes_the_cancelled_one(door: Door) -> None:  # E15
    first = door.create().json()["guid"]
    door.cancel(first)

    second = door.create().json()["guid"]
    door.wait(5)

    assert [status(door.get(guid)) for guid in (first, second)] == ["FINALIZED/SUPERSEDED", "ACTIVE/DEPLOYING"]


def test_error_of_the_updater_shows_until_the_cancel_is_through(door: Door) -> None:  # E14
    guid = door.placed("CANCELING", error="memory quota_exceeded")

    stuck = door.get(guid).json()["status"]["details"]
    door.wait(5)

    assert stuck["error"] == "memory quota_exceeded"
    assert "error" not in door.get(guid).json()["status"]["details"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [("application/json", "application/json; charset=utf-8"), ("*/*", "text/html")],  # A20
)
def test_observed_server_succeeds_without_a_body(open_door: Callable[..., Door], accept: str, media_type: str) -> None:
    door = open_door("observed")
    paused, deploying = door.placed("PAUSED"), door.placed("DEPLOYING")

    replies = [door.resume(paused, headers={"Accept": accept}), door.cancel(deploying, headers={"Accept": accept})]

    assert [(reply.status_code, reply.content) for reply in replies] == [(200, b"")] * 2  # E3
    assert {reply.headers["content-type"] for reply in replies} == {media_type}
    assert [status(door.get(guid)) for guid in (paused, deploying)] == ["ACTIVE/DEPLOYING", "ACTIVE/CANCELING"]
