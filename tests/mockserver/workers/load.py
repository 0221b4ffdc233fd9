"""Clients that ask fast: a connection each, one request after the other, nothing retried."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from tests.mockserver.workers.process import OWNER, PATIENCE


class Lost(Exception):
    """The connection broke before the answer was there. Nobody knows what became of the request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body: JSON, or bytes that are none."""

    status: int
    body: Any


class Client:
    """One connection at a time, made anew after it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._hang_up()

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Send a request and read its answer, or Lost."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._ask(method, path, b"" if body is None else json.dumps(body).encode())
        except (OSError, EOFError, TimeoutError) as error:
            self._hang_up()
            raise Lost from error

    async def cancel(self, job: str) -> Answer:
        """Cancel a print job."""
        return await self.ask("POST", f"/example/v1/jobs/{job}/cancel")

    async def read(self, job: str) -> Answer:
        """Read a print job."""
        return await self.ask("GET", f"/example/v1/jobs/{job}")

    async def order(self) -> Answer:
        """Create a print job."""
        return await self.ask("POST", "/example/v1/jobs", {"title": "Leaflet", "pages": 1})

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {OWNER['Authorization']}\r\n"
        if body:
            head += "Content-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status, *headers = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        values = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in headers)}
        answer: Any = await reader.readexactly(int(values["content-length"]))
        if "json" in values.get("content-type", ""):
            answer = json.loads(answer)
        return Answer(int(status.split()[1]), answer)

    def _hang_up(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def at_once(port: int, clients: int, work: Callable[[Client, asyncio.Barrier], Awaitable[Any]]) -> list[Any]:
    """What each of so many clients found, all let go together whenever they wait for each other."""
    barrier = asyncio.Barrier(clients)

    async def run() -> Any:
        async with Client(port) as client:
            return await work(client, barrier)

    return await asyncio.gather(*(run() for _ in range(clients)))
