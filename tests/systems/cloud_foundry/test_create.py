"""Create on the wire: what it makes, and every rule of its body in the vendor's words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.systems.cloud_foundry.door import (
    BILLING,
    BLANK,
    FIRST_REVISION,
    FORUM,
    NEW,
    NO_DROPLET,
    NOWHERE,
    OLD,
    PARSE_ERROR,
    STOREFRONT,
    UNABLE_TO_USE_APP,
    Door,
    error,
    status,
    unprocessable,
)

NAMES_BILLING = json.dumps({"relationships": {"app": {"data": {"guid": BILLING}}}}).encode()
KEYS = [
    "guid",
    "created_at",
    "updated_at",
    "status",
    "strategy",
    "options",
    "droplet",
    "previous_droplet",
    "new_processes",
    "revision",
    "relationships",
    "metadata",
    "links",
]  # E4
NOT_ASCENDING = [{"instance_weight": 50}, {"instance_weight": 20}]


def test_rolling_deployment_is_created_whole(door: Door) -> None:  # E4, E5, E7, E44, E54
    reply = door.create(droplet={"guid": NEW}, metadata={"labels": {"a": "1"}, "annotations": {"n": "x"}})

    body = reply.json()
    assert (reply.status_code, list(body), status(reply)) == (201, KEYS, "ACTIVE/DEPLOYING")
    assert body["created_at"] == body["updated_at"] == "2026-01-01T00:00:00Z"
    assert (body["strategy"], body["options"]) == ("rolling", {"max_in_flight": 1})
    assert (body["droplet"], body["previous_droplet"]) == ({"guid": NEW}, {"guid": OLD})
    assert [each["type"] for each in body["new_processes"]] == ["web"]
    assert body["revision"]["version"] == 2
    assert body["relationships"] == {"app": {"data": {"guid": BILLING}}}
    assert body["metadata"] == {"labels": {"a": "1"}, "annotations": {"n": "x"}}
    own = f"http://cf.test/v3/deployments/{body['guid']}"
    assert body["links"] == {
        "self": {"href": own},
        "app": {"href": f"http://cf.test/v3/apps/{BILLING}"},
        "cancel": {"href": f"{own}/actions/cancel", "method": "POST"},
    }
    assert door.get(body["guid"]).json() == body


def test_canary_shows_its_steps_and_the_options_that_were_asked_for(door: Door) -> None:  # E7, E54
    asked = {
        "max_in_flight": 3,
        "web_instances": 0,
        "memory_in_mb": 64,
        "disk_in_mb": 128,
        "log_rate_limit_in_bytes_per_second": -1,
        "canary": {"steps": [{"instance_weight": 20}, {"instance_weight": 20}, {"instance_weight": 100}]},
    }

    body = door.create(strategy="canary", options=asked).json()

    assert (body["strategy"], body["options"]) == ("canary", asked)
    assert body["status"]["canary"] == {"steps": {"current": 1, "total": 3}}


@pytest.mark.parametrize("options", [None, {}, {"max_in_flight": None, "web_instances": None, "canary": None}])
def test_null_options_count_as_not_given(door: Door, options: Any) -> None:  # E35
    reply = door.create(strategy=None, options=options)

    assert (reply.status_code, reply.json()["options"], reply.json()["strategy"]) == (
        201,
        {"max_in_flight": 1},
        "rolling",
    )


def test_canary_with_no_steps_in_its_list_is_fine(door: Door) -> None:  # E35
    reply = door.create(strategy="canary", options={"canary": {"steps": []}})

    assert (reply.status_code, reply.json()["status"]["canary"]["steps"]["total"]) == (201, 1)


def test_stopped_app_is_deployed_at_once(door: Door) -> None:  # E8
    body = door.create(STOREFRONT).json()

    assert (body["status"]["value"], body["status"]["reason"], body["new_processes"]) == ("FINALIZED", "DEPLOYED", [])
    assert set(body["links"]) == {"self", "app"}
    assert error(door.cancel(body["guid"])) == unprocessable(
        "Cannot cancel a deployment with status: FINALIZED and reason: DEPLOYED"
    )


def test_app_without_revisions_shows_null(door: Door) -> None:  # E4
    assert door.create(FORUM, identity="stranger").json()["revision"] is None


def test_rollback_deploys_the_revisions_droplet_as_a_new_revision(door: Door) -> None:  # E50
    door.create(droplet={"guid": NEW})

    body = door.create(revision={"guid": FIRST_REVISION}).json()

    assert (body["droplet"]["guid"], body["revision"]["version"]) == (OLD, 3)


def test_cancelled_rollback_cannot_be_repeated(door: Door) -> None:  # E50
    door.create(droplet={"guid": NEW})
    door.cancel(door.create(revision={"guid": FIRST_REVISION}).json()["guid"])
    door.wait(5)

    again = door.create(revision={"guid": FIRST_REVISION})

    assert error(again) == unprocessable(
        "Unable to rollback. The code and configuration you are rolling back to is the same as the deployed revision."
    )


BODIES: list[tuple[dict[str, Any], str]] = [
    ({"foo": 1}, "Unknown field(s): 'foo'"),
    ({"a": 1, "b": 2}, "Unknown field(s): 'a', 'b'"),
    ({"strategy": "potato"}, "Strategy 'potato' is not a supported deployment strategy"),
    (
        {"droplet": {"guid": NEW}, "revision": {"guid": FIRST_REVISION}},
        "Droplet Cannot set both fields 'droplet' and 'revision'",
    ),
    ({"options": "fast"}, "Options must be an object"),
    ({"options": {"foo": 1, "baz": 2}}, "Options has unsupported key(s): foo, baz"),
    ({"options": {"max_in_flight": 0}}, "Max in flight must be an integer greater than 0"),
    ({"options": {"max_in_flight": -2}}, "Max in flight must be an integer greater than 0"),
    ({"options": {"max_in_flight": "2"}}, "Max in flight must be an integer greater than 0"),
    ({"options": {"web_instances": "many"}}, "Web instances is not a number"),
    ({"options": {"web_instances": -1}}, "Web instances must be greater than or equal to 0"),
    ({"options": {"web_instances": 1.5}}, "Web instances must be an integer"),
    ({"options": {"web_instances": 2147483648}}, "Web instances must be less than or equal to 2147483647"),
    ({"options": {"memory_in_mb": 0}}, "Memory in mb must be greater than 0"),
    ({"options": {"disk_in_mb": True}}, "Disk in mb is not a number"),
    (
        {"options": {"log_rate_limit_in_bytes_per_second": -2}},
        "Log rate limit in bytes per second must be greater than or equal to -1",
    ),
    ({"strategy": "canary", "options": {"canary": "yes"}}, "Options canary must be an object"),
    ({"options": {"canary": {"steps": []}}}, "Options canary are only valid for Canary deployments"),
    ({"strategy": "canary", "options": {"canary": {"steps": 5}}}, "Options canary steps must be an array of objects"),
    ({"strategy": "canary", "options": {"canary": {"steps": [5]}}}, "Options canary steps must be an array of objects"),
    (
        {"strategy": "canary", "options": {"canary": {"steps": [{"instance_weight": 5, "foo": 1}]}}},
        "Options canary steps has unsupported key(s): foo",
    ),
    (
        {"strategy": "canary", "options": {"canary": {"steps": [{}]}}},
        'Options canary steps missing key: "instance_weight", '
        "Options canary steps instance weight must be an Integer between 1-100 (inclusive)",
    ),
    (
        {"strategy": "canary", "options": {"canary": {"steps": [{"instance_weight": 101}]}}},
        "Options canary steps instance weight must be an Integer between 1-100 (inclusive)",
    ),
    (
        {"strategy": "canary", "options": {"canary": {"steps": NOT_ASCENDING}}},
        "Options canary steps instance weight must be sorted in ascending order",
    ),
    ({"metadata": 5}, "Metadata must be an object"),
    (
        {"strategy": "x", "options": {"max_in_flight": 0}, "foo": 1},
        "Unknown field(s): 'foo', Strategy 'x' is not a supported deployment strategy, "
        "Max in flight must be an integer greater than 0",
    ),
]


@pytest.mark.parametrize(("body", "detail"), BODIES, ids=[detail[:60] for _, detail in BODIES])
def test_broken_rules_are_said_in_one_error_and_nothing_is_deployed(
    door: Door, body: dict[str, Any], detail: str
) -> None:
    before = door.listed("?per_page=5000").json()["resources"]

    refused = door.create(**body)

    assert error(refused) == unprocessable(detail)  # E35
    assert door.listed("?per_page=5000").json()["resources"] == before


@pytest.mark.parametrize(
    ("app", "body", "refusal"),
    [
        (NOWHERE, {}, UNABLE_TO_USE_APP),
        (FORUM, {}, UNABLE_TO_USE_APP),
        (BILLING, {"droplet": {"guid": NOWHERE}}, NO_DROPLET),
        (
            BLANK,
            {},
            unprocessable(
                "Invalid droplet. Please specify a droplet in the request or set a current droplet for the app."
            ),
        ),
        (BILLING, {"revision": {"guid": NOWHERE}}, unprocessable("The revision does not exist")),
    ],
    ids=["no such app", "another's app", "no such droplet", "no droplet at all", "no such revision"],
)
def test_what_does_not_exist_cannot_be_deployed(
    door: Door, app: str, body: dict[str, Any], refusal: tuple[int, int, str, str]
) -> None:  # E34, E50, E55
    assert error(door.create(app, **body)) == refusal


@pytest.mark.parametrize(
    "more",
    [
        {"json": {}},
        {"json": {"relationships": {}}},
        {"json": {"relationships": {"app": {"data": {"guid": 5}}}}},
        {"json": {"relationships": "x"}},
        {},
        {"content": b'{"strategy": "x"}', "headers": {"Content-Type": "text/plain"}},
        {"content": b"a=b", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": NAMES_BILLING},
        {"content": b"{"},
    ],
    ids=["{}", "no app", "number", "text", "no body", "text/plain", "form", "untold", "untold, malformed"],
)
def test_request_that_names_no_app_cannot_use_it(door: Door, more: dict[str, Any]) -> None:  # E34, E56, A7
    assert error(door.send("POST", "/v3/deployments", **more)) == UNABLE_TO_USE_APP


@pytest.mark.parametrize("body", [[], [1], "text", 5, True, None], ids=repr)
def test_json_that_is_no_object_is_one_unknown_field(door: Door, body: Any) -> None:  # E56
    refused = door.send("POST", "/v3/deployments", json=body)

    assert error(refused) in (unprocessable("Unknown field(s): '_json'"), UNABLE_TO_USE_APP)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b"{'a': 1}", b"[" * 5000])
def test_malformed_json_is_a_parse_error(door: Door, content: bytes) -> None:  # E29
    refused = door.send("POST", "/v3/deployments", content=content, headers={"Content-Type": "application/json"})

    assert error(refused) == PARSE_ERROR


def test_switched_off_creating_is_said_before_the_rules(door: Door) -> None:  # E34, E48
    door.operate(temporary_disable_deployments=True)

    refusals = [door.create(), door.create(strategy="potato")]

    disabled = "Deployments cannot be created due to manifest property 'temporary_disable_deployments'"
    assert [error(each) for each in refusals] == [(403, 390014, "CF-DeploymentsDisabled", disabled)] * 2


def test_rules_are_said_before_the_app_is_looked_up(door: Door) -> None:  # E34
    assert error(door.create(NOWHERE, foo=1)) == unprocessable("Unknown field(s): 'foo'")
