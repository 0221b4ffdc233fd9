"""A load generator: keep-alive connections that send the next request when the answer to the last is whole.

    python -m benchmarks.load PLAN.json   ->   one JSON line with the figures

Runs as a process of its own, pinned to a core, so that it never shares one with the server it measures.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, cast

import uvloop


@dataclass(frozen=True)
class Plan:
    """What to send where. `targets` are used in turn, once each or over and over (`repeat`)."""

    port: int
    method: str
    targets: list[str]
    headers: dict[str, str]
    body: str = ""
    connections: int = 16
    seconds: float = 5.0
    repeat: bool = True
    core: int | None = None
    digest: dict[str, str] | None = None  # username, password: each connection does its own handshake
    pace: float | None = None  # requests a second over all connections; None: as fast as answers come


@dataclass
class Tally:
    """What came back."""

    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)


class Digest:
    """The Authorization header of one connection: one nonce, a rising nc."""

    def __init__(self, plan: Plan, nonce: str) -> None:
        assert plan.digest is not None
        self.user, self.method, self.nonce, self.count = plan.digest["username"], plan.method, nonce, 0
        self.ha1 = _md5(f"{self.user}:MMS Public API:{plan.digest['password']}")

    def header(self, target: str) -> str:
        """The header line for the next request."""
        self.count += 1
        nc, ha2 = f"{self.count:08x}", _md5(f"{self.method}:{target}")
        response = _md5(f"{self.ha1}:{self.nonce}:{nc}:00000000:auth:{ha2}")
        return (
            f'Authorization: Digest username="{self.user}", realm="MMS Public API", nonce="{self.nonce}", '
            f'uri="{target}", '
            f'response="{response}", algorithm=MD5, qop=auth, nc={nc}, cnonce="00000000"\r\n'
        )


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, plan: Plan, targets: Iterator[str], tally: Tally, done: Callable[[], None]) -> None:
        self.plan, self.targets, self.tally, self.done = plan, targets, tally, done
        self.digest: Digest | None = None
        self.buffer = b""
        fixed = "".join(f"{name}: {value}\r\n" for name, value in plan.headers.items())
        length = f"Content-Length: {len(plan.body)}\r\n" if plan.body or plan.method == "POST" else ""
        self.tail = f"Host: 127.0.0.1:{plan.port}\r\n{fixed}{length}"
        self.deadline = time.perf_counter() + plan.seconds
        self.gap = plan.connections / plan.pace if plan.pace else 0.0
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport = cast(asyncio.Transport, transport)
        self.send()

    def send(self) -> None:
        """Send the next request, or hang up when there is none or time is up."""
        target = next(self.targets, None)
        if target is None or time.perf_counter() > self.deadline:
            self.transport.close()
            return
        credentials = self.digest.header(target) if self.digest else ""
        self.sent = time.perf_counter()
        self.transport.write(
            f"{self.plan.method} {target} HTTP/1.1\r\n{self.tail}{credentials}\r\n{self.plan.body}".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Note the answer once it is whole, and go on."""
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        if not _whole(head, self.buffer[end + 4 :]):
            return
        status = int(head[9:12])
        if status == 401 and self.plan.digest and (self.digest is None or b"stale=true" in self.buffer):
            nonce = re.search(rb'nonce="([^"]+)"', self.buffer)
            assert nonce is not None
            self.digest = Digest(self.plan, nonce[1].decode())
        else:
            self.tally.latencies.append(time.perf_counter() - self.sent)
            self.tally.statuses[status] = self.tally.statuses.get(status, 0) + 1
        self.buffer = b""
        wait = self.sent + self.gap - time.perf_counter() if self.gap else 0
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self.send)
        else:
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        """One connection less."""
        self.done()


def _whole(head: bytes, body: bytes) -> bool:
    """Whether the body after `head` has arrived."""
    at = head.find(b"content-length:")
    if at >= 0:
        line = head[at + 15 :].split(b"\r\n", 1)[0]
        return len(body) >= int(line)
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return True


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


async def run(plan: Plan) -> dict[str, Any]:
    """Send until time or targets are up; the figures."""
    loop = asyncio.get_running_loop()
    tally, left, over = Tally(), plan.connections, loop.create_future()

    def one_done() -> None:
        nonlocal left
        left -= 1
        if not left and not over.done():
            over.set_result(None)

    targets = cycle(plan.targets) if plan.repeat else iter(plan.targets)
    began = time.perf_counter()
    for _ in range(plan.connections):
        await loop.create_connection(lambda: Connection(plan, targets, tally, one_done), "127.0.0.1", plan.port)
    await over
    return figures(tally, time.perf_counter() - began)


def figures(tally: Tally, seconds: float) -> dict[str, Any]:
    """Requests a second, latencies in milliseconds, statuses."""
    ordered = sorted(tally.latencies) or [0.0]
    return {
        "rate": len(tally.latencies) / seconds,
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
        "requests": len(tally.latencies),
        "statuses": {str(k): v for k, v in sorted(tally.statuses.items())},
    }


def main() -> None:
    """Run the plan named on the command line."""
    plan = Plan(**json.loads(Path(sys.argv[1]).read_text()))
    if plan.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {plan.core})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(run(plan))))


if __name__ == "__main__":
    main()
