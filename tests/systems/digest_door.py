"""The front door, in this process, of a mock whose identities prove themselves by HTTP Digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import anyio
import httpx

from mockserver.app import Mock, Settings, build


@dataclass
class DigestDoor:
    """Sends requests as one of the built-in identities, by default as the owner, each after a challenge of its own."""

    mock: Mock
    system: str

    @classmethod
    def to(cls, system: str, variant: str = "default", scenario: str = "empty") -> DigestDoor:
        """A new mock of one system, its time standing still."""
        settings = Settings((system,), {system: variant}, clock="virtual", scenario=scenario)
        return cls(build(settings), system)

    def send(self, method: str, path: str, *, identity: str | None = "owner", **more: Any) -> httpx.Response:
        return anyio.run(self._send, httpx.Request(method, f"http://mock{path}", **more), self.auth(identity))

    def auth(self, identity: str | None) -> httpx.Auth | None:
        if identity is None:
            return None
        return httpx.DigestAuth(**self.mock.sites[self.system].parts.identities[identity].credentials)

    async def _send(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.mock.asgi)) as client:
            return await client.send(request, auth=auth)

    def placed(self, state: str, identity: str = "owner", **fields: Any) -> str:
        parts = self.mock.sites[self.system].parts
        return parts.model.place(state, fields, parts.identities[identity].tenant)

    def state(self, id: str) -> str:
        return self.mock.sites[self.system].parts.model.resource(id).state

    def wait(self, seconds: float) -> None:
        self.mock.clock.advance(seconds)
