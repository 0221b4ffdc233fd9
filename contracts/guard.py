"""What may be sent. Every sender of the process asks here, and what is not plainly allowed stays here.

A request leaves only if its origin is the target's (or the token address), its method and path match an
operation of the spec or a probe announced beforehand, its effect is in the target's `may`, every id in path,
query and body is ours or reserved, and every scope parameter is the target's or that of one of our jobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from contracts.exchange import Exchange, Outgoing, Reply
from contracts.ledger import Ledger
from contracts.target import Target
from specs import Spec


class GuardRefused(requests.RequestException):
    """The guard kept a request back; nothing was sent. Neither a connection error nor a timeout: nobody may retry."""


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A request that did not leave, and why."""

    method: str
    target: str
    reason: str
    label: str


@dataclass(frozen=True, slots=True)
class Probe:
    """A request outside the spec, sent on purpose. It may name our own or reserved ids only and counts as `trigger`."""

    method: str
    target: str
    trigger: str = "cancel"


class Guard:
    """The guard of one target. `installed` puts it under `requests`; other senders call `admit` and `settle`."""

    def __init__(self, spec: Spec, target: Target) -> None:
        self.spec = spec
        self.target = target
        self.ledger = Ledger()
        self.journal: list[Exchange] = []
        self.kept_back: list[KeptBack] = []

    @contextmanager
    def installed(self) -> Iterator[Guard]:
        """Stand under `requests.adapters.HTTPAdapter.send` for the whole process; redirects are not followed."""
        raise NotImplementedError

    @contextmanager
    def probing(self, *probes: Probe) -> Iterator[None]:
        """Let exactly these requests out in addition to the spec's operations, for this thread and those it starts."""
        raise NotImplementedError

    @contextmanager
    def labelled(self, label: str) -> Iterator[None]:
        """Enter every request sent meanwhile into the journal under this label (a claim's id, a phase)."""
        raise NotImplementedError

    def check(self, outgoing: Outgoing) -> str | None:
        """Why this request must not leave, or None. Sends and records nothing (for `plan` and for tests)."""
        raise NotImplementedError

    def admit(self, outgoing: Outgoing) -> Exchange:
        """Enter a request into the journal and wait for its turn (rate, Retry-After). Raises GuardRefused."""
        raise NotImplementedError

    def settle(self, exchange: Exchange, reply: Reply | None, failure: str = "") -> None:
        """Note how a request ended; learns the id of a job that we created, and foreign ids from lists."""
        raise NotImplementedError

    @property
    def touched(self) -> tuple[str, ...]:
        """Ids that received a state-changing request, in order."""
        raise NotImplementedError

    @property
    def requests(self) -> int:
        """How many requests left."""
        raise NotImplementedError
