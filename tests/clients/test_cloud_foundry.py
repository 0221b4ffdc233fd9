"""A client of Cloud Foundry that logs in, finds an app's deployment and follows the links it is given."""

from __future__ import annotations

from mockserver.testing import Mockserver
from mockserver.testing.serving import Setup, serving
from tests.clients.conftest import Start

DRIVER = "cloud_foundry_cloudfoundry_client.py"
NOWHERE = "00000000-0000-4000-8000-000000000000"
DEPLOYER = {"client_id": "deployer", "client_secret": "deployer-secret"}
TOKEN_LIFE = 600  # seconds


def test_cloudfoundry_client_goes_the_whole_way(start: Start, mockserver: Mockserver) -> None:
    job = mockserver.cloud_foundry.deployment(app_name="shop")
    client = start(DRIVER, "cloud_foundry")

    client.ask("log_in")
    found = client.ask("find", client.ask("find_app", "shop"))
    first, second = client.ask("cancel", job.id), client.ask("cancel", job.id)
    mockserver.clock.advance(60)
    settled = client.ask("read", job.id)

    assert (found["guid"], found["status"]["reason"]) == (job.id, "DEPLOYING")
    assert [each["status"]["reason"] for each in (first, second, settled)] == ["CANCELING", "CANCELING", "CANCELED"]
    assert client.refusal("cancel", job.id) == "AttributeError: 'Entity' object has no attribute 'cancel'"
    assert "UNPROCESSABLE_ENTITY" in client.refusal("cancel_unseen", job.id)
    assert client.ask("find", client.ask("find_app", "shop")) is None


def test_cloudfoundry_client_renews_a_token_that_has_expired(start: Start, mockserver: Mockserver) -> None:
    job = mockserver.cloud_foundry.deployment(state="PAUSED")
    client = start(DRIVER, "cloud_foundry")
    client.ask("log_in")
    mockserver.clock.advance(TOKEN_LIFE)

    assert client.ask("cancel_unseen", job.id) == 200
    assert [each.status for each in mockserver.journal.cancels(job)] == [401, 200]


def test_cloudfoundry_client_deploys_as_an_oauth_client_and_follows_pages(start: Start, mockserver: Mockserver) -> None:
    others = [mockserver.cloud_foundry.deployment(app_name=f"app-{n}") for n in range(3)]
    client = start(DRIVER, "cloud_foundry", oauth_client=DEPLOYER)

    client.ask("log_in_as_client")
    created = client.ask("create", client.ask("find_app", "app-0"))

    assert client.ask("every", 2) == [*(job.id for job in others), created["guid"]]
    assert others[0].state == "SUPERSEDED"


def test_cloudfoundry_client_is_told_of_an_unknown_id_and_of_a_wrong_password(
    start: Start, mockserver: Mockserver
) -> None:
    client = start(DRIVER, "cloud_foundry")
    intruder = start(DRIVER, "cloud_foundry", password="wrong")
    client.ask("log_in")

    assert client.refusal("read", NOWHERE).startswith("InvalidStatusCode: NOT_FOUND")
    assert client.refusal("cancel_unseen", NOWHERE).startswith("InvalidStatusCode: NOT_FOUND")
    assert intruder.refusal("log_in").startswith("OAuthError: 401")


def test_cloudfoundry_client_understands_a_success_without_a_body(start: Start) -> None:
    with serving(Setup(("cloud_foundry",), {"cloud_foundry": "observed"}), "thread") as url:
        job = Mockserver(url).cloud_foundry.deployment()
        client = start(DRIVER, "cloud_foundry", url=url)
        client.ask("log_in")

        assert client.ask("cancel", job.id) == {"links": {}}
        assert job.state == "CANCELING"
