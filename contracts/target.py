"""What is checked: a deployment named in the targets file, or a mock started for the run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import specs
from contracts.calls import wire_names
from contracts.control import Control
from contracts.identity import ROLES, Identity
from contracts.secret import Secret
from contracts.table import Table, TargetError, tables_of

__all__ = [
    "SupplyPlan",
    "Target",
    "TargetError",
    "host_of",
    "is_loopback",
    "load_target",
    "mock_target",
    "target_names",
]

SOURCES = frozenset({"control", "create", "pool", "command"})
CONTROL_PATH = "/__mock__"
KEYS = (
    *("system", "url", "variant", "tls_ca", "rate", "timeout", "settle_timeout", "may", "parameters"),
    *("identities", "supply"),
)
SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
GRANTS = ("password", "client_credentials")


@dataclass(frozen=True, slots=True)
class SupplyPlan:
    """Where jobs to cancel come from: `sources` in the order they are tried, and what each needs."""

    sources: tuple[str, ...] = ("create",)
    create_body: Mapping[str, Any] | None = None
    pool: Path | None = None
    command: tuple[str, ...] = ()
    folder: Path = Path()  # where the command runs


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment to check. `url` is scheme, host and port; the spec's base path comes after it.

    `may` holds the effects that may be caused there (`read` covers list). `parameters` are the wire
    names and values that scope a resource. `control` is the mock's control API, where there is one,
    and `control_token` what it may ask for.
    """

    name: str
    system: str
    url: str
    variant: str = "default"
    tls_ca: Path | None = None
    rate: float | None = None  # requests a second; None: no limit
    timeout: float = 5.0  # seconds, one request
    settle_timeout: float = 30.0  # seconds an accepted cancel may take to settle
    may: frozenset[str] = frozenset({"read"})
    parameters: Mapping[str, str] = field(default_factory=dict)
    identities: Mapping[str, Identity] = field(default_factory=dict)
    supply: SupplyPlan = SupplyPlan()
    control: str | None = None  # URL of the control API
    control_token: Secret | None = None

    @property
    def host(self) -> str:
        """The host name that a person confirms before anything is sent."""
        return host_of(self.url)

    @property
    def loopback(self) -> bool:
        """Whether the target is on this machine."""
        return is_loopback(self.host)


