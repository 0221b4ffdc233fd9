"""What a test can do with the fixture: this suite is one of its users."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime, timedelta

import pytest
import requests
from requests.auth import HTTPDigestAuth

from mockserver.testing import ControlError, Job, Mockserver


def cancel_restore_job(mockserver: Mockserver, job: Job, password: str = "") -> int:
    """Cancel as a client of that vendor would."""
    owner = mockserver.identities["atlas"].owner
    path = "/groups/{GROUP-ID}/clusters/{CLUSTER-NAME}/backup/restoreJobs/{JOB-ID}".format_map(job.parameters)
    auth = HTTPDigestAuth(owner.username, password or owner.password)
    return requests.delete(mockserver.atlas.url + path, auth=auth, timeout=10).status_code


def cancel_import(mockserver: Mockserver, body: dict[str, str]) -> int:
    """Cancel where the id travels in the body."""
    headers = {"Authorization": f"Bearer {mockserver.identities['permission_assist']['owner'].token}"}
    url = f"{mockserver.permission_assist.url}/application-imports/cancel"
    return requests.post(url, json=body, headers=headers, timeout=10).status_code


@pytest.mark.parametrize(
    ("system", "helper", "first", "other"),
    [
        ("ops_manager", "import_", "PENDING", "AWAIT_GOAL_STATE"),
        ("atlas", "restore_job", "IN_PROGRESS", "READY"),
        ("cloud_foundry", "deployment", "DEPLOYING", "PAUSED"),
        ("permission_assist", "application_import", "Pending", "Running"),
    ],
)
def test_helper_makes_a_job_in_the_first_state_or_in_the_named_one(
    mockserver: Mockserver, system: str, helper: str, first: str, other: str
) -> None:
    make = getattr(mockserver.system(system), helper)

    made = [make(), make(state=other)]

    assert [job.state for job in made] == [first, other]
    assert mockserver.system(system).jobs() == made


def test_job_has_the_tenant_and_the_fields_that_were_asked_for(mockserver: Mockserver) -> None:
    job = mockserver.atlas.restore_job(tenant="stranger", clusterName="MyOtherCluster", id="5b622f7087d9d6039fafe03f")

    assert job.id == "5b622f7087d9d6039fafe03f"
    assert job.parameters == {
        "GROUP-ID": job.tenant,
        "CLUSTER-NAME": "MyOtherCluster",
        "JOB-ID": "5b622f7087d9d6039fafe03f",
    }


def test_job_moves_on_by_itself_by_a_trigger_and_by_time(mockserver: Mockserver) -> None:
    job = mockserver.cloud_foundry.deployment(state="PAUSED")

    assert job.move("cancel").state == "CANCELING"
    mockserver.clock.advance(60)
    assert job.state == "CANCELED"


def test_clock_stands_still_until_it_is_advanced(mockserver: Mockserver) -> None:
    start = mockserver.clock.now()

    assert start == datetime(2026, 1, 1, tzinfo=UTC)
    assert mockserver.clock.advance(90.5) == mockserver.clock.now() == start + timedelta(seconds=90.5)


def test_cancels_are_those_of_this_job_without_the_handshake(mockserver: Mockserver) -> None:
    job, sibling = mockserver.atlas.restore_job(), mockserver.atlas.restore_job()

    assert [cancel_restore_job(mockserver, each) for each in (job, sibling, job)] == [204, 204, 400]
    assert cancel_restore_job(mockserver, job, password="wrong") == 401

    assert [each.status for each in mockserver.journal.cancels(job)] == [204, 400]
    assert [each.status for each in mockserver.journal.cancels(sibling)] == [204]
    assert len(mockserver.journal.requests("atlas", operation="cancel_restore_job", status=401)) == 5
    assert len(mockserver.journal.requests(id=sibling.id)) == 2


def test_cancels_are_found_by_an_id_in_the_body(mockserver: Mockserver) -> None:
    job = mockserver.permission_assist.application_import()

    tried = [cancel_import(mockserver, {"applicationImportId": job.id}), cancel_import(mockserver, {"id": job.id})]

    assert tried == [200, 400]
    assert [each.status for each in mockserver.journal.cancels(job)] == [200]


def test_faults_add_up_and_count(mockserver: Mockserver) -> None:
    job = mockserver.atlas.restore_job()
    mockserver.faults.add("server_error", system="atlas", nth=1)
    mockserver.faults.add("rate_limit", operation="cancel_restore_job", nth=2)

    statuses = [cancel_restore_job(mockserver, job) for _ in range(2)]

    assert statuses == [500, 429]
    assert [rule["struck"] for rule in mockserver.faults.in_force()] == [1, 1]
    mockserver.faults.clear()
    assert cancel_restore_job(mockserver, job) == 204


def test_reset_forgets_what_was_there_and_can_play_another_scenario(mockserver: Mockserver) -> None:
    mockserver.atlas.restore_job()
    mockserver.faults.add("latency")
    mockserver.clock.advance(5)

    mockserver.reset()
    empty = mockserver.atlas.jobs(), mockserver.faults.in_force(), mockserver.clock.now()
    mockserver.reset("demo")

    assert empty == ([], [], datetime(2026, 1, 1, tzinfo=UTC))
    assert len(mockserver.atlas.jobs()) > 5


def test_identities_are_mappings_with_attributes(mockserver: Mockserver) -> None:
    people = mockserver.identities["ops_manager"]

    assert set(people) >= {"owner", "reader", "stranger"} and len(people) == len(set(people))
    assert (people.owner, people["owner"].scheme) == (people["owner"], "digest")


def test_what_is_not_there_is_named_with_what_is(mockserver: Mockserver) -> None:
    with pytest.raises(AttributeError, match=r"serves no system `atlass`\. It serves: atlas, cloud_foundry"):
        _ = mockserver.atlass
    with pytest.raises(LookupError, match="serves no system `example`"):
        mockserver.system("example")
    with pytest.raises(AttributeError, match=r"atlas has no resource `job`\. It has: restore_job"):
        mockserver.atlas.job()
    with pytest.raises(AttributeError, match=r"no identity `nobody`\. There are: owner, reader"):
        _ = mockserver.identities["atlas"].nobody


def test_handles_can_be_copied(mockserver: Mockserver) -> None:
    job = mockserver.atlas.restore_job()

    assert copy(mockserver).system("atlas").jobs() == copy(mockserver.atlas).jobs() == [copy(job)]
    assert copy(mockserver.identities["atlas"]).owner == mockserver.identities["atlas"].owner


def test_what_the_mock_will_not_do_is_its_own_sentence(mockserver: Mockserver) -> None:
    job = mockserver.atlas.restore_job(state="CANCELLED")

    with pytest.raises(ControlError, match=r"unknown state `DONE`\. Known states: IN_PROGRESS"):
        mockserver.atlas.restore_job(state="DONE")
    with pytest.raises(ControlError, match="unknown tenant `nobody`"):
        mockserver.atlas.restore_job(tenant="nobody")
    with pytest.raises(ControlError, match="deliver"):
        job.move("deliver")
    with pytest.raises(ControlError, match="unknown fault `earthquake`"):
        mockserver.faults.add("earthquake")


def test_mock_that_is_gone_is_said_to_be(free_url: str) -> None:
    with pytest.raises(ControlError, match=r"GET http://127\.0\.0\.1:\d+/__mock__/clock: no answer of a mock"):
        Mockserver(free_url).clock.now()
