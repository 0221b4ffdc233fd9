"""What every reply carries, what no route answers, and the rate limiter."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from mockserver.errors import UsageError
from mockserver.faults import Rule
from tests.systems.cloud_foundry.door import IDENTITIES, INVALID_TOKEN, NOWHERE, UNKNOWN_REQUEST, Door, error

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, ""),
        ({"X-VCAP-Request-ID": "abc-1_2"}, "abc-1_2::"),
        ({"X-Request-ID": "other"}, "other::"),
        ({"X-VCAP-Request-ID": "mine", "X-Request-ID": "other"}, "mine::"),
        ({"X-VCAP-Request-ID": "a b;c/<d>"}, "abcd::"),
        ({"X-VCAP-Request-ID": "!!"}, ""),
        ({"X-VCAP-Request-ID": "x" * 300}, f"{'x' * 255}::"),
    ],
)
def test_reply_carries_the_requests_id(door: Door, sent: dict[str, str], kept: str) -> None:  # E32
    reply = door.send("GET", "/v3/deployments", headers=sent)

    assert re.fullmatch(kept + UUID, reply.headers["X-VCAP-Request-ID"])


@pytest.mark.parametrize(
    "path", ["/v3/deployments", f"/v3/deployments/{NOWHERE}", "/v3/nothing", "/", "/v3/apps?page=0"]
)
def test_every_reply_has_an_id_and_the_vendors_media_type(door: Door, path: str) -> None:  # E32, A11
    reply = door.send("GET", path)

    assert re.fullmatch(UUID, reply.headers["X-VCAP-Request-ID"])
    assert reply.headers["content-type"] == "application/json; charset=utf-8"


def test_request_ids_differ(door: Door) -> None:
    assert len({door.listed().headers["X-VCAP-Request-ID"] for _ in range(5)}) == 5


@pytest.mark.parametrize(("identity", "status"), [("owner", 200), ("no_scope", 403)])
def test_reply_to_a_valid_token_names_its_user(door: Door, identity: str, status: int) -> None:  # E52
    reply = door.listed(identity=identity)

    assert (reply.status_code, reply.headers["X-USER-GUID"]) == (status, IDENTITIES[identity].actor.guid)


@pytest.mark.parametrize("path", ["/", "/v3", "/v3/info", "/v3/nothing"])
def test_reply_names_the_user_where_no_token_is_needed(door: Door, path: str) -> None:  # E52
    assert door.send("GET", path).headers["X-USER-GUID"] == IDENTITIES["owner"].actor.guid
    assert "X-USER-GUID" not in door.send("GET", path, identity=None).headers
    assert "X-USER-GUID" not in door.send("GET", path, headers={"Authorization": "Bearer odd"}).headers


def test_reply_to_nobody_names_no_user(door: Door) -> None:  # E52
    assert "X-USER-GUID" not in door.listed(identity=None).headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v3/nothing"),
        ("DELETE", f"/v3/deployments/{NOWHERE}"),
        ("PUT", f"/v3/deployments/{NOWHERE}"),
        ("POST", f"/v3/deployments/{NOWHERE}"),
        ("PATCH", "/v3/deployments"),
        ("OPTIONS", "/v3/deployments"),
        ("POST", f"/v3/deployments/{NOWHERE}/actions/foo"),
        ("GET", "/v3/deployments/"),
        ("POST", "/v3/apps"),
    ],
)
@pytest.mark.parametrize("identity", ["owner", None])
def test_what_has_no_route_is_unknown_to_everybody(door: Door, method: str, path: str, identity: str | None) -> None:
    reply = door.send(method, path, identity=identity)

    assert error(reply) == UNKNOWN_REQUEST  # E28
    assert "allow" not in reply.headers


def test_rate_limit_is_off_unless_wanted(door: Door) -> None:  # E33
    assert not [name for name in door.listed().headers if "ratelimit" in name]


def test_rate_limit_counts_down_in_tenths_and_then_refuses(door: Door) -> None:  # E33
    door.operate(rate_limit=10)

    replies = [door.listed() for _ in range(11)]

    left = [reply.headers["X-RateLimit-Remaining"] for reply in replies]
    assert [reply.status_code for reply in replies] == [200] * 10 + [429]
    assert left == ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0", "0"]
    assert {reply.headers["X-RateLimit-Limit"] for reply in replies} == {"10"}
    assert {reply.headers["X-RateLimit-Reset"] for reply in replies} == {"1767229200"}


def test_refusal_of_the_rate_limiter_is_json_called_text(door: Door) -> None:  # E33
    door.operate(rate_limit=1)
    door.listed()
    door.wait(600)

    refused = door.listed()

    assert (refused.headers["content-type"], refused.headers["Retry-After"]) == ("text/plain; charset=utf-8", "3000")
    assert json.loads(refused.content) == {
        "errors": [{"detail": "Rate Limit Exceeded", "title": "CF-RateLimitExceeded", "code": 10013}]
    }


def test_refused_by_the_rate_limiter_cancels_nothing(door: Door) -> None:
    guid = door.placed("DEPLOYING")
    door.operate(rate_limit=1)
    door.listed()

    assert door.cancel(guid).status_code == 429
    assert door.get(guid, identity="admin").json()["status"]["reason"] == "DEPLOYING"


def test_rate_limit_ends_with_its_window(door: Door) -> None:  # E33
    door.operate(rate_limit=1)
    door.listed()

    door.wait(3600)

    assert [door.listed().status_code, door.listed().status_code] == [200, 429]


def test_rate_limit_is_each_callers_own_and_admins_have_none(door: Door) -> None:  # E33
    door.operate(rate_limit=1)
    door.listed()

    answers = [door.listed(identity=identity).status_code for identity in ("owner", "stranger", "admin", "admin")]

    assert answers == [429, 200, 200, 200]


def test_requests_without_a_token_are_counted_by_address(door: Door) -> None:  # E33
    door.operate(rate_limit=1)

    first, second = door.listed(identity=None), door.listed(identity=None)

    assert (first.status_code, second.status_code) == (401, 429)
    [said] = json.loads(second.content)["errors"]
    assert (said["code"], said["title"]) == (10014, "CF-IPBasedRateLimitExceeded")
    assert said["detail"].startswith("Rate Limit Exceeded: Unauthenticated requests from this IP address")


@pytest.mark.parametrize("identity", ["owner", None])
def test_info_is_counted_as_anything_else(door: Door, identity: str | None) -> None:  # E33
    door.operate(rate_limit=1)

    first, second = (door.send("GET", "/v3/info", identity=identity) for _ in range(2))

    assert (first.status_code, first.headers["X-RateLimit-Remaining"], second.status_code) == (200, "0", 429)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/v3", {}),
        ("GET", "/login", {}),
        ("POST", "/oauth/token", {}),
        ("GET", "/v3/deployments", {"Authorization": "Basic Y2Y6"}),
    ],
)
def test_exempt_requests_know_no_limit(door: Door, method: str, path: str, headers: dict[str, str]) -> None:  # E33
    door.operate(rate_limit=1)
    door.listed(identity=None)

    replies = [door.send(method, path, identity=None, headers=headers) for _ in range(3)]

    assert 429 not in [reply.status_code for reply in replies]
    assert not [name for reply in replies for name in reply.headers if "ratelimit" in name]


def test_invalid_token_is_said_even_beyond_the_limit(door: Door) -> None:  # E33
    door.operate(rate_limit=1)
    door.listed(identity=None)

    assert error(door.listed_with("garbage")) == INVALID_TOKEN


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rate_limits": 5}, "unknown option `rate_limits`. Known options: rate_limit, temporary_disable_deployments."),
        ({"rate_limit": "many"}, "rate_limit is 'many'. Give a number of requests, or true."),
        ({"rate_limit": -1}, "rate_limit is -1."),
        ({"temporary_disable_deployments": 1}, "temporary_disable_deployments is neither true nor false."),
    ],
)
def test_option_that_does_not_exist_is_refused(door: Door, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        door.operate(**options)


def test_limit_is_on_show_at_the_entrance_only_where_it_applies(door: Door) -> None:  # E33
    door.operate(rate_limit=5)

    assert "X-RateLimit-Limit" not in door.send("GET", "/", identity=None).headers
    assert "X-RateLimit-Limit" not in door.send("GET", "/v3", identity=None).headers


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("rate_limit", 429, (10013, "CF-RateLimitExceeded", "Rate Limit Exceeded")),
        ("server_error", 500, (10001, "UnknownError", "An unknown error occurred.")),
        ("database_down", 503, (10015, "CF-ServiceUnavailable", "Database connection failure")),
        ("uaa_down", 502, (20004, "CF-UaaUnavailable", "The UAA service is currently unavailable")),
        ("uaa_busy", 429, (20008, "CF-UaaRateLimited", "The UAA is currently rate limited. Please try again later")),
    ],
)
def test_trouble_comes_in_the_vendors_form(door: Door, kind: str, status: int, said: tuple[int, str, str]) -> None:
    guid = door.placed("DEPLOYING")
    door.mock.faults.replace([Rule(kind, operation="cancel_deployment", retry_after=7)])

    reply = door.cancel(guid)

    [found] = json.loads(reply.content)["errors"]
    assert (reply.status_code, (found["code"], found["title"], found["detail"])) == (status, said)  # E33, E49
    assert door.get(guid).json()["status"]["reason"] == "DEPLOYING"
    assert reply.headers.get("Retry-After") == ("7" if kind == "rate_limit" else None)
