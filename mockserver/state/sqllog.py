"""The shared log: every process writes what it has in one go, a few dozen times a second at most."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select

from mockserver.state import Unavailable
from mockserver.state.database import Database
from mockserver.state.schema import log

WRITE_EVERY = 0.02  # seconds at most between an entry and its being written
SETTLE = 2.5 * WRITE_EVERY  # seconds after which every process has written what it had
RETRY_EVERY = 1.0  # seconds between tries while the database cannot be written
PAGE = 500  # entries read at once

LOGGER = logging.getLogger(__name__)


class SqlLog:
    """The latest `capacity` entries of all processes. A thread of this process's own does the writing."""

    def __init__(self, database: Database, capacity: int) -> None:
        self._database = database
        self._capacity = capacity
        self._waiting: deque[Mapping[str, Any]] = deque(maxlen=capacity)
        self._news = Event()
        self._closing = Event()
        self._starting = Lock()
        self._thread: Thread | None = None

    def append(self, entry: Mapping[str, Any]) -> None:
        """Hand an entry to the writing thread."""
        self._waiting.append(entry)
        self._news.set()
        if self._thread is None:
            self._start()

    def entries(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Newest first, once every process has written what it had."""
        Event().wait(SETTLE)
        page = self._page(log.c.serial > 0)
        while page:
            yield from page
            page = self._page(log.c.serial < page[-1][0])

    def clear(self) -> None:
        """Forget them all, also those that other processes were about to write."""
        Event().wait(SETTLE)
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
        while not self._closing.is_set():
            self._news.wait()
            self._news.clear()
            self._closing.wait(WRITE_EVERY)
            self._write_patiently()
        with suppress(Unavailable):
            self._write()

    def _write_patiently(self) -> None:
        try:
            self._write()
        except Unavailable as error:
            LOGGER.warning("journal: %s. Its entries are kept until they can be written.", error)
            self._news.set()
            self._closing.wait(RETRY_EVERY)

    def _write(self) -> None:
        entries = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not entries:
            return
        try:
            self._insert(entries)
        except Unavailable:
            self._waiting.extendleft(reversed(entries))
            raise

    def _insert(self, entries: list[Mapping[str, Any]]) -> None:
        oldest = select(func.max(log.c.serial) - self._capacity).scalar_subquery()
        with self._database.writing() as connection:
            connection.execute(insert(log), [{"entry": entry} for entry in entries])
            connection.execute(delete(log).where(log.c.serial <= oldest))

    def _page(self, which: ColumnElement[bool]) -> list[tuple[int, Mapping[str, Any]]]:
        page = select(log.c.serial, log.c.entry).where(which).order_by(log.c.serial.desc()).limit(PAGE)
        with self._database.reading() as connection:
            return [(number, entry) for number, entry in connection.execute(page)]
