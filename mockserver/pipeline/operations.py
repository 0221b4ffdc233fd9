"""One operation, compiled when the app is built: who may ask, what it takes, the vendor's call, how it answers."""

from __future__ import annotations

from connexion.operations import AbstractOperation
from starlette.types import Receive, Scope, Send

from mockserver.errors import SpecViolation, TooLarge
from mockserver.pipeline.exchange import EXCHANGE, Exchange, Site
from mockserver.pipeline.parameters import ParameterSet
from mockserver.pipeline.replies import Replies
from mockserver.pipeline.requests import RequestBody, carries_body, read_body, refusal
from mockserver.system import Rejection, Reply, VendorError


class Operation:
    """An operation of the spec, or a path that only clients need.

    What is asked without a body is answered in one go. `credentials`: the vendor's `authenticate` is asked before
    anything else about the operation is said.
    """

    def __init__(
        self, name: str, parameters: ParameterSet, body: RequestBody | None, replies: Replies, *, credentials: bool
    ) -> None:
        self.name = name
        self.parameters = parameters
        self._body = body
        self._replies = replies
        self._credentials = credentials

    def answer(self, exchange: Exchange) -> Reply:
        """The reply to a request without a body."""
        return self._admission(exchange) or self._performance(exchange)

    async def read_and_answer(self, exchange: Exchange, receive: Receive) -> Reply:
        """The reply to a request with a body, which is read only from who may send it."""
        refused = await exchange.run(self._admission)
        if refused:
            return refused
        try:
            exchange.request.raw_body = await read_body(exchange.request, receive)
        except TooLarge as error:
            too_large = exchange.parts.reject(Rejection("too_large", message=str(error)), exchange.request)
            return self._replies.finished(exchange, too_large.reply, by_nature=True)
        return await exchange.run(self._performance)

    def _admission(self, exchange: Exchange) -> Reply | None:
        """The refusal of a caller or of parameters, or nothing."""
        try:
            self._admit(exchange)
        except VendorError as refused:
            return self._replies.finished(exchange, refused.reply)
        return None

    def _performance(self, exchange: Exchange) -> Reply:
        """The answer, or the refusal of a body or by the vendor's rules."""
        try:
            reply = self._perform(exchange)
        except VendorError as refused:
            reply = refused.reply
        return self._replies.finished(exchange, reply)

    def _admit(self, exchange: Exchange) -> None:
        request = exchange.request
        if self._credentials:
            request.identity = exchange.parts.authenticate(request)
        if found := self.parameters.failures(request):
            raise refusal(exchange, found)

    def _perform(self, exchange: Exchange) -> Reply:
        request = exchange.request
        if self._body and (found := self._body.failures(request)):
            raise refusal(exchange, found)
        reply = exchange.parts.operations[self.name](request)
        if reply is None:
            raise SpecViolation(f"{self.name}: the handler returned no reply")
        return reply


class NoOperation(Operation):
    """Where a path leads nowhere, or not with this method. Nobody reads what is sent there."""

    def __init__(self, *, credentials: bool) -> None:
        super().__init__("", ParameterSet(()), None, Replies("no operation"), credentials=credentials)

    async def read_and_answer(self, exchange: Exchange, receive: Receive) -> Reply:
        """The refusal, whatever the body."""
        return await exchange.run(self.answer)

    def _perform(self, exchange: Exchange) -> Reply:
        """The vendor's words for a path that does not exist, or not with this method."""
        request = exchange.request
        kind = "wrong_method" if exchange.allow else "unknown_route"
        message = f"{request.method} {request.path} is no operation"
        raise exchange.parts.reject(Rejection(kind, message=message, allow=exchange.allow), request)


def documented(operation: AbstractOperation, site: Site) -> Operation:
    """An operation of the spec. `security: []` is for everybody; with anything else credentials are looked at."""
    name = operation.operation_id
    effect = site.parts.spec.operations[name].effect
    return Operation(
        name,
        ParameterSet(operation.parameters, strict=name in site.system.strict_query),
        RequestBody(name, operation.request_body) if operation.request_body else None,
        Replies(name, operation.responses, body_optional=bool(effect and effect.body_optional)),
        credentials=bool(operation.security),
    )


def undocumented(name: str) -> Operation:
    """A path outside the spec: its handler gets the request as it came, and answers as it likes."""
    return Operation(name, ParameterSet(()), None, Replies(name), credentials=False)


async def serve_operation(scope: Scope, receive: Receive, send: Send) -> None:
    """The innermost app: asks the operation that routing found. `front` sends what comes of it."""
    exchange: Exchange = scope[EXCHANGE]
    operation = exchange.operation
    if carries_body(exchange.request):
        exchange.reply = await operation.read_and_answer(exchange, receive)
    else:
        exchange.reply = await exchange.run(operation.answer)
