"""PATCH: metadata is merged, and every rule of it is said in the vendor's words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.systems.cloud_foundry.door import NOT_AUTHORIZED, NOT_FOUND, NOWHERE, PARSE_ERROR, Door, error, unprocessable

STATES = ["DEPLOYING", "PREPAUSED", "PAUSED", "CANCELING", "DEPLOYED", "CANCELED", "SUPERSEDED"]


@pytest.mark.parametrize("state", STATES)
def test_metadata_is_merged_in_every_state(door: Door, state: str) -> None:  # E39
    guid = door.placed(state, metadata={"labels": {"keep": "1", "drop": "2"}})
    before = door.get(guid).json()
    door.wait(1)

    reply = door.update(
        guid, {"labels": {"drop": None, "example.com/new": ""}, "annotations": {"note": "anything: at all"}}
    )

    after = reply.json()
    assert (reply.status_code, after) == (200, door.get(guid).json())
    assert after["metadata"] == {
        "labels": {"keep": "1", "example.com/new": ""},
        "annotations": {"note": "anything: at all"},
    }
    assert {name for name in after if after[name] != before[name]} == {"metadata", "updated_at"}  # A14


@pytest.mark.parametrize("body", [{}, {"metadata": {}}, {"metadata": {"labels": None}}])
def test_update_of_nothing_changes_nothing_but_its_time(door: Door, body: Any) -> None:
    guid = door.placed("DEPLOYED", metadata={"labels": {"a": "b"}})

    reply = door.send("PATCH", f"/v3/deployments/{guid}", json=body)

    assert (reply.status_code, reply.json()["metadata"]) == (200, {"labels": {"a": "b"}, "annotations": {}})


METADATA: list[tuple[Any, str]] = [  # E36
    ("x", "must be an object"),
    ({"x": 1}, "has unexpected field(s): 'x'"),
    ({"x": 1, "y": 2}, "has unexpected field(s): 'x' 'y'"),
    ({"labels": "x"}, "'labels' is not an object"),
    ({"annotations": [1]}, "'annotations' is not an object"),
    ({"labels": {"": "x"}}, "label key error: key cannot be empty string"),
    ({"labels": {"example.com/": "x"}}, "label key error: key cannot be empty string"),
    ({"labels": {"a/b/c": "x"}}, "label key error: key has more than one '/'"),
    ({"labels": {"x/y": "x"}}, "label key error: prefix 'x' must be in valid dns format"),
    ({"labels": {"/y": "x"}}, "label key error: prefix '' must be in valid dns format"),
    ({"labels": {"CloudFoundry.org/y": "x"}}, "label key error: prefix 'cloudfoundry.org' is reserved"),
    (
        {"labels": {f"{'abcdefgh.' * 30}com/y": "x"}},
        "label key error: prefix 'abcdefgh...' is greater than 253 characters",
    ),
    ({"labels": {"a b": "x"}}, "label key error: 'a b' contains invalid characters"),
    ({"labels": {"-a": "x"}}, "label key error: '-a' starts or ends with invalid characters"),
    ({"labels": {"a" * 64: "x"}}, "label key error: 'aaaaaaaa...' is greater than 63 characters"),
    ({"labels": {"a": "b c"}}, "label value error: 'b c' contains invalid characters"),
    ({"labels": {"a": "b."}}, "label value error: 'b.' starts or ends with invalid characters"),
    ({"labels": {"a": "abcdefgh" * 8}}, "label value error: 'abcdefgh...' is greater than 63 characters"),
    ({"labels": {"a": "b\n"}}, "label value error: 'b\n' contains invalid characters"),
    ({"annotations": {"a b": "x"}}, "annotation key error: 'a b' contains invalid characters"),
    (
        {"annotations": {"a": "abcdefgh" * 626}},
        "annotation value error: 'abcdefgh...' is greater than 5000 characters",
    ),
]


@pytest.mark.parametrize(("metadata", "complaint"), METADATA, ids=[complaint[:50] for _, complaint in METADATA])
def test_metadata_that_breaks_a_rule_is_refused_and_not_stored(door: Door, metadata: Any, complaint: str) -> None:
    guid = door.placed("DEPLOYING")
    before = door.get(guid).json()

    refusals = [door.update(guid, metadata), door.create(metadata=metadata)]

    assert [error(each) for each in refusals] == [unprocessable(f"Metadata {complaint}")] * 2
    assert door.get(guid).json() == before


def test_all_broken_rules_are_said_at_once(door: Door) -> None:  # E35
    refused = door.update(door.placed("DEPLOYING"), {"labels": {"-": "b c"}})

    assert error(refused) == unprocessable(
        "Metadata label key error: '-' starts or ends with invalid characters, "
        "Metadata label value error: 'b c' contains invalid characters"
    )


@pytest.mark.parametrize(
    ("kind", "limit", "code", "title"),
    [("labels", 50, 390020, "CF-LabelLimitExceeded"), ("annotations", 200, 390023, "CF-AnnotationLimitExceeded")],
)
def test_more_than_the_limit_is_refused(door: Door, kind: str, limit: int, code: int, title: str) -> None:  # E37, A16
    full = {f"n{number}": "v" for number in range(limit)}
    guid = door.placed("DEPLOYING", metadata={kind: full})

    changed, refused = door.update(guid, {kind: {"n1": "w"}}), door.update(guid, {kind: {"x": "1", "y": "2"}})

    assert changed.status_code == 200
    assert error(refused) == (422, code, title, f"Failed to add 2 {kind} because it would exceed maximum of {limit}")


@pytest.mark.parametrize("body", [{"strategy": "canary"}, {"metadata": {}, "droplet": {"guid": "x"}}])
def test_nothing_but_metadata_can_be_changed(door: Door, body: dict[str, Any]) -> None:  # E39
    [other] = set(body) - {"metadata"}

    refused = door.send("PATCH", f"/v3/deployments/{door.placed('DEPLOYING')}", json=body)

    assert error(refused) == unprocessable(f"Unknown field(s): '{other}'")


@pytest.mark.parametrize(
    ("identity", "guid", "refusal"),
    [("owner", NOWHERE, NOT_FOUND), ("stranger", "", NOT_FOUND), ("reader", "", NOT_AUTHORIZED)],
)
def test_deployment_and_role_are_looked_at_before_the_body(
    door: Door, identity: str, guid: str, refusal: tuple[int, int, str, str]
) -> None:  # E38
    guid = guid or door.placed("DEPLOYING")

    assert error(door.update(guid, "broken", identity=identity)) == refusal
    assert error(door.update(guid, {"labels": {"-": "x"}}, identity=identity)) == refusal


def test_malformed_json_is_looked_at_before_the_deployment(door: Door) -> None:  # E29
    refused = door.send(
        "PATCH", f"/v3/deployments/{NOWHERE}", content=b"{", headers={"Content-Type": "application/json"}
    )

    assert error(refused) == PARSE_ERROR


def test_other_content_is_refused(door: Door) -> None:  # A17
    guid = door.placed("DEPLOYING")

    refused = door.send("PATCH", f"/v3/deployments/{guid}", content=b"a=b", headers={"Content-Type": "text/plain"})

    assert refused.status_code == 422
