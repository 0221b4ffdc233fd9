"""Connections to SQLite and PostgreSQL: how to read, how to write, and what it means when neither is possible."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from json import dumps
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Executable, create_engine, event, exc

from mockserver.state import Conflict, Unavailable

PATIENCE = 5.0  # seconds to wait for a lock or a free connection before saying Unavailable
CONNECT_PATIENCE = 3  # seconds to wait for a PostgreSQL server that does not answer at all
CONNECTIONS = 8  # per process and purpose; more requests than that wait their turn
LIMITS = f"-c lock_timeout={PATIENCE:.0f}s -c statement_timeout={2 * PATIENCE:.0f}s"
LOST_RACES = frozenset({"40001", "40P01"})  # PostgreSQL: serialization failure, deadlock
OUR_MISTAKES = (exc.DataError, exc.IntegrityError, exc.NotSupportedError)

compact = partial(dumps, separators=(",", ":"), allow_nan=False)


class Database:
    """One database, as one process sees it. Threads may share it; processes made by fork may not.

    `reader`: for single statements that change nothing.
    """

    def __init__(self, engine: Engine, reader: Engine, patience: float = PATIENCE) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._reader = reader
        self._turn = Lock()
        self._patience = patience

    @property
    def is_sqlite(self) -> bool:
        """Whether one file is all there is; otherwise it is PostgreSQL."""
        return self.dialect == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for single statements that change nothing, as a start makes them: it may turn out to be lost."""
        with translated(), self._reader.connect() as connection:
            yield connection

    def rows(self, query: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Sequence[Any]]:
        """What one statement finds. Asked again where the connection turns out to be lost: nobody tries it before."""
        with translated():
            try:
                return self._rows(query, parameters)
            except exc.DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                return self._rows(query, parameters)

    def _rows(self, query: Executable, parameters: Mapping[str, Any] | None) -> Sequence[Sequence[Any]]:
        with self._reader.connect() as connection:
            return connection.execute(query, parameters).all()

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """A connection in a transaction: kept when the block ends, undone when it raises.

        What is not `durable` outlives the process like everything else, but maybe not a power cut.
        """
        with translated(), self._one_at_a_time(), self.engine.begin() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver begins nothing by itself
            elif not durable:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """SQLite's writers poll for their turn. Only one thread of each process does; the others queue here."""
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=self._patience):
            raise Unavailable("database is locked")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._reader.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Say in the terms of `mockserver.state` what a database refused."""
    try:
        yield
    except OUR_MISTAKES:
        raise
    except exc.DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in LOST_RACES:
            raise Conflict(reason(error)) from error
        raise Unavailable(reason(error)) from error
    except exc.TimeoutError as error:
        raise Unavailable("every connection is busy") from error


def reason(error: exc.DBAPIError) -> str:
    """What the database itself said, on one line."""
    lines = str(error.orig).strip().splitlines()
    return lines[0].strip() if lines else type(error.orig).__name__


def sqlite_database(file: Path, patience: float = PATIENCE) -> Database:
    """The database in `file`. A file that is exchanged or removed under us is noticed by the next request."""
    address = f"file:{quote(str(file.absolute()))}?mode=rw"
    options: dict[str, Any] = {"uri": True, "timeout": patience, "isolation_level": None, "check_same_thread": False}
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        creator=lambda: sqlite3.connect(address, **options),
        json_serializer=compact,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=patience,
    )
    event.listen(engine, "connect", partial(_remember_file, file))
    event.listen(engine, "checkout", partial(_expect_same_file, file))
    return Database(engine, engine, patience)


def _remember_file(file: Path, connection: sqlite3.Connection, record: Any) -> None:
    record.info["file"] = _identity(file)


def _expect_same_file(file: Path, connection: object, record: Any, proxy: object) -> None:
    """A file that was deleted lives on for those who have it open: they would write into nothing."""
    if record.info["file"] != _identity(file):
        raise exc.DisconnectionError


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        facts = os.stat(file)  # noqa: PTH116 (Path.stat costs twice as much, on every request)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def postgresql_database(url: URL) -> Database:
    """The database at `url`. A server that went away and came back is noticed by the next request.

    Before something is written the connection is tried; a read that fails is made again.
    """
    settings: dict[str, Any] = {"connect_timeout": CONNECT_PATIENCE, **url.query}
    settings["options"] = f"{LIMITS} {url.query.get('options', '')}"  # what the user says comes last and wins
    connecting = partial(
        create_engine,
        url.set(drivername="postgresql+psycopg", query={}),
        connect_args=settings,
        json_serializer=compact,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE,
    )
    reader = connecting(isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
    return Database(connecting(pool_pre_ping=True), reader)
