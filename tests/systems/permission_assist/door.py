"""The mock's front door in this process: requests go through the whole pipeline, time through the control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import anyio
import httpx

from mockserver.app import Mock
from mockserver.systems.permission_assist.identities import IDENTITIES

IMPORTS = "/api/application-imports"
SYMITAR = "b8c1d2e3-4f5a-6b7c-8d9e-0f1a2b3c4d5e"
SILVERLAKE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
BADGES = "5e4d3c2b-1a09-4f8e-9d7c-6b5a49382716"  # has no schedule
RETIRED = "0a1b2c3d-4e5f-4061-8273-94a5b6c7d8e9"  # is archived
NOBODY = "00000000-0000-0000-0000-000000000000"  # names nothing


@dataclass
class Door:
    """Sends requests as one of the built-in identities, by default as the owner."""

    mock: Mock

    def send(self, method: str, path: str, *, identity: str | None = "owner", **more: Any) -> httpx.Response:
        headers = dict(more.pop("headers", {}))
        if identity is not None:
            headers["Authorization"] = f"Bearer {IDENTITIES[identity].credentials['token']}"
        return anyio.run(self._send, httpx.Request(method, f"http://mock{IMPORTS}{path}", headers=headers, **more))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.mock.asgi)) as client:
            return await client.send(request)

    def cancel(self, import_id: str, *, identity: str | None = "owner") -> httpx.Response:
        return self.send("POST", "/cancel", identity=identity, json={"applicationImportId": import_id})

    def get(self, import_id: str, *, identity: str | None = "owner") -> httpx.Response:
        return self.send("GET", f"/{import_id}", identity=identity)

    def placed(self, status: str, identity: str = "owner", **fields: Any) -> str:
        return self.mock.sites["permission_assist"].parts.model.place(status, fields, IDENTITIES[identity].tenant)

    def wait(self, seconds: float) -> None:
        self.mock.clock.advance(seconds)
