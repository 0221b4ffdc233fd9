"""uvicorn's HTTP/1.1 protocol with a shorter way back, and limits that it does not have: large heads, slow senders."""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mockserver import __version__
from mockserver.pipeline.delivery import LINE
from mockserver.wire import Encoded

HEAD_LIMIT = 64 * 1024  # bytes of request line and headers; ours, as are the times
PATIENCE = 20.0  # seconds for a request to arrive whole
LINGER = 2.0  # seconds that are left to a client to read why it is refused


class HeadTooLarge(Exception):
    """Request line and headers are too large. Stops the parser."""


class GuardedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_size = self._unfinished_head = self._arriving = 0
        self._incomplete = self._in_head = True
        self._refused = False
        self._deadline = math.inf  # when a client was waited for long enough; the loop's clock
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = math.inf
        self._usual: list[tuple[bytes, bytes]] = []
        self._usual_fields = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client that connects has to say something."""
        super().connection_made(transport)
        self._wait(PATIENCE)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left to wait for."""
        if self._alarm:
            self._alarm.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Wait for the rest, but not for ever, and not for any amount."""
        if self._refused:
            return
        self._arriving = len(data)
        super().data_received(data)
        self._limit_unfinished_head(len(data))
        if not self._refused:
            self._wait_for_the_rest()

    def on_message_begin(self) -> None:
        """The first bytes of a request."""
        super().on_message_begin()
        self._deadline = math.inf
        self._head_size = self._unfinished_head = 0
        self._incomplete = self._in_head = True

    def on_headers_complete(self) -> None:
        """The head is whole."""
        if self._unfinished_head + self._arriving > HEAD_LIMIT:
            self._limit_head()
        super().on_headers_complete()
        self._in_head = False
        self.scope["extensions"] = {LINE: HttpLine(self, self.cycle)}  # type: ignore[dict-item]

    def on_message_complete(self) -> None:
        """The last bytes of a request."""
        self._incomplete = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for one. uvicorn does the same, with a timer for each request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._deadline == math.inf:  # no part of the next one has arrived
            self._wait(self.timeout_keep_alive)

    def usual_fields(self) -> bytes:
        """The header lines that every reply has: uvicorn renews the date once a second."""
        usual = self.server_state.default_headers
        if usual is not self._usual:
            self._usual = usual
            self._usual_fields = b"".join([b"%s: %s\r\n" % (name.title(), value) for name, value in usual])
        return self._usual_fields

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP. No system can be asked: nothing says which one was meant."""
        too_large = self._head_size > HEAD_LIMIT
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST)

    def _limit_head(self) -> None:
        self._head_size = len(self.url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers)
        if self._head_size > HEAD_LIMIT:
            raise HeadTooLarge

    def _limit_unfinished_head(self, received: int) -> None:
        """The parser keeps a header to itself until it ends; this one may never."""
        if not self._in_head or self._refused:
            return
        self._unfinished_head += received
        if self._unfinished_head > HEAD_LIMIT:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _wait_for_the_rest(self) -> None:
        if not self._incomplete:
            self._deadline = math.inf
        elif self._deadline == math.inf:
            self._wait(PATIENCE)

    def _wait(self, seconds: float) -> None:
        """Have something happen until then. One alarm serves a connection: where it is early, it is set again."""
        self._deadline = self.loop.time() + seconds
        if self._deadline < self._alarm_at:
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm:
            self._alarm.cancel()
        self._alarm_at = self._deadline
        self._alarm = self.loop.call_later(self._deadline - self.loop.time(), self._ring)

    def _ring(self) -> None:
        self._alarm, self._alarm_at = None, math.inf
        if self.loop.time() < self._deadline < math.inf:
            self._set_alarm()
        elif self._deadline < math.inf:
            self._lose_patience()

    def _lose_patience(self) -> None:
        """Refuse half a request, close an idle connection; a client that was refused has read why by now."""
        if self._refused or not self._incomplete:
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """Say no to what is arriving. A whole request before it keeps its answer, and that is the last one."""
        under_way = self.cycle if self.cycle and not self.cycle.response_complete else None
        if under_way and self._in_head:
            self._refused = True
            self._deadline = math.inf
            under_way.keep_alive = False
            return
        if under_way:
            under_way.disconnected = True
            under_way.message_event.set()
        if not (under_way and under_way.response_started):
            self._write_refusal(status)
        self._hang_up_gently()

    def _write_refusal(self, status: HTTPStatus) -> None:
        text = f"{status.phrase}\n"
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(text)}\r\n"
            f"X-Mockserver: {__version__}\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write((head + text).encode("ascii"))

    def _hang_up_gently(self) -> None:
        """Closing while a client still sends would reset the connection, and the refusal could be lost."""
        self._refused = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._wait(LINGER)
        else:
            self.transport.close()


class HttpLine:
    """The way back to the client of one request: `mockserver.pipeline.delivery.Line`.

    uvicorn's own takes a reply in two pieces, looks at every header of both and writes its name in small letters.
    """

    def __init__(self, protocol: GuardedProtocol, cycle: RequestResponseCycle) -> None:
        self._protocol = protocol
        self._cycle = cycle

    async def begin(self, reply: Encoded, body: bytes, *, last: bool = True) -> None:
        """Write the head, and as much of the body, at once."""
        cycle = self._cycle
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        end = b"\r\n" if cycle.keep_alive else b"Connection: close\r\n\r\n"
        head = STATUS_LINE[reply.status] + self._protocol.usual_fields() + reply.fields + end
        await self.go_on(head + body, last=last)

    async def go_on(self, body: bytes, *, last: bool) -> None:
        """Write more, once there is room. A client that is gone gets nothing."""
        cycle = self._cycle
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if cycle.disconnected:
            return
        cycle.transport.write(body)
        if last:
            self._end()

    def hang_up(self) -> None:
        """Drop the connection. uvicorn would answer 500 to make up for the missing reply."""
        self._cycle.disconnected = True
        self._protocol.transport.abort()

    def _end(self) -> None:
        cycle = self._cycle
        del self._cycle  # which has this line in its scope: rubbish that only a collector would find
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
