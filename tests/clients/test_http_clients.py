"""Plain HTTP clients through every vendor's whole flow: find, cancel, wait, cancel again, and what must fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from mockserver.testing import Job, Mockserver
from specs.lifecycle import state_of
from tests.clients.conftest import Start
from tests.clients.driver import Driver

UNKNOWN = "5b622f7087d9d6039fafe0ff"
UNKNOWN_GUID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Vendor:
    """Paths as the vendor's documents have them, and the statuses that one flow meets."""

    system: str
    collection: str
    one: str
    cancel: tuple[str, str]
    body: dict[str, str] | None
    unknown: str
    running: str
    then: list[str]
    statuses: dict[str, int]


OPS_MANAGER = Vendor(
    system="ops_manager",
    collection="/api/public/v1.0/automation/importDeployment/{PROJECT-ID}",
    one="/api/public/v1.0/automation/importDeployment/{PROJECT-ID}/{REQUEST-ID}",
    cancel=("POST", "/api/public/v1.0/automation/importDeployment/{PROJECT-ID}/{REQUEST-ID}/cancel"),
    body=None,
    unknown=UNKNOWN,
    running="AWAIT_GOAL_STATE",
    then=["CANCELLED"],
    statuses={"cancel": 200, "again": 409, "unknown": 404, "wrong key": 401},
)
ATLAS = Vendor(
    system="atlas",
    collection="/api/atlas/v1.0/groups/{GROUP-ID}/clusters/{CLUSTER-NAME}/backup/restoreJobs",
    one="/api/atlas/v1.0/groups/{GROUP-ID}/clusters/{CLUSTER-NAME}/backup/restoreJobs/{JOB-ID}",
    cancel=("DELETE", "/api/atlas/v1.0/groups/{GROUP-ID}/clusters/{CLUSTER-NAME}/backup/restoreJobs/{JOB-ID}"),
    body=None,
    unknown=UNKNOWN,
    running="IN_PROGRESS",
    then=["CANCELLED"],
    statuses={"cancel": 204, "again": 400, "unknown": 404, "wrong key": 401},
)
CLOUD_FOUNDRY = Vendor(
    system="cloud_foundry",
    collection="/v3/deployments",
    one="/v3/deployments/{guid}",
    cancel=("POST", "/v3/deployments/{guid}/actions/cancel"),
    body=None,
    unknown=UNKNOWN_GUID,
    running="DEPLOYING",
    then=["CANCELING", "CANCELED"],
    statuses={"cancel": 200, "again": 422, "unknown": 404, "wrong key": 401},
)
PERMISSION_ASSIST = Vendor(
    system="permission_assist",
    collection="/api/application-imports",
    one="/api/application-imports/{id}",
    cancel=("POST", "/api/application-imports/cancel"),
    body={"applicationImportId": "{applicationImportId}"},
    unknown=UNKNOWN_GUID,
    running="Running",
    then=["Canceling", "Canceled"],
    statuses={"cancel": 200, "again": 409, "unknown": 404, "wrong key": 401},
)
VENDORS = (OPS_MANAGER, ATLAS, CLOUD_FOUNDRY, PERMISSION_ASSIST)
DIGEST = (OPS_MANAGER, ATLAS)
every_client = pytest.mark.parametrize(
    "client", ["http_curl.py", "http_requests.py", "http_httpx.py", "http_urllib.js"]
)


@dataclass
class Flow:
    """What one client does about one job."""

    client: Driver
    vendor: Vendor
    job: Job
    mockserver: Mockserver

    def find(self) -> bool:
        found = self.client.ask("send", "GET", self.vendor.collection.format_map(self.job.parameters))
        return found["status"] == 200 and self.job.id in str(found["body"])

    def cancel(self, id: str = "") -> int:
        """The status that a cancel meets, of this job or of another id."""
        known = {name: id if id and value == self.job.id else value for name, value in self.job.parameters.items()}
        method, path = self.vendor.cancel
        body = self.vendor.body and {name: value.format_map(known) for name, value in self.vendor.body.items()}
        status: int = self.client.ask("send", method, path.format_map(known), body)["status"]
        return status

    def state(self) -> str | None:
        read: Any = self.client.ask("send", "GET", self.vendor.one.format_map(self.job.parameters))
        return state_of(self.mockserver.system(self.vendor.system).spec.cancellable, read["body"])

    def states_until(self, last: str) -> list[str | None]:
        """Poll, a second of the mock's time apart; every state once."""
        seen = [self.state()]
        for _ in range(120):
            if seen[-1] == last:
                break
            self.mockserver.clock.advance(1)
            seen.append(self.state())
        return list(dict.fromkeys(seen))


@every_client
@pytest.mark.parametrize("vendor", VENDORS, ids=[vendor.system for vendor in VENDORS])
def test_client_goes_the_whole_way(start: Start, mockserver: Mockserver, client: str, vendor: Vendor) -> None:
    job, sibling = (mockserver.system(vendor.system).place(vendor.running) for _ in range(2))
    flow = Flow(start(client, vendor.system), vendor, job, mockserver)
    intruder = Flow(start(client, vendor.system, password="wrong", token="wrong"), vendor, job, mockserver)

    assert flow.find()
    assert intruder.cancel() == vendor.statuses["wrong key"]
    assert flow.state() == vendor.running
    assert flow.cancel() == vendor.statuses["cancel"]
    assert flow.states_until(vendor.then[-1]) == vendor.then
    assert flow.cancel() == vendor.statuses["again"]
    assert flow.cancel(vendor.unknown) == vendor.statuses["unknown"]
    assert (job.state, sibling.state) == (vendor.then[-1], vendor.running)


@every_client
@pytest.mark.parametrize("vendor", DIGEST, ids=[vendor.system for vendor in DIGEST])
def test_client_falls_back_where_the_challenge_is_misprinted(
    start: Start, mockserver: Mockserver, client: str, vendor: Vendor
) -> None:
    job = mockserver.system(vendor.system).place(vendor.running)
    mockserver.faults.add("misprinted_challenge")
    flow = Flow(start(client, vendor.system), vendor, job, mockserver)

    assert flow.cancel() == vendor.statuses["cancel"]
    assert 'op="auth"' in mockserver.journal.requests(vendor.system)[0].reply_headers["WWW-Authenticate"]
    assert job.state == vendor.then[-1]


@every_client
@pytest.mark.parametrize("vendor", DIGEST, ids=[vendor.system for vendor in DIGEST])
def test_client_gets_over_a_nonce_that_has_gone_stale(
    start: Start, mockserver: Mockserver, client: str, vendor: Vendor
) -> None:
    job = mockserver.system(vendor.system).place()
    flow = Flow(start(client, vendor.system), vendor, job, mockserver)

    assert flow.find()
    mockserver.clock.advance(61)
    assert flow.cancel() == vendor.statuses["cancel"]
    assert flow.cancel() == vendor.statuses["again"]
