"""The shared log: a thread writes what the requests of its process hand over, many at once where they come fast."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from mockserver.state import Conflict, Unavailable
from mockserver.state.database import Database
from mockserver.state.schema import log, tallies

RETRY_EVERY = 1.0  # seconds between tries while the database cannot be written
WAITING = 10_000  # entries that wait while the database cannot be written; more are lost
TRIM_EVERY = 100  # entries written between two times that old ones are deleted
PAGE = 500  # entries read at once

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was appended. `kept` is done once it is written, or once it is known that this will take a while."""

    data: Mapping[str, Any]
    label: str
    kept: Future[None] = field(default_factory=Future)


def _counting(upsert: Any) -> Any:
    return upsert.on_conflict_do_update(
        index_elements=[tallies.c.label], set_={"count": tallies.c.count + upsert.excluded.count}
    )


COUNT = {name: _counting(dialect.insert(tallies)) for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))}


class SqlLog:
    """The latest `capacity` entries of all processes. A thread of this process's own does the writing."""

    def __init__(self, database: Database, capacity: int) -> None:
        self._database = database
        self._capacity = capacity
        self._handed_over: deque[Entry] = deque(maxlen=WAITING)
        self._unwritten: deque[Entry] = deque(maxlen=WAITING)  # the writing thread's own
        self._since_trimmed = 0
        self._in_trouble = False
        self._news = Event()
        self._closing = Event()
        self._starting = Lock()
        self._thread: Thread | None = None

    def append(self, data: Mapping[str, Any], label: str) -> Future[None]:
        """Hand an entry to the writing thread."""
        entry = Entry(data, label)
        if self._in_trouble:
            entry.kept.set_result(None)
        self._handed_over.append(entry)
        self._news.set()
        if self._thread is None:
            self._start()
        return entry.kept

    def entries(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Newest first, and no more than the capacity: older ones wait for being deleted."""
        return islice(self._all(), self._capacity)

    def _all(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        page = self._page(log.c.serial > 0)
        while page:
            yield from page
            page = self._page(log.c.serial < page[-1][0])

    def tallies(self) -> Mapping[str, int]:
        """How many entries of each label all processes ever appended."""
        return {row[0]: row[1] for row in self._database.rows(select(tallies.c.label, tallies.c.count))}

    def clear(self) -> None:
        """Forget the entries."""
        with self._database.writing() as connection:
            connection.execute(delete(log))

    def close(self) -> None:
        """Write what is left and stop writing."""
        self._closing.set()
        self._news.set()
        if self._thread:
            self._thread.join()

    def _start(self) -> None:
        """Started by the first entry, not with the log: a thread does not survive a fork."""
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._write_on, name="log-writer", daemon=True)
                self._thread.start()

    def _write_on(self) -> None:
        """Write until closing. What comes during one transaction is written together in the next."""
        while not self._closing.is_set():
            self._news.wait()
            self._news.clear()
            self._write_patiently()
        with suppress(Unavailable, Conflict):
            self._write()

    def _write_patiently(self) -> None:
        try:
            self._write()
            self._in_trouble = False
        except (Unavailable, Conflict) as error:
            LOGGER.warning("journal: %s. Its entries are kept until they can be written.", error)
            self._in_trouble = True
            self._release()
            self._news.set()
            self._closing.wait(RETRY_EVERY)

    def _write(self) -> None:
        self._unwritten.extend(self._handed_over.popleft() for _ in range(len(self._handed_over)))
        if not self._unwritten:
            return
        with self._database.writing(durable=False) as connection:
            self._insert(connection)
            self._count(connection)
        self._release()
        self._unwritten.clear()

    def _release(self) -> None:
        for entry in self._unwritten:
            if not entry.kept.done():
                entry.kept.set_result(None)

    def _insert(self, connection: Connection) -> None:
        connection.execute(insert(log), [{"entry": entry.data} for entry in self._unwritten])
        self._since_trimmed += len(self._unwritten)
        if self._since_trimmed >= min(TRIM_EVERY, self._capacity):
            oldest = select(func.max(log.c.serial) - self._capacity).scalar_subquery()
            connection.execute(delete(log).where(log.c.serial <= oldest))
            self._since_trimmed = 0

    def _count(self, connection: Connection) -> None:
        """Labels in order, so that two processes never wait for each other."""
        counts = Counter(entry.label for entry in self._unwritten)
        rows = [{"label": label, "count": counts[label]} for label in sorted(counts)]
        connection.execute(COUNT[self._database.dialect], rows)

    def _page(self, which: ColumnElement[bool]) -> list[tuple[int, Mapping[str, Any]]]:
        page = select(log.c.serial, log.c.entry).where(which).order_by(log.c.serial.desc()).limit(PAGE)
        return [(number, entry) for number, entry in self._database.rows(page)]
