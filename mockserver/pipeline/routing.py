"""Which operation a request means: one walk down a tree of path segments, on the path as it was sent.

Connexion walks through regular expressions on the decoded path, so there `%2F` separates segments and a slash
too many is redirected. Here neither leads to an operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connexion.middleware.abstract import AbstractRoutingAPI, SpecMiddleware
from connexion.operations import AbstractOperation
from connexion.spec import Specification
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.errors import UsageError
from mockserver.pipeline.exchange import EXCHANGE, Exchange, Site
from mockserver.pipeline.operations import NoOperation, Operation, documented, undocumented
from mockserver.wire import decode_percent

Values = tuple[str, ...]  # of path parameters, in order


@dataclass(frozen=True, slots=True)
class Route:
    """What one method of one path leads to. `names` are its path parameters in order."""

    names: tuple[str, ...]
    operation: Operation


@dataclass(slots=True)
class Node:
    """One place in the tree of segments. `parameter` is where any segment without a place of its own leads."""

    segments: dict[str, Node] = field(default_factory=dict)
    parameter: Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)

    def grow(self, segment: str) -> Node:
        """The place below, for one segment of a path template."""
        if not segment.startswith("{"):
            return self.segments.setdefault(segment, Node())
        self.parameter = self.parameter or Node()
        return self.parameter

    def find(self, segments: Sequence[str], at: int = 0, values: Values = ()) -> tuple[Node, Values] | None:
        """Where `segments` lead from here, what is literal first, and the parameters' texts on the way."""
        node = self
        for place in range(at, len(segments)):
            segment = segments[place]
            literal, parameter = node.segments.get(segment), node.parameter if segment else None
            if literal and parameter and (found := literal.find(segments, place + 1, values)):
                return found
            if parameter:
                node, values = parameter, (*values, segment)
            elif literal:
                node = literal
            else:
                return None
        return (node, values) if node.routes else None


class RoutingAPI(AbstractRoutingAPI[Route]):  # type: ignore[misc]
    """The routes of one spec, as a tree below its base path."""

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        self.root = Node()
        self._site = site
        super().__init__(*args, **kwargs)

    def make_operation(self, operation: AbstractOperation) -> Route:
        """One operation of the spec."""
        return Route(template_names(operation.path), documented(operation, self._site))

    @staticmethod
    def _framework_path_and_name(operation: AbstractOperation, path: str) -> tuple[str, str]:
        return path, path

    def _add_operation_internal(self, method: str, path: str, operation: Route, name: str | None = None) -> None:
        self.plant(method, self.base_path + path, operation)

    def plant(self, method: str, path: str, route: Route) -> None:
        """Add a route under its whole path."""
        node = self.root
        for segment in path.split("/")[1:]:
            node = node.grow(segment)
        node.routes[method.upper()] = route


class Routing(SpecMiddleware):  # type: ignore[misc]
    """Finds the operation, names it in the exchange for the layers below, and reads its query."""

    def __init__(self, app: ASGIApp, *, site: Site) -> None:
        self.app = app
        self._root = Node()
        self._outside = site.system.extra_routes
        self._nothing = NoOperation(credentials=site.system.authenticate_first)

    def add_api(self, specification: Specification, **kwargs: Any) -> None:
        """Take the routes of the system's one spec, and its paths outside of it."""
        api = RoutingAPI(specification, **kwargs)
        for label, name in self._outside.items():
            method, _, path = label.partition(" ")
            api.plant(method, path, Route(template_names(path), undocumented(name)))
        self._root = api.root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route, and go on whether or not there is an operation: who is not allowed in learns nothing about paths."""
        exchange: Exchange = scope[EXCHANGE]
        exchange.operation = operation = self._find(exchange)
        exchange.request.operation_id = operation.name
        exchange.request.query = operation.parameters.read_query(scope["query_string"])
        await self.app(scope, receive, send)

    def _find(self, exchange: Exchange) -> Operation:
        request = exchange.request
        method, target = exchange.parts.hears(request)
        found = self._root.find(segments_of(target))
        if found is None:
            return self._nothing
        node, values = found
        route = node.routes.get(method) or (node.routes.get("GET") if method == "HEAD" else None)
        if route is None:
            exchange.allow = tuple(sorted(node.routes))
            return self._nothing
        request.path_params = dict(zip(route.names, values, strict=True))
        return route.operation


def segments_of(target: str) -> list[str]:
    """The decoded segments of the path in a target as it was sent."""
    path = target.partition("?")[0]
    segments = path.split("/")
    del segments[0]
    return [decode_percent(segment) for segment in segments] if "%" in path else segments


def template_names(path: str) -> tuple[str, ...]:
    """The parameters of a path template in order. A parameter fills its segment."""
    names = [segment for segment in path.split("/") if "{" in segment]
    for name in names:
        if not (name.startswith("{") and name.endswith("}")):
            raise UsageError(
                f"path {path}: segment `{name}` mixes text and parameter. Give the parameter a segment of its own."
            )
    return tuple(name[1:-1] for name in names)
