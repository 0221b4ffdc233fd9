"""Records in this process: the default, gone when it ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice
from threading import Lock

from mockserver.state import Change, Conflict, Insert, Record, Replace

Key = tuple[str, str]  # kind and id
Shelf = dict[str, None]  # ids in order of insertion


class MemoryStore:
    """One system's records. Reading and committing cost the same however many there are."""

    def __init__(self, serials: Iterator[int]) -> None:
        self._lock = Lock()
        self._serials = serials
        self._records: dict[Key, Record] = {}
        self._shelves: dict[tuple[str, str | None], Shelf] = defaultdict(dict)

    def get(self, kind: str, id: str) -> Record | None:
        """The record, or None."""
        return self._records.get((kind, id))

    def find(
        self,
        kind: str,
        scope: str | None = None,
        *,
        newest_first: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Record]:
        """Records in order of insertion; a page costs what stands before it, not what comes after."""
        with self._lock:
            shelf = self._shelves.get((kind, scope), {})
            ids: Iterator[str] = reversed(shelf) if newest_first else iter(shelf)
            end = None if limit is None else offset + limit
            return [self._records[kind, id] for id in islice(ids, offset, end)]

    def count(self, kind: str, scope: str | None = None) -> int:
        """How many there are."""
        return len(self._shelves.get((kind, scope), ()))

    def all(self) -> list[Record]:
        """Every record of every kind, in order of insertion."""
        return sorted(self._records.values(), key=lambda record: record.serial)

    def commit(self, *changes: Change) -> None:
        """Apply all changes, or none and raise Conflict."""
        with self._lock:
            for change in changes:
                self._check(change)
            for change in changes:
                self._apply(change)

    def _check(self, change: Change) -> None:
        """Conflict unless what is stored is what the change goes by."""
        kind, id, _, _, version, serial = change.record
        stored = self._records.get((kind, id))
        if isinstance(change, Insert):
            fits = stored is None
        else:
            fits = stored is not None and stored.version == version and stored.serial == serial
        if not fits:
            raise Conflict(f"{kind} {id}")

    def _apply(self, change: Change) -> None:
        kind, id, scope, data, version, serial = change.record
        if isinstance(change, Replace):
            stored = self._records[kind, id]
            self._records[kind, id] = Record(kind, id, stored.scope, data, version + 1, serial)
        elif isinstance(change, Insert):
            self._shelve(Record(kind, id, scope, data, 1, next(self._serials)))
        else:
            self._forget(self._records[kind, id])

    def _shelve(self, record: Record) -> None:
        self._records[record.kind, record.id] = record
        for scope in (record.scope, None):
            self._shelves[record.kind, scope][record.id] = None

    def _forget(self, stored: Record) -> None:
        del self._records[stored.kind, stored.id]
        for scope in (stored.scope, None):
            self._shelves[stored.kind, scope].pop(stored.id)


class MemoryStorage:
    """The stores of all systems of one mock."""

    blocking = False

    def __init__(self) -> None:
        self._stores: dict[str, MemoryStore] = {}
        self._serials = count(1)
        self._started = False
        self._starts = count()

    def store(self, system: str) -> MemoryStore:
        """The store of one system, made when first asked for."""
        return self._stores.setdefault(system, MemoryStore(self._serials))

    def start_with(self, content: Mapping[str, Iterable[Record]], *, afresh: bool) -> bool:
        """Make `content` all there is; unless `afresh`, only where there never was any.

        Stores handed out before keep what they had and belong to nobody.
        """
        if self._started and not afresh:
            return False
        self._started = True
        self._stores = {}
        for system, records in content.items():
            self.store(system).commit(*map(Insert, records))
        return True

    def start_number(self) -> int:
        """0: one process has this storage, and it ends with it. Asked again, it counts on."""
        return next(self._starts)

    def log(self, capacity: int) -> None:
        """Nobody shares it."""

    def contents(self) -> dict[str, list[Record]]:
        """Every record by system, in order of insertion: what `start_with` takes."""
        return {system: store.all() for system, store in self._stores.items()}

    def close(self) -> None:
        """Nothing to let go of."""
