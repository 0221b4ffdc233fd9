"""`cf login` and `cf cancel-deployment APP`, request by request (cloudfoundry/cli: command/v7, api/cloudcontroller)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.testing import Mockserver
from tests.clients.wire import Reply, exchange

AGENT = "User-Agent: cf/8.14.1+e5ac3a0.2025-05-21 (go1.24.3; amd64 linux)"
TRACE = ("X-B3-Spanid: 7a3b1c9d5e2f4a60", "X-B3-Traceid: 7a3b1c9d5e2f4a607a3b1c9d5e2f4a60")
CF_CLIENT = "Authorization: Basic " + base64.b64encode(b"cf:").decode()


@dataclass
class Cli:
    """A logged-in CLI that targets an organization and a space; `Authorization` is made of what the token came with."""

    url: str
    token_type: str
    access_token: str
    refresh_token: str

    def call(self, method: str, target: str) -> Reply:
        """One request to the controller; content is announced as JSON even where there is none."""
        length = [] if method == "GET" else ["Content-Length: 0"]
        authorization = f"Authorization: {self.token_type} {self.access_token}"
        headers = [AGENT, *length, "Accept: application/json", authorization, "Content-Type: application/json", *TRACE]
        return exchange(self.url, f"{method} {target} HTTP/1.1", *headers, "Accept-Encoding: gzip")

    def first(self, target: str) -> Any:
        """The first resource of a list, or None."""
        return next(iter(self.call("GET", target).json["resources"]), None)

    def cancel_deployment(self, app_name: str, space: str) -> str | int:
        """What the command ends with: the status of its last request, or its own words."""
        app = self.first(f"/v3/apps?names={quote(app_name)}&space_guids={space}")
        if app is None:
            return f"App '{app_name}' not found"
        query = f"app_guids={app['guid']}&order_by=-created_at&page=1&per_page=1&status_values=ACTIVE"
        deployment = self.first(f"/v3/deployments?{query}")
        if deployment is None:
            return "No active deployment found for app."
        return self.call("POST", f"/v3/deployments/{deployment['guid']}/actions/cancel").status


def oauth(url: str, form: str, *credentials: str) -> Reply:
    headers = [AGENT, f"Content-Length: {len(form)}", "Accept: application/json", *credentials]
    kind = "Content-Type: application/x-www-form-urlencoded"
    return exchange(url, "POST /oauth/token HTTP/1.1", *headers, kind, "Accept-Encoding: gzip", body=form)


def logged_in(mockserver: Mockserver) -> Cli:
    granted = oauth(mockserver.url, "grant_type=password&password=owner-password&username=owner", CF_CLIENT).json
    return Cli(mockserver.url, granted["token_type"], granted["access_token"], granted["refresh_token"])


def claims(access_token: str) -> dict[str, Any]:
    """What `jwt.ParseUnverified` reads: three parts, the first of them an algorithm that it knows."""
    header, payload, _ = (base64.urlsafe_b64decode(part + "==") for part in access_token.split("."))
    assert json.loads(header)["alg"] in ("HS256", "RS256")
    said: dict[str, Any] = json.loads(payload)
    return said


@pytest.fixture
def cli(mockserver: Mockserver) -> Cli:
    return logged_in(mockserver)


def test_cli_finds_what_it_reads_at_the_entrance(mockserver: Mockserver) -> None:
    links = exchange(mockserver.url, "GET / HTTP/1.1", AGENT, "Accept: application/json").json["links"]

    version = tuple(int(part) for part in links["cloud_controller_v3"]["meta"]["version"].split("."))
    assert version >= (3, 160, 0)  # below that the CLI warns
    assert {links[name]["href"] for name in ("self", "login", "uaa")} == {mockserver.url}


def test_cli_reads_who_it_is_in_the_token(cli: Cli, mockserver: Mockserver) -> None:
    said = claims(cli.access_token)

    assert cli.token_type == "bearer"
    assert [type(said[name]) for name in ("user_name", "user_id", "origin")] == [str, str, str]
    assert said["exp"] > mockserver.clock.now().timestamp() + 60  # else the CLI refreshes before every request


def test_cli_as_an_oauth_client_reads_its_name_in_the_token(mockserver: Mockserver) -> None:
    form = "client_id=deployer&client_secret=deployer-secret&grant_type=client_credentials"
    said = claims(oauth(mockserver.url, form).json["access_token"])

    assert "user_name" not in said
    assert said["client_id"] == "deployer"


def test_cli_targets_an_organization_and_a_space(cli: Cli) -> None:
    organization = cli.first("/v3/organizations?names=acme&page=1&per_page=1")
    space = cli.first(f"/v3/spaces?names=development&organization_guids={organization['guid']}&page=1&per_page=1")

    assert (organization["name"], space["name"]) == ("acme", "development")


def test_cli_cancels_the_active_deployment_again_and_again_until_there_is_none(
    cli: Cli, mockserver: Mockserver
) -> None:
    job = mockserver.cloud_foundry.deployment(app_name="shop")
    space = job.tenant

    assert [cli.cancel_deployment("shop", space) for _ in range(2)] == [200, 200]
    mockserver.clock.advance(60)
    assert cli.cancel_deployment("shop", space) == "No active deployment found for app."
    assert cli.cancel_deployment("shed", space) == "App 'shed' not found"
    assert len(mockserver.journal.cancels(job)) == 2


def test_cli_renews_its_token_before_it_expires(cli: Cli, mockserver: Mockserver) -> None:
    job = mockserver.cloud_foundry.deployment(state="PAUSED", app_name="shop")
    mockserver.clock.advance(599)

    renewed = oauth(mockserver.url, f"grant_type=refresh_token&refresh_token={cli.refresh_token}", CF_CLIENT).json

    assert {"access_token", "refresh_token", "token_type"} <= set(renewed)
    mockserver.clock.advance(60)
    assert cli.call("GET", "/v3/deployments").status == 401
    again = Cli(mockserver.url, renewed["token_type"], renewed["access_token"], renewed["refresh_token"])
    assert again.cancel_deployment("shop", job.tenant) == 200


def test_cli_is_told_what_it_looks_for_in_errors(cli: Cli) -> None:
    unknown = cli.call("POST", "/v3/deployments/00000000-0000-4000-8000-000000000000/actions/cancel")
    nowhere = cli.call("GET", "/v3/nowhere")

    assert (unknown.status, unknown.json["errors"][0]["detail"]) == (404, "Deployment not found")
    assert (nowhere.status, nowhere.json["errors"][0]["detail"]) == (404, "Unknown request")
    assert "x-vcap-request-id" in unknown.headers
