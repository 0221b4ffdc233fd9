"""All the core knows of a vendor, and all a vendor knows of the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mockserver.clock import Clock
from mockserver.ids import Ids
from mockserver.state import Store
from specs import Spec


@dataclass(frozen=True, slots=True)
class Identity:
    """A built-in user. `credentials` is what a client presents: username and password, or token.

    `role` is a word of the vendor's; `tenant` is the project, space or customer it belongs to.
    """

    name: str
    scheme: str
    credentials: Mapping[str, str]
    role: str
    tenant: str


@dataclass(slots=True)
class Request:
    """A request after routing. `path_params` and `query` carry wire names; query values are typed by the spec.

    `operation_id` is empty and `path_params` is too when no operation matched. `target` is the
    request target exactly as sent (path and query). `body` is the parsed JSON, or None without one.
    """

    operation_id: str
    method: str
    path: str
    target: str
    headers: Mapping[str, str]  # lower-case names
    path_params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    raw_body: bytes = b""
    identity: Identity | None = None
    base_url: str = ""  # scheme://host[:port] that links should carry
    client: str = ""  # the peer's IP address


@dataclass(slots=True)
class Reply:
    """An answer. `body` is JSON data, or None for no body at all, or bytes to send as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


class VendorError(Exception):
    """A refusal in the vendor's own words. Each system's `errors.py` builds these, one function an error."""

    def __init__(
        self, status: int, body: Any, headers: Mapping[str, str] | None = None, media_type: str = "application/json"
    ):
        super().__init__(f"{status}: {body}")
        self.reply = Reply(status, body, dict(headers or {}), media_type)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A request that the pipeline turned down before any handler saw it; the system says it in its own words.

    `kind`: unknown_route, wrong_method (`allow` lists the path's methods), unsupported_media_type,
    malformed_json, missing_body, invalid_body, invalid_path, invalid_query, invalid_header, unknown_query,
    too_large, unavailable (store). `where` names the parameter or dotted body path, `keyword` the JSON Schema
    keyword that failed (`required`, `type`, `enum`, `pattern`, `additionalProperties`, ...),
    `value` what was found, `message` a sentence in English.
    """

    kind: str
    where: str = ""
    keyword: str = ""
    value: Any = None
    message: str = ""
    allow: tuple[str, ...] = ()
    all: tuple[Rejection, ...] = ()  # every failure found, this one first


@dataclass(frozen=True, slots=True)
class Resource:
    """A job as the control API shows it. `parameters` holds the wire names a client needs to address it."""

    id: str
    state: str
    tenant: str
    parameters: Mapping[str, str]


class Model(Protocol):
    """The control API's view of a vendor's model (the vendor's own methods are its handlers' business).

    `kind` is what its jobs are stored as; each record's data has a `timeline`, the job's life.
    """

    kind: str

    def place(self, state: str, fields: Mapping[str, Any], tenant: str) -> str:
        """Put a new job straight into `state` and return its id. `tenant` is a tenant of `Parts.identities`.

        Raises ValueError with a sentence for people when state or a field is not known.
        """

    def move(self, id: str, trigger: str) -> None:
        """Take any legal step of the lifecycle now, also asynchronous ones.

        KeyError: no such job. ValueError: the step is not legal.
        """

    def resource(self, id: str) -> Resource:
        """One job. KeyError if there is none."""

    def resources(self, offset: int = 0, limit: int | None = None) -> list[Resource]:
        """Jobs of all tenants, oldest first. A page costs what stands before it, not what comes after."""


Call = Callable[[Request], Reply]
Heard = tuple[str, str]
"""A method and the target that it is sent to."""


def as_sent(request: Request) -> Heard:
    """What a request was sent as, read without leniency."""
    return request.method, request.target


@dataclass(frozen=True, slots=True)
class World:
    """What a system is built from.

    `timings` overrides the model's own seconds by name; `options` are what the vendor's operators can set.
    """

    spec: Spec
    store: Store
    clock: Clock
    ids: Ids
    timings: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Parts:
    """A system put together. Defects are planted by replacing members; nothing else changes them.

    `operations` maps every operationId to its call. `authenticate` returns the identity or raises VendorError;
    `reject` words a Rejection; `dress` adds what every reply of the vendor carries (headers, envelope, pretty
    printing) and is applied to successes and refusals alike. `hears` is what routing goes by. `concurrent`: calls
    may take time, so each has a thread of its own; no vendor needs that while its state is in memory.
    `checked`: replies are held against the spec; those of a system with bugs on purpose cannot be.
    """

    spec: Spec
    model: Model
    operations: dict[str, Call]
    identities: Mapping[str, Identity]
    authenticate: Callable[[Request], Identity | None]
    reject: Callable[[Rejection, Request], VendorError]
    dress: Callable[[Reply, Request], Reply]
    world: World
    hears: Callable[[Request], Heard] = as_sent
    concurrent: bool = False
    checked: bool = True


def tenant_named(parts: Parts, name: str) -> str:
    """The tenant that an identity's name or a tenant's own id means. ValueError if there is no such tenant."""
    tenants = {who: identity.tenant for who, identity in parts.identities.items()}
    if name not in tenants and name not in tenants.values():
        known = ", ".join([*tenants, *dict.fromkeys(tenants.values())])
        raise ValueError(f"unknown tenant `{name}`. Name an identity or a tenant: {known}.")
    return tenants.get(name, name)


def any_spec(spec: Spec) -> bool:
    """For defects that can be planted everywhere."""
    return True


@dataclass(frozen=True, slots=True)
class Defect:
    """A contract bug that can be planted. `plant` changes the parts in place.

    `fits`: whether it would show at all with a vendor that promises what this spec says.
    """

    id: str
    kind: str  # one of `mockserver.defects.KINDS`
    summary: str
    plant: Callable[[Parts], None]
    claims: tuple[str, ...] = ()  # the claims that name this cause; any of them may catch it
    fits: Callable[[Spec], bool] = any_spec


@dataclass(frozen=True, slots=True)
class VendorFault:
    """Trouble in a vendor's own way, for the rules of `faults`: a misprinted challenge, the words of its rate limit.

    `instead` answers in place of the vendor; `change` spoils an answer that is ready. One that is called
    `rate_limit` or `server_error` takes the place of the general fault of that name.
    """

    id: str
    summary: str
    instead: Callable[[Parts, Request], Reply] | None = None
    change: Callable[[Reply, Request], Reply] | None = None


@dataclass(frozen=True, slots=True)
class System:
    """One vendor. `build` puts its parts together from a fresh world; `seed` fills the demo scenario.

    `authenticate_first`: credentials are checked before routing, so an unknown path is a 401 too.
    `extra_routes`: paths outside the spec that published clients need, served by `Parts.operations` under the
    given name (`GET /oauth/token` -> "token", `GET /v3/apps/{guid}` -> "get_app"); they are neither validated nor
    part of the contract, `query` holds strings, and whoever wants credentials calls `authenticate`.
    `claimed_paths`: path prefixes that belong to this system besides its spec's base path.
    `strict_query`: operationIds that refuse query parameters the spec does not name (kind unknown_query);
    elsewhere such parameters are handed on as strings.
    """

    name: str
    title: str
    build: Callable[[World], Parts]
    seed: Callable[[Parts], None]
    authenticate_first: bool = False
    not_imitated: tuple[str, ...] = ()
    defects: tuple[Defect, ...] = ()
    faults: tuple[VendorFault, ...] = ()
    extra_routes: Mapping[str, str] = field(default_factory=dict)
    claimed_paths: tuple[str, ...] = ()
    strict_query: frozenset[str] = frozenset()
