"""What processes that share a storage agree on besides jobs: what time it is, which faults and defects are on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.clock import Clock
from mockserver.state import Insert, Record, Replace, Storage, transact

NONE_YET = Record("notices", "notices", "", {})
SYSTEM = "_mock"


class Notices:
    """A board on which any process posts and that every process reads at the start of each request.

    One record holds it all, so that a request costs one read more. A storage's new content starts with an empty board.
    """

    def __init__(self, storage: Storage) -> None:
        self._store = storage.store(SYSTEM)
        self._read = NONE_YET

    def refresh(self) -> tuple[int, int]:
        """Read the board. What is returned differs whenever anyone has posted since."""
        self._read = self._store.get(NONE_YET.kind, NONE_YET.id) or NONE_YET
        return self._read.serial, self._read.version

    def get(self, name: str) -> Any:
        """What is posted under `name`, as of the last refresh; None if nothing is."""
        return self._read.data.get(name)

    def post(self, name: str, change: Callable[[Any], Any]) -> Any:
        """Make of what is posted under `name` what `change` says, whoever else posts meanwhile. Returns it."""

        def attempt() -> Any:
            self.refresh()
            posted = change(self.get(name))
            notice = replace(self._read, data={**self._read.data, name: posted})
            self._store.commit(Replace(notice) if notice.version else Insert(notice))
            return posted

        posted = transact(attempt)
        self.refresh()
        return posted


class SharedClock:
    """A clock that all processes move together: how far it was moved is on the board."""

    def __init__(self, base: Clock, notices: Notices) -> None:
        self.kind = base.kind
        self._base = base
        self._notices = notices

    def now(self) -> float:
        """The time now, moved as far as the last refresh of the board says."""
        return self._base.now() + float(self._notices.get("clock") or 0.0)

    def advance(self, seconds: float) -> float:
        """Move forward, for everybody."""
        self._notices.post("clock", lambda moved: (moved or 0.0) + seconds)
        return self.now()
