"""Records in SQLite or PostgreSQL: they outlive the process, and any number of processes may share them.

A transition is one `UPDATE ... WHERE version = ...`, so the database decides who wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mockserver.state import Change, Conflict, Insert, Record, Replace
from mockserver.state.database import Database
from mockserver.state.schema import records, starts
from mockserver.state.sqllog import SqlLog

SELF = "_storage"  # the system under which a storage keeps what it must know of itself
CONTENT = Record("content", "content", "", {})  # there is one: the storage was given its first content

FIELDS = (records.c.kind, records.c.id, records.c.scope, records.c.data, records.c.version, records.c.serial)
AT_KEY = (
    records.c.system == bindparam("at_system"),
    records.c.kind == bindparam("at_kind"),
    records.c.id == bindparam("at_id"),
)
AS_READ = (*AT_KEY, records.c.version == bindparam("at_version"), records.c.serial == bindparam("at_serial"))

GET = select(*FIELDS).where(*AT_KEY)
REPLACE = update(records).where(*AS_READ).values(version=records.c.version + 1, data=bindparam("new_data"))
DELETE = delete(records).where(*AS_READ)
INSERTS = {
    name: dialect.insert(records).on_conflict_do_nothing().returning(records.c.serial)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


class SqlStore:
    """One system's records."""

    def __init__(self, database: Database, system: str) -> None:
        self._database = database
        self._system = system

    def get(self, kind: str, id: str) -> Record | None:
        """The record, or None."""
        if not storable(id):
            return None
        found = self._database.rows(GET, {"at_system": self._system, "at_kind": kind, "at_id": id})
        return record_of(found[0]) if found else None

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
        order = records.c.serial.desc() if newest_first else records.c.serial
        page = self._within(select(*FIELDS), kind, scope).order_by(order).offset(offset or None).limit(limit)
        return [record_of(row) for row in self._rows(page, scope)]

    def count(self, kind: str, scope: str | None = None) -> int:
        """How many there are."""
        rows = self._rows(self._within(select(func.count()).select_from(records), kind, scope), scope)
        return int(rows[0][0]) if rows else 0

    def _within(self, query: Select[Any], kind: str, scope: str | None) -> Select[Any]:
        query = query.where(records.c.system == self._system, records.c.kind == kind)
        return query if scope is None else query.where(records.c.scope == scope)

    def _rows(self, query: Select[Any], scope: str | None) -> Sequence[Sequence[Any]]:
        return self._database.rows(query) if storable(scope or "") else []

    def commit(self, *changes: Change) -> None:
        """Apply all changes, or none and raise Conflict."""
        with self._database.writing() as connection:
            for change in sorted(changes, key=in_turn):
                self._apply(connection, change)

    def _apply(self, connection: Connection, change: Change) -> None:
        record = change.record
        if isinstance(change, Insert):
            statement = INSERTS[self._database.dialect]
            done = connection.execute(statement, row_of(self._system, record)).first() is not None
        elif isinstance(change, Replace):
            done = connection.execute(REPLACE, self._as_read(record) | {"new_data": record.data}).rowcount == 1
        else:
            done = connection.execute(DELETE, self._as_read(record)).rowcount == 1
        if not done:
            raise Conflict(f"{record.kind} {record.id}")

    def _as_read(self, record: Record) -> dict[str, Any]:
        return {
            "at_system": self._system,
            "at_kind": record.kind,
            "at_id": record.id,
            "at_version": record.version,
            "at_serial": record.serial,
        }


class SqlStorage:
    """The stores of all systems, in one database."""

    blocking = True

    def __init__(self, database: Database) -> None:
        self._database = database
        self._logs: list[SqlLog] = []

    def store(self, system: str) -> SqlStore:
        """The store of one system."""
        return SqlStore(self._database, system)

    def start_with(self, content: Mapping[str, Iterable[Record]], *, afresh: bool) -> bool:
        """Make `content` all there is, in one transaction; unless `afresh`, only where there never was any."""
        rows = [row_of(system, record) for system, shelf in content.items() for record in shelf]
        with self._database.writing() as connection:
            if afresh:
                connection.execute(delete(records))
            mark = INSERTS[self._database.dialect]
            if connection.execute(mark, row_of(SELF, CONTENT)).first() is None:
                return False
            if rows:
                connection.execute(insert(records), rows)
        return True

    def start_number(self) -> int:
        """0 for the first to ask, and a greater one every time."""
        with self._database.writing() as connection:
            number = connection.execute(insert(starts).values().returning(starts.c.number)).scalar_one()
            connection.execute(delete(starts).where(starts.c.number < number))
        return int(number) - 1

    def log(self, capacity: int) -> SqlLog:
        """The log that all processes share."""
        log = SqlLog(self._database, capacity)
        self._logs.append(log)
        return log

    def close(self) -> None:
        """Write what is left to write, and close every connection."""
        for log in self._logs:
            log.close()
        self._database.close()


def in_turn(change: Change) -> tuple[bool, str, str]:
    """Stored records first, in an order that is everybody's: so two commits never wait for each other."""
    if isinstance(change, Insert):
        return True, "", ""
    return False, change.record.kind, change.record.id


def record_of(row: Sequence[Any]) -> Record:
    """The record that a row of FIELDS holds."""
    kind, id, scope, data, version, serial = row
    return Record(kind, id, scope, data, version, serial)


def row_of(system: str, record: Record) -> dict[str, Any]:
    """The row a new record becomes."""
    if not storable(record.id) or not storable(record.scope):
        raise ValueError(
            f"{record.kind} {record.id!r} in {record.scope!r}: no database keeps NUL or lone surrogates in a key"
        )
    return {
        "system": system,
        "kind": record.kind,
        "id": record.id,
        "scope": record.scope,
        "version": 1,
        "data": record.data,
    }


def storable(text: str) -> bool:
    """Whether both databases could hold `text`; one they cannot hold is one they do not have."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
