"""Clients of Ops Manager, each through the whole life of an import request."""

from __future__ import annotations

from typing import Any

from mockserver.testing import Mockserver
from tests.clients.conftest import Start

PROJECT = "507f1f77bcf86cd799439012"
UNKNOWN = "507f1f77bcf86cd7994390ff"
ON_THE_WAY = {"AWAIT_SEED_HOST_CONNECTED", "AWAIT_HOSTS_DISCOVERED", "AWAIT_AUTOMATION_IMPORTED", "AWAIT_GOAL_STATE"}
UNAUTHORIZED = (
    "OpsManagerAuthenticationError: Unauthorized [UNEXPECTED_ERROR] - You are not authorized for this resource."
)


def refused(body: Any) -> tuple[int, str]:
    """What a client that looks at the body sees of a refusal."""
    return body["error"], body["reason"]


def test_pyomsdk_goes_the_whole_way(start: Start, mockserver: Mockserver) -> None:
    client = start("ops_manager_pyomsdk.py", "ops_manager", project=PROJECT)

    created = client.ask("create", "mongodb1.example.com:27017")
    [found] = client.ask("find")["results"]
    job = found["id"]
    mockserver.clock.advance(300)
    seen = client.ask("read", job)["state"]
    cancelled = client.ask("cancel", job)
    settled = client.ask("read", job)

    assert (created, found["state"], cancelled) == ({}, "PENDING", {})
    assert seen in ON_THE_WAY
    assert (settled["state"], settled["transitionsHistory"][-1]["state"]) == ("CANCELLED", "CANCELLED")
    assert refused(client.ask("cancel", job)) == (409, "Conflict")
    assert client.ask("read", job) == settled


def test_pyomsdk_deletes_only_what_has_failed(start: Start, mockserver: Mockserver) -> None:
    failed, running = mockserver.ops_manager.import_(state="FAILED"), mockserver.ops_manager.import_()
    client = start("ops_manager_pyomsdk.py", "ops_manager", project=PROJECT)

    assert client.ask("delete", failed.id) == {}
    assert refused(client.ask("delete", running.id)) == (409, "Conflict")
    assert [each["id"] for each in client.ask("find")["results"]] == [running.id]


def test_pyomsdk_is_told_of_an_unknown_id_and_of_a_wrong_key(start: Start, mockserver: Mockserver) -> None:
    job = mockserver.ops_manager.import_()
    client = start("ops_manager_pyomsdk.py", "ops_manager", project=PROJECT)
    intruder = start("ops_manager_pyomsdk.py", "ops_manager", project=PROJECT, password="wrong")

    assert [refused(client.ask(verb, UNKNOWN)) for verb in ("read", "cancel", "delete")] == [(404, "Not Found")] * 3
    assert [refused(intruder.ask(verb, job.id)) for verb in ("read", "cancel", "delete")] == [(401, "Unauthorized")] * 3
    assert job.state == "PENDING"


def test_opsmanager_goes_the_whole_way(start: Start, mockserver: Mockserver) -> None:
    job = mockserver.ops_manager.import_(state="AWAIT_GOAL_STATE")
    client = start("ops_manager_opsmanager.py", "ops_manager", project=PROJECT)

    assert [each["id"] for each in client.ask("find")["results"]] == [job.id]
    assert client.ask("cancel", job.id) == {}
    assert client.ask("read", job.id)["state"] == "CANCELLED"
    assert client.refusal("cancel", job.id).startswith("OpsManagerConflictError: ")
    assert client.refusal("cancel", UNKNOWN).startswith("OpsManagerNotFoundError: ")
    assert job.state == "CANCELLED"


def test_opsmanager_with_a_wrong_key_is_unauthorized(start: Start, mockserver: Mockserver) -> None:
    job = mockserver.ops_manager.import_()
    client = start("ops_manager_opsmanager.py", "ops_manager", project=PROJECT, password="wrong")

    assert [client.refusal("find"), client.refusal("cancel", job.id)] == [UNAUTHORIZED, UNAUTHORIZED]
    assert job.state == "PENDING"


def test_opsmanager_waits_and_tries_again_when_it_was_too_fast(start: Start, mockserver: Mockserver) -> None:
    job = mockserver.ops_manager.import_()
    mockserver.faults.add("rate_limit", operation="cancel_import", nth=2)
    client = start("ops_manager_opsmanager.py", "ops_manager", project=PROJECT)

    assert client.ask("cancel", job.id) == {}
    assert [each.status for each in mockserver.journal.cancels(job)] == [429, 200]
