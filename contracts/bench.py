"""What a claim sees: the spec, jobs, a way to send and read, and a notebook for cases and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.claim import Found
from contracts.exchange import Reply
from contracts.guard import Guard
from contracts.supply import Job
from contracts.target import Target
from specs import Spec


class Unreachable(Exception):
    """The target does not answer, or refuses the owner's credentials: nothing can be said about it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a claim may spend: rounds of a race, and seconds for claims that repeat until time is up."""

    rounds: int = 6
    seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Call:
    """A request in the making: what `Bench.send` sends."""

    method: str
    target: str  # request target, base path included, as it goes out
    headers: Mapping[str, str]
    body: bytes | None = None
    operation_id: str = ""
    job: Job | None = None


@dataclass(frozen=True)
class Answer:
    """A reply with the call it answers and the identity that sent it."""

    call: Call
    reply: Reply
    identity: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A job as a read showed it. `state` is None where it could not be read or showed no known state."""

    state: str | None
    representation: Any
    answer: Answer


class Bench:
    """One system's claims run on one bench. It outlives each claim, so that jobs and readings are shared."""

    def __init__(
        self, spec: Spec, target: Target, guard: Guard, *, seed: int = 0, budget: Budget | None = None
    ) -> None:
        self.spec = spec
        self.target = target
        self.guard = guard

    def prepare(self) -> None:
        """List once as the owner, so that foreign jobs are known. Unreachable if the target cannot be tested."""
        raise NotImplementedError

    def job(self, state: str | None = None, *, fresh: bool = False) -> Job:
        """A job of ours that reads in `state` (default: any cancellable one). NotAvailable says why there is none."""
        raise NotImplementedError

    def send(self, call: Call, identity: str | None = "owner") -> Answer:
        """Send a call as an identity (None: no credentials); the answer is checked against the spec on the way."""
        raise NotImplementedError

    def read(self, job: Job, identity: str | None = "owner") -> Reading:
        """Read a job."""
        raise NotImplementedError

    def cancel(self, job: Job, identity: str | None = "owner") -> Answer:
        """Send the documented cancel."""
        raise NotImplementedError

    @property
    def observed(self) -> tuple[Found, ...]:
        """What every answer so far has shown against `replies_match_the_spec` and `no_server_errors`."""
        raise NotImplementedError

    @property
    def is_mock(self) -> bool:
        """Whether the target says it is a mock (`X-Mockserver`), whatever the targets file calls it."""
        raise NotImplementedError
