"""Who is asking. The vendor's own `authenticate` decides; here is only where it is asked."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from connexion.middleware.abstract import RoutedAPI
from connexion.operations import AbstractOperation
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.pipeline.exchange import Site, exchange_of
from mockserver.pipeline.layer import Layer


class SecurityOperation:
    """One operation's need for credentials."""

    def __init__(self, next_app: ASGIApp, *, needed: bool) -> None:
        self.next_app = next_app
        self._needed = needed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or leave it to the vendor's VendorError."""
        exchange = exchange_of(scope)
        if self._needed and not exchange.outside:
            exchange.request.identity = await exchange.run(exchange.parts.authenticate)
        await self.next_app(scope, receive, send)


class SecurityAPI(RoutedAPI[SecurityOperation]):  # type: ignore[misc]
    """What the operations of one spec need. Where there is no operation, `authenticate_first` decides."""

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unknown = SecurityOperation(self.next_app, needed=site.system.authenticate_first)
        self.operations: defaultdict[str, SecurityOperation] = defaultdict(lambda: unknown)
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> SecurityOperation:
        """`security: []` is for everybody; under anything else the vendor looks at the credentials."""
        return SecurityOperation(self.next_app, needed=bool(operation.security))


class Security(Layer[SecurityAPI]):
    """Credentials before anything else about the operation is said."""

    api_cls = SecurityAPI
