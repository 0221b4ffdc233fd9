"""Clients of Atlas, each through the whole life of a restore job."""

from __future__ import annotations

import pytest

from mockserver.testing import Mockserver
from tests.clients.conftest import Start

SCOPE = {"project": "5b6212af90dc76637950a2c6", "cluster": "MyCluster"}
SNAPSHOT = "5b6211ff87d9d663c59d3da1"
UNKNOWN = "5b622f7087d9d6039fafe0ff"


def test_atlasapi_goes_the_whole_way(start: Start, mockserver: Mockserver) -> None:
    job = mockserver.atlas.restore_job()
    client = start("atlas_atlasapi.py", "atlas", **SCOPE)

    assert client.ask("find") == [job.id]
    assert client.ask("cancel", job.id) == {"deleted": True}
    assert client.ask("read", job.id) == {"id": job.id, "cancelled": True, "finished": False}
    assert job.state == "CANCELLED"


@pytest.mark.parametrize(("state", "raised"), [("CANCELLED", "ErrAtlasConflict"), ("FINISHED", "ErrAtlasBadRequest")])
def test_atlasapi_sees_by_itself_that_there_is_nothing_to_cancel(
    start: Start, mockserver: Mockserver, state: str, raised: str
) -> None:
    job = mockserver.atlas.restore_job(state=state)
    client = start("atlas_atlasapi.py", "atlas", **SCOPE)

    assert client.refusal("cancel", job.id).startswith(f"{raised}: ")
    assert mockserver.journal.cancels(job) == []


def test_atlasapi_is_refused_what_cannot_be_cancelled(start: Start, mockserver: Mockserver) -> None:
    job = mockserver.atlas.restore_job(state="RESTORING")
    client = start("atlas_atlasapi.py", "atlas", **SCOPE)

    assert client.refusal("cancel", job.id).startswith("ErrAtlasBadRequest: ")
    assert [each.status for each in mockserver.journal.cancels(job)] == [400]
    assert job.state == "RESTORING"


def test_atlasapi_is_told_of_an_unknown_id_and_of_a_wrong_key(start: Start, mockserver: Mockserver) -> None:
    job = mockserver.atlas.restore_job()
    client = start("atlas_atlasapi.py", "atlas", **SCOPE)
    intruder = start("atlas_atlasapi.py", "atlas", **SCOPE, password="wrong")

    assert client.refusal("cancel", UNKNOWN).startswith("ErrAtlasNotFound: ")
    assert intruder.refusal("cancel", job.id).startswith("ErrAtlasUnauthorized: ")
    assert job.state == "IN_PROGRESS"


def test_mongodb_atlas_api_client_goes_the_whole_way(start: Start, mockserver: Mockserver) -> None:
    client = start("atlas_mongodb_atlas_api_client.js", "atlas", **SCOPE)

    job = client.ask("create", SNAPSHOT)["id"]
    running = client.ask("read", job)
    cancelled = client.ask("cancel", job)
    settled = client.ask("read", job)
    again = client.ask("cancel", job)

    assert (running["cancelled"], running["deliveryType"]) == (False, "download")
    assert (cancelled, settled) == (None, {**running, "cancelled": True})
    assert (again["error"], again["reason"]) == (400, "Bad Request")
    assert [each.state for each in mockserver.atlas.jobs()] == ["CANCELLED"]


def test_mongodb_atlas_api_client_is_told_of_an_unknown_id_and_of_a_wrong_key(
    start: Start, mockserver: Mockserver
) -> None:
    job = mockserver.atlas.restore_job()
    client = start("atlas_mongodb_atlas_api_client.js", "atlas", **SCOPE)
    intruder = start("atlas_mongodb_atlas_api_client.js", "atlas", **SCOPE, password="wrong")

    assert client.ask("cancel", UNKNOWN)["errorCode"] == "RESTORE_JOB_NOT_FOUND"
    assert intruder.ask("cancel", job.id)["error"] == 401
    assert job.state == "IN_PROGRESS"
