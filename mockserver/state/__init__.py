"""Where resources live. One protocol; memory and SQL implement it, models see nothing else.

Reading never writes. Every change is one `commit`: all of its parts or none, each guarded by the
version that was read (compare-and-set).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
ATTEMPTS = 64  # tries of one transition before giving up; each failure means another one won


class Conflict(Exception):
    """Someone else changed a record between our read and our commit. Read again and decide again."""


class Unavailable(Exception):
    """The store cannot answer now (locked, full, read-only, gone). Nothing was changed.

    Unless the connection broke in the middle of a commit: then nobody knows, and a read will tell.
    """


class Record(NamedTuple):  # quicker to make than a dataclass, and every request makes several
    """One stored thing. `data` is plain JSON; `scope` is what lists page over (a project, a space).

    `version` 0 means not stored yet; `serial` is the order of insertion, given by the store.
    """

    kind: str
    id: str
    scope: str
    data: Mapping[str, Any]
    version: int = 0
    serial: int = 0

    def holding(self, data: Mapping[str, Any]) -> Record:
        """The same record with other data, for `Replace`."""
        return Record(self.kind, self.id, self.scope, data, self.version, self.serial)


class Insert(NamedTuple):
    """Store a new record. Conflict if its kind and id exist."""

    record: Record


class Replace(NamedTuple):
    """Store changed data. Conflict unless the stored version is still `record.version`."""

    record: Record


class Delete(NamedTuple):
    """Remove a record. Conflict unless the stored version is still `record.version`."""

    record: Record


Change = Insert | Replace | Delete


class Store(Protocol):
    """The records of one system."""

    def get(self, kind: str, id: str) -> Record | None:
        """The record, or None."""

    def find(
        self,
        kind: str,
        scope: str | None = None,
        *,
        newest_first: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Record]:
        """Records in order of insertion, of one scope or of all."""

    def count(self, kind: str, scope: str | None = None) -> int:
        """How many `find` would return without limit."""

    def commit(self, *changes: Change) -> None:
        """Apply all changes, or none and raise Conflict. There is at most one for each record."""


class Log(Protocol):
    """The latest entries of all processes that share a storage, each plain JSON; the oldest fall out."""

    def append(self, data: Mapping[str, Any], label: str) -> Future[None]:
        """Add an entry. Returns at once and never fails: where it cannot be kept, it is lost.

        The future is done once everybody can read the entry, or once it is known that this will take a while.
        """

    def entries(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Newest first, each with its number."""

    def tallies(self) -> Mapping[str, int]:
        """How many entries of each label there ever were."""

    def clear(self) -> None:
        """Forget the entries. Their numbers go on, and so do the tallies."""


class Storage(Protocol):
    """A place for the stores of all systems. `blocking`: its calls wait on I/O, keep them off the event loop."""

    blocking: bool

    def store(self, system: str) -> Store:
        """The store of one system (or of the mock itself, under a name that starts with an underscore)."""

    def start_with(self, content: Mapping[str, Iterable[Record]], *, afresh: bool) -> bool:
        """Make `content` (records by system, in order) all there is, in one step; say whether it was done.

        `afresh`: whatever was there is forgotten. Otherwise only a storage that never had a content takes it,
        so that of many starting processes one does and the others, and later ones, keep what is there.
        """

    def start_number(self) -> int:
        """A number this storage has never given before and never will again: what makes a process's ids its own."""

    def log(self, capacity: int) -> Log | None:
        """The log that everyone with this storage shares; None where nobody else can."""

    def close(self) -> None:
        """Let go of files and connections."""


def transact(attempt: Callable[[], T]) -> T:
    """Run read-decide-commit until the commit wins; the vendor's own refusals pass straight through."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except Conflict:
            continue
    return attempt()
