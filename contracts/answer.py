"""What came back: an answer to a call, and a job as a read showed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.calls import Call
from contracts.exchange import Outgoing, Reply


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with the call it answers, what exactly was sent, and as which identity (None: none of the target's)."""

    call: Call
    reply: Reply
    identity: str | None
    outgoing: Outgoing

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.reply.status

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return self.reply.ok

    @property
    def refused(self) -> bool:
        """Whether the status is 4xx."""
        return 400 <= self.status < 500


@dataclass(frozen=True, slots=True)
class Reading:
    """A job as a read showed it. `state` is None where it could not be read or showed no known state."""

    state: str | None
    representation: Any
    answer: Answer
    at: float  # seconds, monotonic

    @property
    def shown(self) -> str:
        """The state, or what stood in its place."""
        if self.state is not None:
            return self.state
        return f"no known state ({self.answer.status})" if self.answer.ok else f"unreadable ({self.answer.status})"
