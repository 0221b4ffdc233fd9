"""Bring a database to today's tables, or say why it is left alone. Any number of processes may try at once."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Event

from sqlalchemy import Connection, func, inspect, select, text

from mockserver.errors import UsageError
from mockserver.state import Unavailable
from mockserver.state.database import Database
from mockserver.state.schema import VERSION, VERSION_TABLE

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 0x636F756E746572  # PostgreSQL advisory lock: one process migrates, the others wait ("counter" in ASCII)
WAL_TRIES, WAL_PAUSE = 100, 0.05  # seconds between tries


def bring_up_to_date(database: Database, name: str) -> None:
    """Create or migrate the tables. `name` is how messages call the database.

    Nothing is written to a database that another program or a newer version of this one made.
    """
    with database.reading() as connection:
        found = stored_version(connection)
        if found is None and database.is_sqlite:
            refuse_foreign_tables(connection, name)
    if found is not None and found != VERSION and not is_older(found):
        raise UsageError(
            f"--state {name}: its schema has version {found}, and this mockserver knows no newer one than {VERSION}. "
            "Nothing was changed. Install the version of countermand that made it, or name another database."
        )
    if found != VERSION:
        upgrade(database)
    if database.is_sqlite:
        keep_wal(database)


def stored_version(connection: Connection) -> str | None:
    """The version of the tables, or None where there are none of ours."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return version


def refuse_foreign_tables(connection: Connection, name: str) -> None:
    """A file is ours alone; one with other tables was named by mistake."""
    if others := inspect(connection).get_table_names():
        raise UsageError(
            f"--state {name}: the file holds another program's tables ({', '.join(others[:3])}). "
            "Nothing was changed. Name a new file."
        )


def keep_wal(database: Database) -> None:
    """Let readers go on while one writes. The file remembers. Switching waits for nobody: tried until it works."""
    for _ in range(WAL_TRIES):
        with suppress(Unavailable), database.reading() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            return
        Event().wait(WAL_PAUSE)
    raise Unavailable("database is locked")


def is_older(version: str) -> bool:
    """Whether there is a way from `version` to today's."""
    return version.isdecimal() and int(version) < int(VERSION)


def upgrade(database: Database) -> None:
    """Take every missing step, unless another process took them while this one waited for its turn."""
    from alembic import command  # not needed by most starts, and slow to import: never while holding the lock
    from alembic.config import Config

    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        if stored_version(connection) == VERSION:
            return
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        command.upgrade(config, "head")
