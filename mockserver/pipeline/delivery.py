"""How a reply leaves: whole as a rule; cut short or slowly where a fault says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from starlette.types import Scope, Send

from mockserver.wire import Encoded

LINE = "mockserver.line"  # where the extensions of a scope carry the server's Line
TICK = 0.05  # seconds between two pieces of a slow body


class Line(Protocol):
    """The way back to a client. Ours can do what ASGI cannot: hang up, and write a whole reply in one go."""

    async def begin(self, reply: Encoded, body: bytes, *, last: bool = True) -> None:
        """Send the head, and as much of the body."""

    async def go_on(self, body: bytes, *, last: bool) -> None:
        """Send more of the body."""

    def hang_up(self) -> None:
        """Drop the connection."""


class AsgiLine:
    """The way back through any other server."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def begin(self, reply: Encoded, body: bytes, *, last: bool = True) -> None:
        """Send the head, and as much of the body."""
        await self._send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await self.go_on(body, last=last)

    async def go_on(self, body: bytes, *, last: bool) -> None:
        """Send more of the body."""
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})

    def hang_up(self) -> None:
        """Tell the caller as a socket would."""
        raise ConnectionResetError("the mock dropped the connection, as a fault told it to")


@dataclass(frozen=True, slots=True)
class Delivery:
    """`cut`: hang up after so many body bytes, before the reply if negative. `pace`: bytes a second, 0 for no pause."""

    cut: int | None = None
    pace: float = 0.0


WHOLE = Delivery()


async def deliver(scope: Scope, send: Send, reply: Encoded, delivery: Delivery) -> None:
    """Send a reply. A HEAD gets the headers of its GET."""
    line: Line = scope.get("extensions", {}).get(LINE) or AsgiLine(send)
    body = b"" if scope["method"] == "HEAD" else reply.body
    if delivery is WHOLE:
        await line.begin(reply, body)
    elif delivery.cut is None:
        await _trickle(line, reply, body, delivery.pace)
        await line.go_on(b"", last=True)
    else:
        if delivery.cut >= 0:
            await _trickle(line, reply, body[: delivery.cut], delivery.pace)
        line.hang_up()


async def _trickle(line: Line, reply: Encoded, body: bytes, pace: float) -> None:
    await line.begin(reply, b"", last=False)
    size = max(1, round(pace * TICK)) if pace else max(1, len(body))
    for start in range(0, len(body), size):
        await line.go_on(body[start : start + size], last=False)
        if pace:
            await asyncio.sleep(TICK)
