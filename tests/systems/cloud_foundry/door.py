"""The mock's front door in this process: requests go through the whole pipeline, time through the control."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import anyio
import httpx

from mockserver.app import Mock
from mockserver.systems.cloud_foundry.auth import built_in_identities

BILLING = "305cea31-5a44-45ca-b51b-e89c7a8ef8b2"  # an app of the owner's with two droplets
STOREFRONT = "0cb1e29c-658c-4a14-95e6-0af593bd04cd"  # stopped
BLANK = "57124242-5051-41cc-917f-9acae01f5057"  # has no droplet
FORUM = "7f26144b-9828-4fcd-99a5-4a7bb1fee08f"  # the stranger's, keeps no revisions
OLD, NEW = "cc6bc315-bd06-49ce-92c2-bc3ad45268c2", "44ccfa61-dbcf-4a0d-82fe-f668e9d2a962"  # billing's droplets
FIRST_REVISION = "56126cba-656a-4eba-a81e-7e9951b2df57"  # billing's, of its old droplet
NOWHERE = "00000000-0000-4000-8000-000000000000"  # names nothing

IDENTITIES = built_in_identities()


@dataclass
class Door:
    """Sends requests as one of the built-in identities, by default as the owner."""

    mock: Mock

    def send(self, method: str, path: str, *, identity: str | None = "owner", **more: Any) -> httpx.Response:
        headers = dict(more.pop("headers", {}))
        if identity is not None:
            headers.setdefault("Authorization", f"Bearer {IDENTITIES[identity].credentials['token']}")
        return anyio.run(self._send, httpx.Request(method, f"http://cf.test{path}", headers=headers, **more))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.mock.asgi)) as client:
            return await client.send(request)

    def create(self, app: str = BILLING, *, identity: str = "owner", **body: Any) -> httpx.Response:
        wish = {"relationships": {"app": {"data": {"guid": app}}}, **body}
        return self.send("POST", "/v3/deployments", identity=identity, json=wish)

    def get(self, guid: str, *, identity: str | None = "owner") -> httpx.Response:
        return self.send("GET", f"/v3/deployments/{guid}", identity=identity)

    def cancel(self, guid: str, *, identity: str | None = "owner", **more: Any) -> httpx.Response:
        return self.send("POST", f"/v3/deployments/{guid}/actions/cancel", identity=identity, **more)

    def resume(self, guid: str, *, identity: str | None = "owner", **more: Any) -> httpx.Response:
        return self.send("POST", f"/v3/deployments/{guid}/actions/continue", identity=identity, **more)

    def update(self, guid: str, metadata: Any, *, identity: str = "owner") -> httpx.Response:
        return self.send("PATCH", f"/v3/deployments/{guid}", identity=identity, json={"metadata": metadata})

    def listed(self, query: str = "", *, identity: str = "owner") -> httpx.Response:
        return self.send("GET", f"/v3/deployments{query}", identity=identity)

    def listed_with(self, token: str) -> httpx.Response:
        return self.send("GET", "/v3/deployments", headers={"Authorization": f"Bearer {token}"})

    def placed(self, state: str, identity: str = "owner", **fields: Any) -> str:
        return self.mock.sites["cloud_foundry"].parts.model.place(state, fields, IDENTITIES[identity].tenant)

    def wait(self, seconds: float) -> None:
        self.mock.clock.advance(seconds)

    def operate(self, **options: Any) -> None:
        """Have the foundation run with these settings from now on."""
        site = self.mock.sites["cloud_foundry"]
        site.parts = site.build(replace(site.parts.world, options=options), ())

    def current_droplet(self, app: str) -> str:
        """The app's current droplet, as its list shows it."""
        [found] = self.send("GET", f"/v3/apps?guids={app}", identity="admin").json()["resources"]
        droplet: str = found["relationships"]["current_droplet"]["data"]["guid"]
        return droplet


def status(reply: httpx.Response) -> str:
    """`status` of a deployment in one word: ACTIVE/DEPLOYING."""
    shown = reply.json()["status"]
    return f"{shown['value']}/{shown['reason']}"


def error(reply: httpx.Response) -> tuple[int, int, str, str]:
    """HTTP status, code, title and detail of the one error in the vendor's envelope (E20)."""
    body = reply.json()
    assert list(body) == ["errors"]
    [found] = body["errors"]
    assert list(found) == ["detail", "title", "code"]
    return reply.status_code, found["code"], found["title"], found["detail"]


def unprocessable(detail: str) -> tuple[int, int, str, str]:
    """The usual refusal of a rule that was broken (E35)."""
    return 422, 10008, "CF-UnprocessableEntity", detail


UNABLE_TO_USE_APP = unprocessable("Unable to use app. Ensure that the app exists and you have access to it.")
NOT_FOUND = (404, 10010, "CF-ResourceNotFound", "Deployment not found")
UNKNOWN_REQUEST = (404, 10000, "CF-NotFound", "Unknown request")
NOT_AUTHORIZED = (403, 10003, "CF-NotAuthorized", "You are not authorized to perform the requested action")
NOT_AUTHENTICATED = (401, 10002, "CF-NotAuthenticated", "Authentication error")
INVALID_TOKEN = (401, 1000, "CF-InvalidAuthToken", "Invalid Auth Token")
PARSE_ERROR = (400, 1001, "CF-MessageParseError", "Request invalid due to parse error: invalid request body")
NO_DROPLET = unprocessable("Unable to assign current droplet. Ensure the droplet exists and belongs to this app.")
