"""How an import goes: its states, what it was asked to do, and when each step comes if nobody interferes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """The states of a request, in order (E7)."""

    PENDING = "PENDING"
    AWAIT_SEED_HOST_CONNECTED = "AWAIT_SEED_HOST_CONNECTED"
    AWAIT_HOSTS_DISCOVERED = "AWAIT_HOSTS_DISCOVERED"
    AWAIT_AUTOMATION_IMPORTED = "AWAIT_AUTOMATION_IMPORTED"
    AWAIT_GOAL_STATE = "AWAIT_GOAL_STATE"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


WALK = tuple(State)[:6]  # what a request goes through if all is well (C2)
ENDED = frozenset({State.SUCCESS, State.FAILED, State.CANCELLED})

TAKES: Mapping[str, float] = {
    State.PENDING: 120.0,  # seconds, as in the documented example (E8) ...
    State.AWAIT_SEED_HOST_CONNECTED: 180.0,
    State.AWAIT_HOSTS_DISCOVERED: 180.0,
    State.AWAIT_AUTOMATION_IMPORTED: 240.0,
    State.AWAIT_GOAL_STATE: 480.0,  # ... but for this one: ours (A18)
}
DEFAULT_TIMEOUT = 600.0  # seconds a stage may take unless the request says otherwise; ours (A18)

STEPS: Mapping[str, str] = {
    State.PENDING: "start",
    State.AWAIT_SEED_HOST_CONNECTED: "connect",
    State.AWAIT_HOSTS_DISCOVERED: "discover",
    State.AWAIT_AUTOMATION_IMPORTED: "import",
    State.AWAIT_GOAL_STATE: "finish",
}
"""What the step out of each state is called (A13)."""

BAD_SEEDS = "unreachable.invalid"
BAD_PROCESSES: Mapping[str, State] = {
    "undiscovered.invalid": State.AWAIT_HOSTS_DISCOVERED,
    "unimported.invalid": State.AWAIT_AUTOMATION_IMPORTED,
    "unsettled.invalid": State.AWAIT_GOAL_STATE,
}
"""Domains, earliest stage first, whose hosts hold an import in a stage until its timeout is over (A19)."""

NEEDS_USERNAME = frozenset({"MONGODB_CR", "GSSAPI", "PLAIN", "MONGODB_X509"})  # A9
NEEDS_PASSWORD = frozenset({"MONGODB_CR"})  # E37

_HOST_PORT = re.compile(r"([^\s:/@]+):([0-9]{1,5})")


class NotAHostPort(Exception):
    """A seed or process that is not `host:port`."""


class MissingCredentials(Exception):
    """An authentication mechanism without what it needs (E37). The argument is the mechanism."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported. `timeouts` maps stages to seconds."""

    seed: str
    processes: tuple[str, ...]
    timeouts: Mapping[str, float] = field(default_factory=dict)
    mechanism: str | None = None
    username: str | None = None
    password: str | None = None

    def check(self) -> None:
        """Raise NotAHostPort or MissingCredentials for an order that cannot be met (A9)."""
        for each in (self.seed, *self.processes):
            found = _HOST_PORT.fullmatch(each)
            if found is None or not 0 < int(found[2]) < 65536:
                raise NotAHostPort(each)
        if self.mechanism in NEEDS_USERNAME and not self.username:
            raise MissingCredentials(self.mechanism)
        if self.mechanism in NEEDS_PASSWORD and not self.password:
            raise MissingCredentials(self.mechanism)

    @property
    def stall(self) -> str | None:
        """The stage that hosts of this order never get through (A19)."""
        if _is_below(self.seed, BAD_SEEDS):
            return State.AWAIT_SEED_HOST_CONNECTED
        stalls = {
            stage for each in self.processes for domain, stage in BAD_PROCESSES.items() if _is_below(each, domain)
        }
        return min(stalls, key=WALK.index, default=None)


@dataclass(frozen=True, slots=True)
class Course:
    """How an import goes if nobody interferes.

    `timeouts` maps stages to seconds; `stall` is a stage that never ends.
    """

    takes: Mapping[str, float]
    timeouts: Mapping[str, float] = field(default_factory=dict)
    default_timeout: float = DEFAULT_TIMEOUT
    stall: str | None = None

    def from_(self, state: str) -> list[tuple[float, str]]:
        """The steps from the moment a request enters `state` to its end."""
        steps = [(0.0, state)]
        while state not in ENDED:
            seconds, state = self._next(state)
            steps.append((seconds, state))
        return steps

    def to(self, state: str) -> list[tuple[float, str]]:
        """The steps from the beginning until `state` is entered. FAILED and CANCELLED come early."""
        walk = self.from_(State.PENDING)
        if state in WALK:
            return walk[: WALK.index(State(state)) + 1]
        return [*walk[:2], (walk[2][0], state)]

    def _next(self, state: str) -> tuple[float, str]:
        """How long a state lasts, and what follows: FAILED where its timeout is over first (A18)."""
        timeout = self.timeouts.get(state, self.default_timeout)
        if state == self.stall or (state in self.timeouts and self.takes[state] > timeout):
            return timeout, State.FAILED
        return self.takes[state], after(state)


def after(state: str) -> State:
    """The state that follows if all is well."""
    return WALK[WALK.index(State(state)) + 1]


def _is_below(host_port: str, domain: str) -> bool:
    host = host_port.partition(":")[0].lower()
    return host == domain or host.endswith(f".{domain}")