def host_of(url: str) -> str:
    """The host name in a target's URL."""
    return urlsplit(url).hostname or ""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, which nobody has to confirm."""
    return host in {"127.0.0.1", "::1", "localhost"}


def target_names(path: Path) -> tuple[str, ...]:
    """The tables of a targets file, in its order."""
    return tuple(tables_of(path))


def load_target(path: Path, name: str) -> Target:
    """The table `name` of a targets file, checked whole. TargetError names file, table, key and remedy."""
    tables = tables_of(path)
    if name not in tables:
        known = ", ".join(tables) or "none"
        raise TargetError(f"{path}: there is no target `{name}`. Found: {known}. Add [{name}], or name one of these.")
    return _target(tables[name])


def mock_target(url: str, system: str, *, variant: str = "default", control_token: Secret | None = None) -> Target:
    """A mock that this run has started: everything allowed, identities and jobs from its control API."""
    spec = specs.load(system, variant)
    control = url.rstrip("/") + CONTROL_PATH
    identities = Control(control, control_token).identities(system)
    return Target(
        name="mock",
        system=system,
        url=url.rstrip("/"),
        variant=variant,
        may=_triggers(spec),
        identities={name: _mock_identity(name, facts) for name, facts in identities.items()},
        supply=SupplyPlan(sources=("control", "create")),
        control=control,
        control_token=control_token,
    )


def _mock_identity(name: str, facts: Mapping[str, str]) -> Identity:
    password, token = facts.get("password"), facts.get("token")
    return Identity(
        name=name,
        scheme=facts["scheme"],
        username=facts.get("username", ""),
        password=Secret(password) if password else None,
        token=Secret(token) if token else None,
    )


def _triggers(spec: specs.Spec) -> frozenset[str]:
    """Every effect that some operation has; reading covers listing."""
    effects = {operation.effect.trigger for operation in spec.operations.values() if operation.effect}
    return frozenset(effects - {"list"} | {"read"})


def _target(table: Table) -> Target:
    table.only(*KEYS)
    spec = _spec(table)
    supply = _supply(table.table("supply"))
    url = _url(table)
    return Target(
        name=table.name,
        system=spec.system,
        url=url,
        variant=spec.variant,
        tls_ca=table.path("tls_ca"),
        rate=_rate(table),
        timeout=table.number("timeout", 5.0),
        settle_timeout=table.number("settle_timeout", 30.0),
        may=_may(table, spec),
        parameters=_parameters(table.table("parameters"), spec),
        identities=_identities(table.table("identities")),
        supply=supply,
        control=url + CONTROL_PATH if "control" in supply.sources else None,
        control_token=_control_token(table.table("supply"), supply),
    )


def _spec(table: Table) -> specs.Spec:
    system = table.text("system")
    if system not in specs.systems():
        raise table.error("system", f"unknown system `{system}`", f"one of {', '.join(specs.systems())}")
    variant = table.text("variant", "default")
    variants = specs.load(system).variants
    if variant not in variants:
        raise table.error("variant", f"unknown variant `{variant}`", f"one of {', '.join(variants)}")
    return specs.load(system, variant)


def _url(table: Table) -> str:
    url = table.text("url")
    parts = _parts(url)
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment:
        remedy = "Leave out path and query: the spec's base path is appended."
        raise table.error("url", f"is `{url}`", "scheme, host and port, as in https://host.example:8443", remedy)
    if parts.username or parts.password:
        remedy = "Move the user into an identity."
        raise table.error("url", "carries a user", "scheme, host and port only", remedy)
    return f"{parts.scheme}://{parts.netloc}"


def _parts(url: str) -> SplitResult | None:
    """An http address in its parts; None for what nobody could connect to."""
    try:
        parts = urlsplit(url)
        connectable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if connectable and not re.search(r"[\s\x00-\x20\x7f]", url) else None


def _rate(table: Table) -> float | None:
    if "rate" not in table.values:
        return None
    rate = table.text("rate")
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*/\s*([smh])", rate)
    if not match or float(match[1]) <= 0:
        raise table.error("rate", f"is `{rate}`", "a number a second, minute or hour, as in 20/s, 100/m, 500/h")
    return float(match[1]) / SECONDS[match[2]]


def _may(table: Table, spec: specs.Spec) -> frozenset[str]:
    """The effects that may be caused. What is done to jobs cannot be judged unseen, so reading is always among them."""
    may = frozenset(table.words("may", ("read",), _triggers(spec)))
    if "read" not in may:
        raise table.error("may", "lacks `read`", "it among the words: nothing can be judged unseen", "Add `read`.")
    return may


def _parameters(table: Table, spec: specs.Spec) -> dict[str, str]:
    """What scopes a resource; a misspelt name would scope nothing."""
    known = wire_names(spec)
    for key in table.values:
        if key not in known:
            raise table.error(key, "unknown name", f"one of {', '.join(sorted(known))}", f"Correct or remove `{key}`.")
    return {key: table.text(key) for key in table.values}


def _identities(table: Table) -> dict[str, Identity]:
    table.only(*ROLES)
    return {name: _identity(name, table.table(name)) for name in table.values}


def _identity(name: str, table: Table) -> Identity:
    scheme = table.text("scheme")
    if scheme == "digest":
        table.only("scheme", "username", "password")
        return Identity(name, scheme, username=table.hidden("username"), password=Secret(table.hidden("password")))
    if scheme == "bearer":
        table.only("scheme", "token")
        return Identity(name, scheme, token=Secret(table.hidden("token")))
    if scheme == "oauth2":
        return _oauth2(name, table)
    raise table.error("scheme", f"unknown scheme `{scheme}`", "digest, bearer or oauth2")


def _oauth2(name: str, table: Table) -> Identity:
    """`grant` is told from what is given: a username means a password grant."""
    table.only("scheme", "token_url", "grant", "username", "password", "client_id", "client_secret", "scope")
    grant = table.text("grant", "password" if "username" in table.values else "client_credentials")
    if grant not in GRANTS:
        raise table.error("grant", f"unknown grant `{grant}`", " or ".join(GRANTS))
    needed = "" if grant == "password" else None
    return Identity(
        name,
        "oauth2",
        username=table.hidden("username") if grant == "password" else "",
        password=Secret(table.hidden("password")) if grant == "password" else None,
        token_url=_token_url(table),
        grant=grant,
        client_id=table.hidden("client_id", needed),
        client_secret=Secret(table.hidden("client_secret", needed)),
        scope=table.text("scope", ""),
    )


def _token_url(table: Table) -> str:
    url = table.text("token_url")
    parts = _parts(url)
    if parts is None or parts.query:
        raise table.error("token_url", f"is `{url}`", "an address, as in https://uaa.example/oauth/token")
    return url


def _supply(table: Table) -> SupplyPlan:
    table.only("from", "create", "pool", "command", "control_token")
    sources = table.words("from", ("create",), SOURCES)
    for source in ("pool", "command"):
        if source in sources and not table.values.get(source):
            remedy = f"Add `{source}`, or take it out of `from`."
            raise table.error(source, f"`from` names {source}, but there is no `{source}`", f"a `{source}`", remedy)
    create = table.table("create")
    create.only("body")
    return SupplyPlan(
        sources=sources,
        create_body=create.table("body").values if "body" in create.values else None,
        pool=table.path("pool"),
        command=table.words("command", ()),
        folder=table.file.parent,
    )


def _control_token(table: Table, supply: SupplyPlan) -> Secret | None:
    if "control_token" not in table.values:
        return None
    if "control" not in supply.sources:
        remedy = "Add `control` to `from`, or remove the token."
        raise table.error("control_token", "`from` does not name control", "a token for a source that is used", remedy)
    return Secret(table.hidden("control_token"))
