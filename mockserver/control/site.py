"""The control API as a system: its parts, put together from the mock it steers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from mockserver.control import errors
from mockserver.control.access import Access
from mockserver.control.handlers import Handlers
from mockserver.ids import Ids
from mockserver.system import Identity, Model, Parts, Rejection, Reply, Request, System, VendorError, World
from specs import Spec
from specs.document import ROOT, operations_of, read_yaml
from specs.model import ErrorEnvelope, Operation

if TYPE_CHECKING:
    from mockserver.app import Mock

NAME = "control"
PREFIX = "/__mock__"


class ControlSite:
    """What the layers of the control API serve."""

    def __init__(self, mock: Mock) -> None:
        self.spec = control_spec()
        self.system = System(
            NAME,
            self.spec.title,
            self._build,
            lambda parts: None,
            authenticate_first=True,
            strict_query=frozenset(self.spec.operations),
        )
        self.blocking = mock.storage.blocking
        self.catch_up = mock.catch_up
        self._mock = mock
        self._handlers = Handlers(mock, self.spec.document)
        self._access = Access(mock.settings.control_token, mock.settings.public_url)

    @property
    def parts(self) -> Parts:
        """Put together for each request: a reset gives the mock another clock."""
        return self._build(World(self.spec, self._mock.storage.store(NAME), self._mock.clock, Ids()))

    def _build(self, world: World) -> Parts:
        return Parts(
            spec=self.spec,
            model=cast(Model, None),  # the control API has no jobs of its own
            operations={name: getattr(self._handlers, name) for name in self.spec.operations},
            identities={},
            authenticate=self._authenticate,
            reject=reject,
            dress=dress,
            world=world,
            concurrent=any(site.parts.concurrent for site in self._mock.sites.values()),
        )

    def _authenticate(self, request: Request) -> Identity | None:
        if not request.target.startswith(f"{PREFIX}/"):
            raise errors.misspelt(PREFIX)
        self._access.check(request)
        return None


def reject(rejection: Rejection, request: Request) -> VendorError:
    """Ours, like every other refusal here."""
    return errors.rejected(rejection)


def dress(reply: Reply, request: Request) -> Reply:
    """Nothing to add."""
    return reply


def control_spec() -> Spec:
    """The document in `specs/control`; it has operations, but no lifecycle."""
    path = ROOT / NAME / "openapi.yaml"
    document = read_yaml(path)
    return Spec(
        system=NAME,
        variant="default",
        title=document["info"]["title"],
        path=path,
        document=document,
        base_path=PREFIX,
        operations=_operations(document),
        lifecycles={},
        error=ErrorEnvelope("Error", "error"),
    )


def _operations(document: Mapping[str, Any]) -> dict[str, Operation]:
    return {
        definition["operationId"]: Operation(definition["operationId"], method.upper(), path, (), definition, None)
        for path, method, _, definition in operations_of(document)
    }
