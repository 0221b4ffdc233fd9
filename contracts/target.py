"""What is checked: a deployment named in the targets file, or a mock started for the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contracts.identity import Identity
from contracts.secret import Secret


class TargetError(ValueError):
    """Something in the targets file (or a secret or file it names) is wrong; the message is for people."""


@dataclass(frozen=True, slots=True)
class SupplyPlan:
    """Where jobs to cancel come from: `sources` in the order they are tried, and what each needs."""

    sources: tuple[str, ...] = ("create",)
    create_body: Mapping[str, Any] | None = None
    pool: Path | None = None
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment to check. `url` is scheme, host and port; the spec's base path comes after it.

    `may` holds the effects that may be caused there (`read` covers list). `parameters` are the wire
    names and values that scope a resource. `control` is the mock's control API and only known for
    a mock that this run has started.
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
    def loopback(self) -> bool:
        """Whether the target is on this machine."""
        return (urlsplit(self.url).hostname or "") in {"127.0.0.1", "::1", "localhost"}

    @property
    def host(self) -> str:
        """The host name that a person confirms before anything is sent."""
        return urlsplit(self.url).hostname or ""


def load_target(path: Path, name: str) -> Target:
    """The table `name` of a targets file, checked whole. TargetError names file, table, key and remedy."""
    raise NotImplementedError


def target_names(path: Path) -> tuple[str, ...]:
    """The tables of a targets file, in its order."""
    raise NotImplementedError


def mock_target(url: str, system: str, *, variant: str = "default", control_token: Secret | None = None) -> Target:
    """A mock that this run has started: everything allowed, identities and jobs from its control API."""
    raise NotImplementedError
