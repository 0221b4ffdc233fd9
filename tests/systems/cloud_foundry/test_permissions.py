"""Who may do what: the vendor's table of roles, scopes, and places where nothing may change."""

from __future__ import annotations

import pytest

from tests.systems.cloud_foundry.door import (
    BILLING,
    IDENTITIES,
    INVALID_TOKEN,
    NOT_AUTHENTICATED,
    NOT_AUTHORIZED,
    NOT_FOUND,
    NOWHERE,
    UNABLE_TO_USE_APP,
    Door,
    error,
    status,
)

DONE = "done"
ROLES = [  # E25: identity, cancel, create, get, patch, how many it sees of the one deployment
    ("admin", DONE, DONE, DONE, DONE, 1),
    ("owner", DONE, DONE, DONE, DONE, 1),
    ("supporter", DONE, DONE, DONE, NOT_AUTHORIZED, 1),
    ("manager", NOT_FOUND, UNABLE_TO_USE_APP, DONE, NOT_AUTHORIZED, 1),
    ("reader", NOT_FOUND, UNABLE_TO_USE_APP, DONE, NOT_AUTHORIZED, 1),
    ("org_manager", NOT_FOUND, UNABLE_TO_USE_APP, DONE, NOT_AUTHORIZED, 1),
    ("admin_read_only", NOT_AUTHORIZED, NOT_AUTHORIZED, DONE, NOT_AUTHORIZED, 1),
    ("global_auditor", NOT_FOUND, UNABLE_TO_USE_APP, DONE, NOT_AUTHORIZED, 1),
    ("org_auditor", NOT_FOUND, UNABLE_TO_USE_APP, NOT_FOUND, NOT_FOUND, 0),
    ("billing_manager", NOT_FOUND, UNABLE_TO_USE_APP, NOT_FOUND, NOT_FOUND, 0),
    ("newcomer", NOT_FOUND, UNABLE_TO_USE_APP, NOT_FOUND, NOT_FOUND, 0),
    ("stranger", NOT_FOUND, UNABLE_TO_USE_APP, NOT_FOUND, NOT_FOUND, 0),
]


@pytest.mark.parametrize(("identity", "cancel", "create", "get", "patch", "sees"), ROLES, ids=[row[0] for row in ROLES])
def test_role_may_what_the_table_says(
    door: Door, identity: str, cancel: object, create: object, get: object, patch: object, sees: int
) -> None:
    guid, paused = door.placed("DEPLOYING"), door.placed("PAUSED")

    answers = {
        "get": door.get(guid, identity=identity),
        "patch": door.update(guid, {"labels": {"a": "b"}}, identity=identity),
        "continue": door.resume(paused, identity=identity),
        "cancel": door.cancel(guid, identity=identity),
        "create": door.create(BILLING, identity=identity),
    }

    expected = {"get": get, "patch": patch, "continue": cancel, "cancel": cancel, "create": create}
    assert {name: DONE if reply.is_success else error(reply) for name, reply in answers.items()} == expected
    assert len(door.listed(f"?guids={guid}", identity=identity).json()["resources"]) == sees


@pytest.mark.parametrize("identity", [row[0] for row in ROLES if row[1] != DONE])
def test_refused_role_leaves_the_deployment_as_it_was(door: Door, identity: str) -> None:
    guid = door.placed("DEPLOYING")
    before = door.get(guid).json()

    door.cancel(guid, identity=identity)
    door.update(guid, {"labels": {"a": "b"}}, identity=identity)

    assert door.get(guid).json() == before


def test_unknown_and_foreign_deployments_are_refused_alike(door: Door) -> None:  # E24
    foreign = door.placed("DEPLOYING")

    for call in (door.get, door.cancel, door.resume):
        assert call(foreign, identity="stranger").json() == call(NOWHERE, identity="stranger").json()


@pytest.mark.parametrize(("identity", "reads"), [("no_write_scope", True), ("no_scope", False)])
def test_token_without_the_scope_may_not_even_ask(door: Door, identity: str, reads: bool) -> None:  # E23
    writes = [door.cancel(NOWHERE, identity=identity), door.create(identity=identity)]

    assert [error(reply) for reply in writes] == [NOT_AUTHORIZED] * 2
    assert door.listed(identity=identity).status_code == (200 if reads else 403)


PLACES = [  # E26, E27
    ("in_frozen_org", (403, 10017, "CF-OrgSuspended", "The organization is suspended")),
    ("in_suspended_space", (403, 10019, "CF-SpaceSuspended", "The space is suspended")),
    ("in_leaving_org", (422, 10020, "CF-ResourceBeingDeleted", "The organization is being deleted")),
    ("in_deleting_space", (422, 10020, "CF-ResourceBeingDeleted", "The space is being deleted")),
]


@pytest.mark.parametrize(("identity", "refusal"), PLACES, ids=[row[0] for row in PLACES])
def test_nothing_changes_where_nothing_may_change(
    door: Door, identity: str, refusal: tuple[int, int, str, str]
) -> None:
    guid = door.placed("PAUSED", identity)
    app = door.get(guid, identity=identity).json()["relationships"]["app"]["data"]["guid"]

    refusals = [
        door.cancel(guid, identity=identity),
        door.resume(guid, identity=identity),
        door.create(app, identity=identity),
        door.update(guid, {"labels": {"a": "b"}}, identity=identity),
    ]

    assert [error(reply) for reply in refusals] == [refusal] * 4
    assert status(door.get(guid, identity=identity)) == "ACTIVE/PAUSED"


@pytest.mark.parametrize("identity", [row[0] for row in PLACES])
def test_admin_may_all_the_same(door: Door, identity: str) -> None:  # E26
    guid = door.placed("DEPLOYING", identity)

    assert status(door.cancel(guid, identity="admin")) == "ACTIVE/CANCELING"


@pytest.mark.parametrize(
    ("authorization", "refusal"),
    [
        ("", NOT_AUTHENTICATED),
        ("Basic b3duZXI6b3duZXI=", NOT_AUTHENTICATED),
        ('Digest username="owner"', NOT_AUTHENTICATED),
        ("garbage", NOT_AUTHENTICATED),
        ("Bearer", INVALID_TOKEN),
        ("Bearer garbage", INVALID_TOKEN),
        ("Bearer a.b.c", INVALID_TOKEN),
        ("bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.", INVALID_TOKEN),
    ],
)
def test_credentials_that_are_none_and_that_are_wrong_differ(
    door: Door, authorization: str, refusal: tuple[int, int, str, str]
) -> None:  # E21, E22
    guid = door.placed("DEPLOYING")

    reply = door.cancel(guid, headers={"Authorization": authorization})

    assert error(reply) == refusal
    assert "www-authenticate" not in reply.headers  # E45
    assert status(door.get(guid)) == "ACTIVE/DEPLOYING"


def test_no_header_at_all_is_not_authenticated(door: Door) -> None:  # E21
    replies = [door.cancel(NOWHERE, identity=None), door.listed(identity=None), door.get(NOWHERE, identity=None)]

    assert [error(reply) for reply in replies] == [NOT_AUTHENTICATED] * 3


def test_scheme_may_be_written_in_any_case(door: Door) -> None:
    token = IDENTITIES["owner"].credentials["token"]

    assert door.send("GET", "/v3/deployments", headers={"Authorization": f"bearer {token}"}).status_code == 200


def test_signature_that_was_changed_is_invalid(door: Door) -> None:  # E22
    head, _, signature = IDENTITIES["owner"].credentials["token"].rpartition(".")
    forged = f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"

    assert error(door.listed_with(forged)) == INVALID_TOKEN
