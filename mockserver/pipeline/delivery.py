"""How a reply leaves: whole as a rule; cut short or slowly where a fault says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Scope, Send

from mockserver.system import Reply
from mockserver.wire import response_headers

HANG_UP = "mockserver.hang_up"  # where a scope carries the server's way to drop its connection
TICK = 0.05  # seconds between two pieces of a slow body


@dataclass(frozen=True, slots=True)
class Delivery:
    """`cut`: hang up after so many body bytes, before the reply if negative. `pace`: bytes a second, 0 for no pause."""

    cut: int | None = None
    pace: float = 0.0


WHOLE = Delivery()


async def deliver(scope: Scope, send: Send, reply: Reply, body: bytes, delivery: Delivery) -> None:
    """Send a reply. A HEAD gets the headers of its GET."""
    if delivery.cut is not None and delivery.cut < 0:
        hang_up(scope)
        return
    await send({"type": "http.response.start", "status": reply.status, "headers": response_headers(reply, body)})
    payload = b"" if scope["method"] == "HEAD" else body
    if delivery is not WHOLE:
        await _trickle(send, payload[: delivery.cut], delivery.pace)
        if delivery.cut is not None:
            hang_up(scope)
            return
        payload = b""
    await send({"type": "http.response.body", "body": payload})


async def _trickle(send: Send, payload: bytes, pace: float) -> None:
    size = max(1, round(pace * TICK)) if pace else max(1, len(payload))
    for start in range(0, len(payload), size):
        await send({"type": "http.response.body", "body": payload[start : start + size], "more_body": True})
        if pace:
            await asyncio.sleep(TICK)


def hang_up(scope: Scope) -> None:
    """Drop the connection as the server can; without a server, tell the caller as a socket would."""
    drop: Callable[[], None] | None = scope.get("extensions", {}).get(HANG_UP)
    if drop is None:
        raise ConnectionResetError("the mock dropped the connection, as a fault told it to")
    drop()
