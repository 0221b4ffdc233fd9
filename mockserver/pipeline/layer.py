"""A layer with something of its own for every operation, which is told by the exchange which one is meant."""

from __future__ import annotations

from typing import Any, TypeVar

from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
from connexion.spec import Specification
from starlette.types import Receive, Scope, Send

from mockserver.pipeline.exchange import exchange_of

Api = TypeVar("Api", bound=RoutedAPI[Any])


class Layer(RoutedMiddleware[Api]):  # type: ignore[misc]
    """Connexion's, for one spec. An API's `operations` also say what to do where there is no operation."""

    def add_api(self, specification: Specification, **kwargs: Any) -> Api:
        """Compile what every operation needs."""
        api: Api = super().add_api(specification, **kwargs)
        self._operations = api.operations
        return api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to its operation."""
        await self._operations[exchange_of(scope).request.operation_id](scope, receive, send)
