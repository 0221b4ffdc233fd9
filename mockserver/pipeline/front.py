"""The outermost layer of one system: makes a request of what came, sends the reply, answers for our own errors."""

from __future__ import annotations

import asyncio
import logging

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.clock import stopwatch
from mockserver.errors import ClientGone, SpecViolation
from mockserver.journal import PATIENCE, Entry, Journal
from mockserver.pipeline.delivery import deliver
from mockserver.pipeline.exchange import EXCHANGE, Exchange, Site, in_thread
from mockserver.state import Conflict, Unavailable
from mockserver.system import Rejection, Reply, Request
from mockserver.wire import OUR_ERROR, Encoded, encode, fold_headers

logger = logging.getLogger("mockserver")
access = logging.getLogger("mockserver.access")


class Front:
    """Where a system begins. `public_url`, if any, is what links carry instead of what the client called."""

    def __init__(self, app: ASGIApp, *, site: Site, journal: Journal, public_url: str = "") -> None:
        self.app = app
        self._site = site
        self._journal = journal
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = stopwatch()
        site = self._site
        exchange = Exchange(request_of(scope, self._public_url), site.parts, site.blocking)
        scope[EXCHANGE] = exchange
        try:
            reply, error = await self._answer(exchange, scope, receive, send)
        except ClientGone:
            return
        entry = self._entry(exchange, reply, error, stopwatch() - started)
        if (shared := self._journal.record(entry)) is not None:
            await asyncio.wait([asyncio.wrap_future(shared)], timeout=PATIENCE)
        if access.isEnabledFor(logging.INFO):
            access.info(entry.line())
        await deliver(scope, send, reply, exchange.delivery)
        del scope[EXCHANGE]  # a connection keeps its last scope: what it leads to would grow cold before it is freed

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> tuple[Encoded, str]:
        """The reply, and what went wrong on our side, if anything did."""
        try:
            if exchange.blocking:
                await self._catch_up(exchange)
            await self.app(scope, receive, send)
            exchange.reply = exchange.reply or Reply()
            return encode(exchange.reply), ""
        except ClientGone:
            raise
        except (Unavailable, Conflict) as trouble:
            logger.error("%s %s: no state: %s", exchange.request.method, exchange.request.path, trouble)
            return self._encoded(exchange, unavailable(exchange, trouble)), ""
        except Exception as bug:
            error = self._say(exchange.request, bug)
            return self._encoded(exchange, our_reply(error)), error

    @staticmethod
    def _encoded(exchange: Exchange, reply: Reply) -> Encoded:
        exchange.reply = reply
        return encode(reply)

    async def _catch_up(self, exchange: Exchange) -> None:
        await in_thread(self._site.catch_up)
        exchange.parts = self._site.parts

    def _say(self, request: Request, bug: Exception) -> str:
        known = isinstance(bug, SpecViolation)
        error = str(bug) if known else f"{type(bug).__name__}: {bug}"
        where = f"{self._site.system.name}: {request.method} {request.target}"
        logger.error("%s: %s", where, error, exc_info=None if known else bug)
        return error

    def _entry(self, exchange: Exchange, sent: Encoded, error: str, duration: float) -> Entry:
        request, reply = exchange.request, exchange.reply or Reply()
        return Entry(
            system=self._site.system.name,
            operation=request.operation_id,
            method=request.method,
            target=request.target,
            client=request.client,
            at=exchange.parts.world.clock.now(),
            duration=duration,
            status=sent.status,
            request_headers=request.headers,
            request_body=request.raw_body,
            reply_headers=reply.headers,
            reply_body=sent.body,
            error=error,
            fault=exchange.fault,
        )


def request_of(scope: Scope, public_url: str = "") -> Request:
    """A request before routing, from what ASGI says of it."""
    headers = fold_headers(scope["headers"])
    target = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    if query := scope["query_string"]:
        target = f"{target}?{query.decode('latin-1')}"
    client = scope.get("client")
    return Request(
        operation_id="",
        method=scope["method"],
        path=scope["path"],
        target=target,
        headers=headers,
        base_url=public_url or f"{scope['scheme']}://{headers.get('host', 'localhost')}",
        client=client[0] if client else "",
    )


def unavailable(exchange: Exchange, trouble: Exception) -> Reply:
    """The vendor's words for having trouble of its own."""
    refusal = exchange.parts.reject(Rejection("unavailable", message=str(trouble)), exchange.request)
    return exchange.parts.dress(refusal.reply, exchange.request)


def our_reply(error: str) -> Reply:
    """What a client sees of our own error: nothing that any vendor would say."""
    line = " ".join(error.split())[:500].encode("ascii", "replace").decode()
    body = {"error": "mockserver", "message": f"{error} This is an error of the mock, not an answer of the vendor."}
    return Reply(501, body, {OUR_ERROR: line})
