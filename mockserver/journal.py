"""What was asked and what was answered: the last exchanges in a ring, secrets masked when they are shown."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from mockserver.state import Log

CAPACITY = 1000  # exchanges; older ones are forgotten
BODY_SHOWN = 8192  # bytes kept of a body
PATIENCE = 0.25  # seconds that a reply waits for its entry to be shared
MASK = "***"

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-mockserver-token"})
SECRET_WORDS = (
    "password",
    "secret",
    "token",
    "apikey",
    "api_key",
    "privatekey",
    "private_key",
    "accesskey",
    "access_key",
    "assertion",
)
"""What the name of a JSON member or of a parameter holds, in any letters, if its value is a secret."""

_WORD = "|".join(SECRET_WORDS)
_LIKE_I = {0x130: "i", 0x131: "i"}  # the letters that a pattern takes for an `i`, and case folding does not
_SECRET_FIELD = re.compile(rf'("[^"]*(?:{_WORD})[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_SECRET_PARAMETER = re.compile(rf"((?:^|[?&])[^=&]*(?:{_WORD})[^=&]*=)[^&]*", re.IGNORECASE)


@dataclass(slots=True)
class Entry:
    """One exchange as it happened. `error` is ours: what the 501 was about."""

    system: str
    operation: str
    method: str
    target: str
    client: str
    at: float
    duration: float
    status: int
    request_headers: Mapping[str, str]
    request_body: bytes
    reply_headers: Mapping[str, str]
    reply_body: bytes
    error: str = ""
    fault: str = ""
    number: int = 0

    def line(self) -> str:
        """The entry as an access log has it."""
        target = _without_secrets(self.target)
        return f'{self.client} {self.system} "{self.method} {target}" {self.status} {self.duration * 1000:.1f} ms'

    def to_json(self) -> dict[str, Any]:
        """The entry as the control API shows it."""
        return {
            "number": self.number,
            "at": self.at,
            "duration_ms": round(self.duration * 1000, 3),
            "system": self.system,
            "operation": self.operation,
            "client": self.client,
            "method": self.method,
            "target": _without_secrets(self.target),
            "status": self.status,
            "error": self.error,
            "fault": self.fault,
            "request": {"headers": _masked(self.request_headers), "body": _text(self.request_body)},
            "reply": {"headers": _masked(self.reply_headers), "body": _text(self.reply_body)},
        }

    @classmethod
    def from_json(cls, number: int, value: Mapping[str, Any]) -> Entry:
        """An entry that was shown, under the number it was given since. Its secrets stay masked."""
        request, reply = value["request"], value["reply"]
        plain = {name: value[name] for name in ("system", "operation", "method", "target", "client", "at", "status")}
        return cls(
            **plain,
            duration=value["duration_ms"] / 1000,
            request_headers=request["headers"],
            request_body=request["body"].encode(),
            reply_headers=reply["headers"],
            reply_body=reply["body"].encode(),
            error=value["error"],
            fault=value["fault"],
            number=number,
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries to show; what is None or empty does not matter. `id` is any part of target or body."""

    system: str = ""
    operation: str = ""
    status: int | None = None
    id: str = ""
    since: int = 0
    errors: bool = False

    def admits(self, entry: Entry) -> bool:
        """Whether an entry is wanted."""
        return (
            entry.number > self.since
            and (not self.system or entry.system == self.system)
            and (not self.operation or entry.operation == self.operation)
            and (self.status is None or entry.status == self.status)
            and (not self.errors or bool(entry.error))
            and (not self.id or self._mentions(entry))
        )

    def _mentions(self, entry: Entry) -> bool:
        return self.id in entry.target or self.id.encode() in entry.request_body + entry.reply_body


EVERYTHING = Filter()


Tallies = Mapping[tuple[str, str, int], int]  # by system, operation and status


class Ring(Protocol):
    """Where the last entries are kept, each under a number of its own."""

    def append(self, entry: Entry) -> Future[None] | None:
        """Keep an entry; the oldest may be forgotten for it. A future, if any, is done when everybody can read it."""

    def newest_first(self) -> Iterator[Entry]:
        """What is kept."""

    def tallies(self) -> Tallies:
        """How many there were of each kind, forgotten ones included."""

    def clear(self) -> None:
        """Forget the entries. Numbers go on, so that a reader who remembers one misses nothing."""


class OwnRing:
    """A ring of this process's own."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._number = 0
        self._tallies: Counter[tuple[str, str, int]] = Counter()

    def append(self, entry: Entry) -> None:
        """Keep an entry as it is."""
        self._number += 1
        entry.number = self._number
        self._entries.append(entry)
        self._tallies[entry.system, entry.operation, entry.status] += 1

    def newest_first(self) -> Iterator[Entry]:
        """What is kept."""
        return reversed(self._entries)

    def tallies(self) -> Tallies:
        """Counted as they came."""
        return self._tallies

    def clear(self) -> None:
        """Forget the entries."""
        self._entries.clear()


class SharedRing:
    """A ring of all processes. Secrets never reach the log, and so no disk."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def append(self, entry: Entry) -> Future[None]:
        """Keep an entry as it is shown."""
        return self._log.append(entry.to_json(), f"{entry.system} {entry.operation} {entry.status}")

    def newest_first(self) -> Iterator[Entry]:
        """What is kept."""
        return (Entry.from_json(number, value) for number, value in self._log.entries())

    def tallies(self) -> Tallies:
        """Counted by the log."""
        kinds = ((label.split(" "), count) for label, count in self._log.tallies().items())
        return {(system, operation, int(status)): count for (system, operation, status), count in kinds}

    def clear(self) -> None:
        """Forget the entries."""
        self._log.clear()


class Journal:
    """The last exchanges of all systems, and how many there were of each kind."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring

    def record(self, entry: Entry) -> Future[None] | None:
        """Keep an entry; long bodies are cut. A future, if any, is done once everybody can read it."""
        entry.request_body = entry.request_body[:BODY_SHOWN]
        entry.reply_body = entry.reply_body[:BODY_SHOWN]
        return self._ring.append(entry)

    def entries(self, wanted: Filter = EVERYTHING, limit: int = 100) -> list[Entry]:
        """The newest entries that are wanted, oldest first."""
        found: list[Entry] = []
        for entry in self._ring.newest_first():
            if wanted.admits(entry):
                found.append(entry)
            if len(found) == limit:
                break
        return found[::-1]

    def errors(self) -> Iterator[Entry]:
        """Where our own code failed."""
        return (entry for entry in self._ring.newest_first() if entry.error)

    def tallies(self) -> Tallies:
        """How many there were of each kind, forgotten ones included."""
        return self._ring.tallies()

    def clear(self) -> None:
        """Forget the entries."""
        self._ring.clear()


def _masked(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: MASK if name.lower() in SECRET_HEADERS else value for name, value in headers.items()}


def _text(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    if not _may_hold_secrets(text):
        return text
    return _without_secrets(_SECRET_FIELD.sub(rf'\1"{MASK}"', text))


def _without_secrets(parameters: str) -> str:
    """A target or a form without its secret values."""
    return _SECRET_PARAMETER.sub(rf"\1{MASK}", parameters) if _may_hold_secrets(parameters) else parameters


def _may_hold_secrets(text: str) -> bool:
    """Whether it is worth a closer look, which takes a hundred times as long."""
    folded = text.translate(_LIKE_I).casefold()
    return any(word in folded for word in SECRET_WORDS)
