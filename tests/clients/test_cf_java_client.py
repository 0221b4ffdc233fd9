"""The Java client fails on any word it does not know (cloudfoundry/cf-java-client: v3/deployments/Deployment*.java)."""

from __future__ import annotations

from typing import Any

from mockserver.testing import Mockserver
from tests.clients.wire import exchange

ACTIVE, FINALIZED = {"DEPLOYING", "PAUSED", "CANCELING"}, {"DEPLOYED", "CANCELED", "SUPERSEDED"}
DOCUMENTED = {("ACTIVE", reason) for reason in ACTIVE} | {("FINALIZED", reason) for reason in FINALIZED}
KNOWN_REASONS = {"CANCELED", "CANCELING", "DEGENERATE", "DEPLOYED", "DEPLOYING", "SUPERSEDED"}
KNOWN_STRATEGIES = {"rolling"}


def deployments(mockserver: Mockserver, identity: str = "admin") -> list[Any]:
    token = mockserver.identities["cloud_foundry"][identity].token
    reply = exchange(mockserver.url, "GET /v3/deployments HTTP/1.1", f"Authorization: bearer {token}")
    found: list[Any] = reply.json["resources"]
    return found


def status(deployment: Any) -> tuple[str, str]:
    return deployment["status"]["value"], deployment["status"]["reason"]


def test_demo_shows_documented_pairs_only(mockserver: Mockserver) -> None:
    mockserver.reset("demo")

    shown = deployments(mockserver)

    assert {status(each) for each in shown} == DOCUMENTED
    assert {each["strategy"] for each in shown} == {"rolling", "canary"}


def test_deployments_that_nobody_asked_to_be_canaries_use_only_words_that_the_client_knows(
    mockserver: Mockserver,
) -> None:
    system = mockserver.cloud_foundry
    lives = [[], ["finish"], ["cancel"], ["cancel", "settle"], ["supersede"], ["cancel", "supersede"]]
    for triggers in lives:
        job = system.deployment()
        for trigger in triggers:
            job.move(trigger)

    shown = deployments(mockserver)

    assert {each["strategy"] for each in shown} == KNOWN_STRATEGIES
    assert {each["status"]["reason"] for each in shown} == KNOWN_REASONS - {"DEGENERATE"}
