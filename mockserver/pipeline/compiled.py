"""A Connexion app of one system whose layers are ours: nothing is built, copied or wrapped per request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from connexion import AsyncApp, Resolver
from connexion.apps.abstract import AbstractApp
from connexion.middleware.main import API
from connexion.spec import OpenAPISpecification
from jsonschema_rs import Draft4Validator
from starlette.types import ASGIApp

from mockserver.errors import UsageError
from mockserver.faults import Faults
from mockserver.journal import Journal
from mockserver.pipeline.exchange import Site
from mockserver.pipeline.faulty import Faulty
from mockserver.pipeline.front import Front
from mockserver.pipeline.operations import serve_operation
from mockserver.pipeline.routing import Routing
from mockserver.site import missing_handler


class CompiledApp(AsyncApp):  # type: ignore[misc]
    """Connexion's asynchronous app with another inside and other layers, compiled here and now.

    `layers` is what serves a request: the app does no more than to hand it on.
    """

    def __init__(self, site: Site, journal: Journal, faults: Faults, public_url: str = "") -> None:
        _refuse_missing_handlers(site)
        self._middleware_app = serve_operation
        layers = [
            partial(Front, site=site, journal=journal, public_url=public_url),
            partial(Routing, site=site),
            partial(Faulty, site=site, faults=faults),
        ]
        AbstractApp.__init__(self, __name__, middlewares=layers, resolver=Resolver(partial(_handler, site)))
        stack = self.middleware
        specification = CompiledSpecification.from_dict(site.parts.spec.document)
        stack.apis.append(API(specification, base_path=None, name=None, **vars(stack.options), site=site))
        stack.app, stack.middleware_stack = stack._build_middleware_stack()
        self.layers: ASGIApp = stack.app


class CompiledSpecification(OpenAPISpecification):  # type: ignore[misc]
    """A document as Connexion reads it, held against Connexion's own schema by a validator that is compiled once."""

    @classmethod
    def from_dict(cls, spec: Mapping[str, Any], *, base_uri: str = "") -> CompiledSpecification:
        """From a document whose keys are strings, as those of a loaded spec are."""
        return cls(dict(spec), base_uri=base_uri)

    @classmethod
    def _validate_spec(cls, spec: Mapping[str, Any]) -> None:
        for error in _openapi().iter_errors(spec):
            where = " ".join(map(str, error.instance_path))
            raise UsageError(f"{spec['info']['title']}: {where}: {error.message}. OpenAPI 3.0 does not allow that.")


@cache
def _openapi() -> Draft4Validator:
    return Draft4Validator(OpenAPISpecification.openapi_schema)


def _handler(site: Site, operation_id: str) -> object:
    return site.parts.operations[operation_id]


def _refuse_missing_handlers(site: Site) -> None:
    spec, calls = site.parts.spec, site.parts.operations
    for name in sorted(set(spec.operations) - set(calls)):
        raise missing_handler(spec, name)
    wanted = set(spec.operations) | set(site.system.extra_routes.values())
    for name in sorted(set(calls) - wanted):
        raise UsageError(
            f"mockserver/systems/{spec.system}: `{name}` is handled, but no operation or extra route has that name. "
            f"Add the operation to specs/{spec.system}/openapi.yaml, or remove the handler."
        )
    for name in sorted(set(site.system.extra_routes.values()) - set(calls)):
        raise UsageError(
            f"mockserver/systems/{spec.system}: the extra route `{name}` has no handler. Add it to handlers.py."
        )
