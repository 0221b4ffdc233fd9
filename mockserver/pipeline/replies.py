"""Replies against the spec, and what every reply of a vendor carries.

Unlike stock Connexion this checks refusals too, refuses a status that is not documented, and looks at the media
types of that one status. A reply that fails is a bug of ours, never something a client should see as the vendor's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from connexion.middleware.abstract import RoutedAPI
from connexion.operations import AbstractOperation
from connexion.utils import is_json_mimetype
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.errors import SpecViolation, TooLarge
from mockserver.pipeline.exchange import Exchange, Site, exchange_of
from mockserver.pipeline.layer import Layer
from mockserver.pipeline.schemas import Schema
from mockserver.system import Rejection, Reply, VendorError
from mockserver.wire import parse_json


class DocumentedReply:
    """What the spec says of one status of one operation."""

    def __init__(self, label: str, definition: Mapping[str, Any], *, body_optional: bool) -> None:
        self._label = label
        self._body_optional = body_optional
        self._contents = {name: _schema(name, each) for name, each in definition.get("content", {}).items()}
        self._headers = frozenset(
            name.lower() for name, each in definition.get("headers", {}).items() if each.get("required")
        )

    def check_body(self, reply: Reply) -> None:
        """Raise SpecViolation unless media type and body are documented."""
        if reply.body is None:
            self._check_absence()
            return
        media_type = reply.media_type.partition(";")[0]
        if media_type not in self._contents:
            raise SpecViolation(
                f"{self._label}: media type {media_type}, documented: {', '.join(self._contents) or 'no body'}"
            )
        schema = self._contents[media_type]
        if schema:
            self._check_schema(schema, reply.body)

    def check_headers(self, reply: Reply) -> None:
        """Raise SpecViolation if a required header is missing."""
        if self._headers and (missing := self._headers - {name.lower() for name in reply.headers}):
            raise SpecViolation(f"{self._label}: required header {', '.join(sorted(missing))} is missing")

    def _check_absence(self) -> None:
        if self._contents and not self._body_optional:
            raise SpecViolation(f"{self._label}: no body, documented: {', '.join(self._contents)}")

    def _check_schema(self, schema: Schema, body: Any) -> None:
        value = parse_json(body) if isinstance(body, bytes) else body
        if schema.accepts(value):
            return
        failure = schema.failures(value, "invalid_body")[0]
        raise SpecViolation(f"{self._label}: {failure.where or 'body'}: {failure.message}")


class ReplyOperation:
    """One operation's replies: turned down, checked, dressed. Without an operation there is nothing to check."""

    def __init__(self, next_app: ASGIApp, label: str, replies: Mapping[str, DocumentedReply] | None) -> None:
        self.next_app = next_app
        self._label = label
        self._replies = replies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the layers below answer or refuse, and make a reply of either."""
        exchange = exchange_of(scope)
        reply = await self._answer(exchange, scope, receive, send)
        documented = self._documented(exchange, reply.status) if exchange.parts.checked else None
        if documented:
            documented.check_body(reply)
        dressed = exchange.parts.dress(reply, exchange.request)
        if documented:
            documented.check_headers(dressed)
        exchange.reply = dressed

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> Reply:
        try:
            await self.next_app(scope, receive, send)
        except VendorError as refusal:
            return refusal.reply
        except TooLarge as error:
            return self._refuse_by_nature(exchange, Rejection("too_large", message=str(error)))
        if exchange.reply is None:
            raise SpecViolation(f"{self._label}: the handler returned no reply")
        return exchange.reply

    def _refuse_by_nature(self, exchange: Exchange, rejection: Rejection) -> Reply:
        exchange.by_nature = True
        return exchange.parts.reject(rejection, exchange.request).reply

    def _documented(self, exchange: Exchange, status: int) -> DocumentedReply | None:
        if self._replies is None:
            return None
        documented = self._replies.get(str(status)) or self._replies.get("default")
        if documented is None and not exchange.by_nature:
            raise SpecViolation(f"{self._label}: status {status}, documented: {', '.join(self._replies)}")
        return documented


class ReplyAPI(RoutedAPI[ReplyOperation]):  # type: ignore[misc]
    """The documented replies of one spec."""

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._operations = site.parts.spec.operations
        undocumented = ReplyOperation(self.next_app, "no operation", None)
        self.operations: defaultdict[str, ReplyOperation] = defaultdict(lambda: undocumented)
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> ReplyOperation:
        """Compile every documented reply of one operation."""
        effect = self._operations[operation.operation_id].effect
        optional = bool(effect and effect.body_optional)
        replies = {
            status: DocumentedReply(
                f"{operation.operation_id} {status}", each, body_optional=optional and status[0] == "2"
            )
            for status, each in operation.responses.items()
        }
        return ReplyOperation(self.next_app, operation.operation_id, replies)


class Replies(Layer[ReplyAPI]):
    """Response validation and the vendor's dress, for answers and refusals alike."""

    api_cls = ReplyAPI


def _schema(name: str, media_type: Mapping[str, Any]) -> Schema | None:
    """What a JSON body has to follow; the page of a web server follows nothing."""
    return Schema(media_type["schema"], for_reply=True) if "schema" in media_type and is_json_mimetype(name) else None
