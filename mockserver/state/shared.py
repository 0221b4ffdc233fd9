"""What processes that share a storage agree on besides jobs: what time it is, which faults and defects are on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import Any

from mockserver.clock import Clock
from mockserver.state import Insert, Record, Replace, Storage, transact

SYSTEM = "_mock"  # the store where the mock keeps what is no vendor's
EMPTY = Record("board", "board", "", {})
COUNTER = "counter"


class Board:
    """Where any process posts what all must know, and which every process reads at the start of a request.

    It is one record, so it costs a request one read. A storage's fresh content comes with a board of its own.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._read = EMPTY
        self._reading = Lock()
        self._posting = Lock()

    @property
    def content(self) -> int:
        """A number that every content of the storage has for itself; 0 while there is none."""
        return self._read.serial

    def refresh(self) -> None:
        """Read the board. A reading that took longer than a newer one is dropped."""
        read = self.storage.store(SYSTEM).get(EMPTY.kind, EMPTY.id) or EMPTY
        with self._reading:
            self._read = max(self._read, read, key=lambda record: (record.serial, record.version))

    def get(self, name: str) -> Any:
        """What is posted under `name`, as of the last reading; None if nothing is."""
        return self._read.data.get(name)

    def put(self, **notices: Any) -> None:
        """Post these, whatever was posted under their names."""
        self._post(lambda posted: {**posted, **notices})

    def change(self, name: str, change: Callable[[Any], Any]) -> None:
        """Make of what is posted under `name` what `change` says, whoever else posts meanwhile."""
        self._post(lambda posted: {**posted, name: change(posted.get(name))})

    def _post(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        def attempt() -> None:
            self.refresh()
            board = self._read.holding(change(self._read.data))
            self.storage.store(SYSTEM).commit(Replace(board) if board.version else Insert(board))

        with self._posting:  # threads of one process need not race for the record
            transact(attempt)
        self.refresh()


class Counters:
    """Sums over all processes. Each adds to a record of its own, for which no other has to wait."""

    def __init__(self, storage: Storage, process: int) -> None:
        self._storage = storage
        self._process = str(process)
        self._adding = Lock()

    def add(self, names: Collection[str]) -> None:
        """Count each of these names once."""
        with self._adding:
            transact(lambda: self._add(names))

    def sums(self) -> Counter[str]:
        """What all processes counted."""
        return sum((Counter(record.data) for record in self._storage.store(SYSTEM).find(COUNTER)), Counter())

    def _add(self, names: Collection[str]) -> None:
        store = self._storage.store(SYSTEM)
        own = store.get(COUNTER, self._process) or Record(COUNTER, self._process, "", {})
        counted = own.holding(dict(Counter(own.data) + Counter(names)))
        store.commit(Replace(counted) if own.version else Insert(counted))


class SharedClock:
    """A clock that all processes move together: how far it was moved is on the board."""

    def __init__(self, base: Clock, board: Board) -> None:
        self.kind = base.kind
        self._base = base
        self._board = board

    def now(self) -> float:
        """The time now, moved as far as the board said when it was last read."""
        moved: float = self._board.get("clock") or 0.0
        return self._base.now() + moved

    def advance(self, seconds: float) -> float:
        """Move forward, for everybody."""
        self._board.change("clock", lambda moved: (moved or 0.0) + seconds)
        return self.now()
