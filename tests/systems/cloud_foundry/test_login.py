"""The way in: what clients ask first, tokens, and finding a deployment's app."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from tests.systems.cloud_foundry.door import BILLING, IDENTITIES, INVALID_TOKEN, Door, error, status

CF = {"Authorization": "Basic " + base64.b64encode(b"cf:").decode()}


def log_in(door: Door, headers: dict[str, str] = CF, **form: str) -> httpx.Response:
    return door.send("POST", "/oauth/token", identity=None, headers=headers, data=form)


def with_password(door: Door, name: str = "owner", **more: str) -> dict[str, Any]:
    reply = log_in(door, grant_type="password", username=name, password=f"{name}-password", **more)
    assert reply.status_code == 200, reply.text
    granted: dict[str, Any] = reply.json()
    return granted


def claims(token: str) -> dict[str, Any]:
    """What a client reads in a token without checking its signature."""
    _, payload, _ = token.split(".")
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return said


def test_entrance_says_where_everything_is(door: Door) -> None:  # E46
    links = door.send("GET", "/", identity=None).json()["links"]

    assert links["cloud_controller_v3"] == {"href": "http://cf.test/v3", "meta": {"version": "3.228.0"}}
    assert links["login"] == links["uaa"] == links["self"] == {"href": "http://cf.test"}


@pytest.mark.parametrize(
    ("path", "part"),
    [("/v3", "links"), ("/v3/info", "cli_version"), ("/login", "prompts")],
)
def test_other_entrances_need_no_token(door: Door, path: str, part: str) -> None:  # E46, E47
    reply = door.send("GET", path, identity=None)

    assert (reply.status_code, part in reply.json()) == (200, True)


@pytest.mark.parametrize(("wanted", "said"), [(False, (False, 20000)), (True, (True, 20000)), (7, (True, 7))])
def test_info_tells_of_the_rate_limit(door: Door, wanted: int | bool, said: tuple[bool, int]) -> None:  # E33, E46
    door.operate(rate_limit=wanted)

    limits = door.send("GET", "/v3/info", identity=None).json()["rate_limits"]

    assert (limits["enabled"], limits["general_limit"]) == said


def test_password_gets_a_token_that_works(door: Door) -> None:  # E47
    granted = with_password(door)

    assert {"access_token", "refresh_token", "token_type", "expires_in", "scope", "jti"} <= set(granted)
    assert granted["token_type"] == "bearer"
    assert door.listed_with(granted["access_token"]).status_code == 200


def test_token_says_what_the_cf_cli_reads(door: Door) -> None:  # E47
    said = claims(with_password(door)["access_token"])

    owner = IDENTITIES["owner"].actor.guid
    assert (said["user_name"], said["user_id"], said["origin"], said["client_id"]) == ("owner", owner, "uaa", "cf")
    assert said["exp"] - said["iat"] == 600  # A18
    assert said["scope"] == ["cloud_controller.read", "cloud_controller.write"]


def test_built_in_token_never_ends_and_is_always_the_same(door: Door) -> None:
    token = IDENTITIES["owner"].credentials["token"]

    door.wait(40 * 365 * 86400)

    assert door.listed_with(token).status_code == 200
    assert claims(token)["user_name"] == "owner"


def test_token_expires_on_the_mocks_clock(door: Door) -> None:  # E22
    granted = with_password(door)

    door.wait(599)
    in_time = door.listed_with(granted["access_token"])
    door.wait(1)

    assert in_time.status_code == 200
    assert error(door.listed_with(granted["access_token"])) == INVALID_TOKEN


def test_refresh_token_gets_another_and_opens_nothing_itself(door: Door) -> None:  # E22, E47
    granted = with_password(door)
    door.wait(600)

    again = log_in(door, grant_type="refresh_token", refresh_token=granted["refresh_token"]).json()

    assert door.listed_with(again["access_token"]).status_code == 200
    assert error(door.listed_with(granted["refresh_token"])) == INVALID_TOKEN


def test_client_logs_in_for_itself(door: Door) -> None:  # E47, E52
    form = {"client_id": "deployer", "client_secret": "deployer-secret"}
    granted = log_in(door, {}, grant_type="client_credentials", **form).json()

    created = door.send(
        "POST",
        "/v3/deployments",
        headers={"Authorization": f"Bearer {granted['access_token']}"},
        json={"relationships": {"app": {"data": {"guid": BILLING}}}},
    )

    assert (created.status_code, created.headers["X-USER-GUID"]) == (201, "deployer")
    assert "refresh_token" not in granted


def test_narrower_scope_makes_a_weaker_token(door: Door) -> None:  # E23
    granted = with_password(door, scope="cloud_controller.read")

    cancelled = door.send(
        "POST",
        f"/v3/deployments/{door.placed('DEPLOYING')}/actions/cancel",
        headers={"Authorization": f"Bearer {granted['access_token']}"},
    )

    assert (door.listed_with(granted["access_token"]).status_code, cancelled.status_code) == (200, 403)


REFUSED: list[tuple[dict[str, str], dict[str, str], tuple[int, str]]] = [
    (CF, {"grant_type": "password", "username": "owner", "password": "wrong"}, (401, "unauthorized")),
    (CF, {"grant_type": "password", "username": "nobody", "password": "x"}, (401, "unauthorized")),
    (CF, {"grant_type": "password"}, (401, "unauthorized")),
    ({}, {"grant_type": "password", "username": "owner", "password": "owner-password"}, (401, "unauthorized")),
    ({"Authorization": "Basic !"}, {"grant_type": "password"}, (401, "unauthorized")),
    (CF, {"grant_type": "refresh_token", "refresh_token": "garbage"}, (401, "invalid_token")),
    (CF, {"grant_type": "refresh_token"}, (401, "invalid_token")),
    (CF, {"grant_type": "client_credentials"}, (401, "unauthorized_client")),
    (CF, {"grant_type": "magic"}, (400, "unsupported_grant_type")),
    (CF, {}, (400, "unsupported_grant_type")),
]


@pytest.mark.parametrize(("headers", "form", "refusal"), REFUSED)
def test_log_in_that_fails_says_why(
    door: Door, headers: dict[str, str], form: dict[str, str], refusal: tuple[int, str]
) -> None:  # A13
    reply = log_in(door, headers, **form)

    assert (reply.status_code, reply.json()["error"]) == refusal
    assert reply.json()["error_description"]


def test_access_token_refreshes_nothing(door: Door) -> None:
    granted = with_password(door)

    refused = log_in(door, grant_type="refresh_token", refresh_token=granted["access_token"])

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")


def test_cf_clis_way_to_a_deployment_works(door: Door) -> None:  # E53
    created = door.create().json()["guid"]

    def first(path: str) -> dict[str, Any]:
        found: dict[str, Any] = door.send("GET", path).json()["resources"][0]
        return found

    organization = first("/v3/organizations?names=acme&page=1&per_page=1")["guid"]
    space = first(f"/v3/spaces?names=development&organization_guids={organization}&page=1&per_page=1")["guid"]
    app = first(f"/v3/apps?names=billing&space_guids={space}")["guid"]
    deployment = first(f"/v3/deployments?app_guids={app}&order_by=-created_at&page=1&per_page=1&status_values=ACTIVE")[
        "guid"
    ]
    cancelled = door.cancel(deployment, headers={"Content-Type": "application/json"})

    assert (app, deployment, status(cancelled)) == (BILLING, created, "ACTIVE/CANCELING")


@pytest.mark.parametrize(
    ("identity", "spaces", "organizations"),
    [
        ("owner", {"development"}, {"acme"}),
        ("stranger", {"elsewhere"}, {"globex"}),
        ("org_manager", {"development", "suspended", "deleting"}, {"acme"}),
        ("org_auditor", set(), {"acme"}),
        ("newcomer", set(), set()),
    ],
)
def test_only_what_is_ones_own_is_found(
    door: Door, identity: str, spaces: set[str], organizations: set[str]
) -> None:  # E25
    def names(path: str) -> set[str]:
        return {each["name"] for each in door.send("GET", path, identity=identity).json()["resources"]}

    assert (names("/v3/spaces"), names("/v3/organizations")) == (spaces, organizations)


@pytest.mark.parametrize(("order", "reverse"), [("name", False), ("%2Bname", False), ("-name", True)])
@pytest.mark.parametrize("path", ["/v3/apps", "/v3/spaces", "/v3/organizations"])
def test_what_is_found_is_ordered_by_name_when_told(door: Door, path: str, order: str, reverse: bool) -> None:  # E53
    found = door.send("GET", f"{path}?order_by={order}", identity="admin").json()["resources"]

    names = [each["name"] for each in found]
    assert len(names) > 1
    assert names == sorted(names, reverse=reverse)


@pytest.mark.parametrize("path", ["/v3/apps", "/v3/spaces", "/v3/organizations"])
def test_finding_needs_a_token_and_a_good_query(door: Door, path: str) -> None:
    assert door.send("GET", path, identity=None).status_code == 401
    assert error(door.send("GET", f"{path}?nonsense=1"))[:2] == (400, 10005)
    assert door.send("GET", f"{path}?names=none-of-these").json()["resources"] == []


def test_suspended_places_say_so(door: Door) -> None:  # E26
    frozen = door.send("GET", "/v3/organizations?names=frozen", identity="admin").json()["resources"][0]
    suspended = door.send("GET", "/v3/spaces?names=suspended", identity="admin").json()["resources"][0]

    assert (frozen["suspended"], suspended["suspended"]) == (True, True)
