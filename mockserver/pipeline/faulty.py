"""The layer where faults strike: after routing, so that a rule can name its operation, outside of the spec's checks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.faults import Faults, Rule
from mockserver.pipeline.delivery import WHOLE, Delivery
from mockserver.pipeline.exchange import EXCHANGE, Exchange, Site
from mockserver.system import Rejection, Reply
from mockserver.wire import body_bytes

PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
PHRASES = {
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Unavailable",
    504: "504 Gateway Timeout",
}
NEVER_SENT = 0  # the status the journal shows where nothing happened


class Faulty:
    """Lets requests through unless rules strike them."""

    def __init__(self, app: ASGIApp, *, site: Site, faults: Faults) -> None:
        self.app = app
        self._name = site.system.name
        self._own = {fault.id: fault for fault in site.system.faults}
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, well or badly."""
        exchange: Exchange = scope[EXCHANGE]
        rules = await exchange.run(self._striking) if self._faults else ()
        if not rules:
            await self.app(scope, receive, send)
            return
        exchange.fault = ", ".join(rule.kind for rule in rules)
        await self._delay(rules)
        exchange.reply = self._instead(exchange, rules)
        if exchange.reply is None:
            await self.app(scope, receive, send)
        exchange.reply = self._changed(exchange, rules)
        exchange.delivery = delivery(exchange.reply, rules)

    def _striking(self, exchange: Exchange) -> list[Rule]:
        return self._faults.striking(self._name, exchange.request.operation_id)

    async def _delay(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            if rule.kind == "latency":
                await asyncio.sleep(self._faults.delay(rule))

    def _instead(self, exchange: Exchange, rules: Sequence[Rule]) -> Reply | None:
        """What is answered instead of the vendor, by the first rule that says so."""
        for rule in rules:
            own = self._own.get(rule.kind)
            if own and own.instead:
                reply = _after(own.instead(exchange.parts, exchange.request), rule)
                return exchange.parts.dress(reply, exchange.request)
            if rule.kind in INSTEAD and not own:
                return INSTEAD[rule.kind](exchange, rule)
        return None

    def _changed(self, exchange: Exchange, rules: Sequence[Rule]) -> Reply:
        reply = exchange.reply or Reply()
        for rule in rules:
            own = self._own.get(rule.kind)
            if own and own.change:
                reply = own.change(reply, exchange.request)
        return reply


def _after(reply: Reply, rule: Rule) -> Reply:
    """A vendor's own reply, with the wait that the rule asks for if it names one."""
    if "Retry-After" in reply.headers:
        reply.headers["Retry-After"] = str(rule.retry_after)
    return reply


def delivery(reply: Reply, rules: Sequence[Rule]) -> Delivery:
    """How the reply travels. A connection that drops is no way to travel; else the last rule that cares wins."""
    if any(rule.kind in ("drop_before", "drop_after") for rule in rules):
        return Delivery(cut=-1)
    found = WHOLE
    for rule in rules:
        if rule.kind == "truncated_body":
            found = Delivery(cut=len(body_bytes(reply)) // 2 if rule.bytes is None else rule.bytes)
        elif rule.kind == "slow_body":
            found = Delivery(pace=rule.pace)
    return found


def _rate_limit(exchange: Exchange, rule: Rule) -> Reply:
    reply = Reply(429, b"Too Many Requests\n", {"Retry-After": str(rule.retry_after)}, "text/plain")
    return exchange.parts.dress(reply, exchange.request)


def _server_error(exchange: Exchange, rule: Rule) -> Reply:
    reply = exchange.parts.reject(Rejection("unavailable", message="a fault was asked for"), exchange.request).reply
    reply.status = rule.status
    return exchange.parts.dress(reply, exchange.request)


def _proxy_error(exchange: Exchange, rule: Rule) -> Reply:
    phrase = PHRASES.get(rule.status, str(rule.status))
    return Reply(rule.status, PAGE.format(phrase).encode(), media_type="text/html")


def _nothing(exchange: Exchange, rule: Rule) -> Reply:
    return Reply(NEVER_SENT)


INSTEAD: dict[str, Callable[[Exchange, Rule], Reply]] = {
    "rate_limit": _rate_limit,
    "server_error": _server_error,
    "proxy_error": _proxy_error,
    "drop_before": _nothing,
}
