"""cloudfoundry-client: logs in with a password; a deployment's links become its methods."""

from __future__ import annotations

from typing import Any

from cloudfoundry_client.client import CloudFoundryClient
from cloudfoundry_client.v3.entities import EntityManager
from talk import converse, given

client = CloudFoundryClient(given["url"], **given.get("oauth_client", {}))


def log_in() -> None:
    client.init_with_user_credentials(given["username"], given["password"])


def log_in_as_client() -> None:
    client.init_with_client_credentials()


def deployments() -> Any:
    return EntityManager(client.v3.apps.target_endpoint, client, "/v3/deployments")


def find_app(name: str) -> Any:
    return client.v3.apps.get_first(names=[name])["guid"]


def find(app: str) -> Any:
    return deployments().get_first(app_guids=[app], status_values=["ACTIVE"], order_by="-created_at")


def every(per_page: int) -> Any:
    return [each["guid"] for each in deployments().list(per_page=per_page)]


def create(app: str) -> Any:
    return deployments()._create({"relationships": {"app": {"data": {"guid": app}}}})


def read(guid: str) -> Any:
    return deployments().get(guid)


def cancel(guid: str) -> Any:
    return deployments().get(guid).cancel()


def cancel_unseen(guid: str) -> Any:
    return client.post(f"{given['url']}/v3/deployments/{guid}/actions/cancel").status_code


converse(
    log_in=log_in,
    log_in_as_client=log_in_as_client,
    find_app=find_app,
    find=find,
    every=every,
    create=create,
    read=read,
    cancel=cancel,
    cancel_unseen=cancel_unseen,
)
