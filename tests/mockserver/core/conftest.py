"""Mocks in this process, asked over HTTP without a socket; and a small vendor whose every layer can be provoked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from mockserver.app import Mock, Settings, build
from mockserver.clock import VirtualClock
from mockserver.faults import Faults
from mockserver.ids import Ids
from mockserver.journal import Journal, OwnRing
from mockserver.pipeline.compiled import CompiledApp
from mockserver.state.memory import MemoryStorage
from mockserver.state.shared import Board
from mockserver.system import Call, Identity, Parts, Rejection, Reply, Request, System, VendorError, VendorFault, World
from specs import Spec
from specs.document import operations_of
from specs.model import Effect, ErrorEnvelope, Operation

WORKSHOP = Path(__file__).parent / "workshop.yaml"
STATUSES = {
    "unknown_route": 404,
    "wrong_method": 405,
    "too_large": 413,
    "unsupported_media_type": 415,
    "unavailable": 503,
}
BARE = System("workshop", "Workshop", build=lambda world: NotImplemented, seed=lambda parts: None)
OWNER = Identity("owner", "bearer", {"token": "key"}, "smith", "forge")


class Client:
    """A client of an ASGI app. Every request is a connection of its own."""

    def __init__(self, asgi: Any, base_url: str = "http://localhost", **headers: str) -> None:
        self.asgi = asgi
        self._base_url = base_url
        self._headers = headers

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._send(method, path, **options))

    async def _send(self, method: str, path: str, peer: str = "127.0.0.1", **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.asgi, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url=self._base_url, headers=self._headers) as http:
            return await http.request(method, path, **options)


@dataclass
class Workshop:
    """A vendor of one kind of thing. Its handlers say what they were given, unless a test puts others in."""

    calls: dict[str, Call] = field(default_factory=dict)
    system: System = BARE
    blocking: bool = False
    journal: Journal = field(default_factory=lambda: Journal(OwnRing()))
    faults: Faults = field(default_factory=lambda: Faults(Board(MemoryStorage()), 0))
    patch: Callable[[dict[str, Any]], None] = lambda document: None
    effects: Mapping[str, Effect] = field(default_factory=dict)
    dress: Callable[[Reply, Request], Reply] = lambda reply, request: reply
    public_url: str = ""
    parts: Parts = field(init=False)
    echo: Call = field(default_factory=lambda: echo)

    def client(self, **headers: str) -> Client:
        """The compiled app, asked by the owner."""
        self.parts = self._parts()
        app = CompiledApp(self, self.journal, self.faults, self.public_url)
        return Client(app, **{"authorization": "Bearer key", **headers})

    def with_faults(self, *own: VendorFault) -> Workshop:
        """The same vendor, with trouble of its own."""
        return replace(self, system=replace(self.system, faults=own), faults=Faults(Board(MemoryStorage()), 0))

    def catch_up(self) -> None:
        """Nobody else has this state."""

    def _parts(self) -> Parts:
        spec = self._spec()
        names = {*spec.operations, *self.system.extra_routes.values()}
        return Parts(
            spec=spec,
            model=None,  # type: ignore[arg-type]
            operations=dict.fromkeys(names, echo) | self.calls,
            identities={"owner": OWNER},
            authenticate=authenticate,
            reject=reject,
            dress=self.dress,
            world=World(spec, MemoryStorage().store("workshop"), VirtualClock(), Ids()),
        )

    def _spec(self) -> Spec:
        document = yaml.safe_load(WORKSHOP.read_text())
        self.patch(document)
        operations = {}
        for path, method, _, definition in operations_of(document):
            name = definition["operationId"]
            operations[name] = Operation(name, method.upper(), path, (), definition, self.effects.get(name))
        error = ErrorEnvelope("Error", "code")
        return Spec("workshop", "default", "Workshop", WORKSHOP, document, "/shop", operations, {}, error)


def echo(request: Request) -> Reply:
    """Says what arrived."""
    body = {"path": dict(request.path_params), "query": dict(request.query), "body": request.body}
    return Reply(200, body, {"X-Trace": "t"})


def authenticate(request: Request) -> Identity:
    if request.headers.get("authorization") != "Bearer key":
        raise VendorError(401, {"code": "who"})
    return OWNER


def reject(rejection: Rejection, request: Request) -> VendorError:
    """Says all that the pipeline knows; a real vendor says less."""
    found = rejection.all or (rejection,)
    facts = [{"kind": each.kind, "where": each.where, "keyword": each.keyword} for each in found]
    headers = {"Allow": ", ".join(rejection.allow)} if rejection.allow else {}
    return VendorError(STATUSES.get(rejection.kind, 400), {"code": rejection.kind, "facts": facts}, headers)


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture
def mock() -> Mock:
    """The example system on a virtual clock, with nothing in it."""
    return build(Settings(systems=("example",), clock="virtual", scenario="empty"))


@pytest.fixture
def client(mock: Mock) -> Client:
    """Who prints: the owner."""
    return Client(mock.asgi, authorization="Bearer paperboy-owner")


@pytest.fixture
def control(mock: Mock) -> Client:
    """Who steers: a client on this machine."""
    return Client(mock.asgi, base_url="http://localhost/__mock__")
