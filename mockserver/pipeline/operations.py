"""The innermost layer: the vendor's own call, or no operation at all."""

from __future__ import annotations

from typing import Any

from connexion.middleware.abstract import SpecMiddleware
from connexion.spec import Specification
from starlette.types import Receive, Scope, Send

from mockserver.pipeline.exchange import Exchange, exchange_of
from mockserver.system import Rejection, VendorError


class Operations(SpecMiddleware):  # type: ignore[misc]
    """Calls the handler that is in force now, under the name that routing found."""

    def add_api(self, specification: Specification, **kwargs: Any) -> None:
        """Nothing to compile: the parts hold every call by its name."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse what is no operation."""
        exchange = exchange_of(scope)
        name = exchange.request.operation_id
        if not name:
            raise refusal(exchange)
        exchange.reply = await exchange.run(exchange.parts.operations[name])


def refusal(exchange: Exchange) -> VendorError:
    """The vendor's words for a path that does not exist, or not with this method."""
    request = exchange.request
    kind = "wrong_method" if exchange.allow else "unknown_route"
    message = f"{request.method} {request.path} is no operation"
    return exchange.parts.reject(Rejection(kind, message=message, allow=exchange.allow), request)
