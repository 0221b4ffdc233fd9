"""From `--state URL` to a storage, or to one line that says what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.errors import UsageError
from mockserver.state import Storage, Unavailable
from mockserver.state.memory import MemoryStorage

if TYPE_CHECKING:
    from sqlalchemy import URL

    from mockserver.state.database import Database

FORMS = "`memory:`, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`"


def open_storage(url: str, *, create: bool = True) -> Storage:
    """The storage at `url`, its tables brought up to date. UsageError says in a line why that cannot be had.

    Without `create`, a file that is missing is not made: who expects a state must not start on an empty one.
    """
    if url == "memory:":
        return MemoryStorage()
    return _open_database(url, create)


def outlives_process(url: str) -> bool:
    """Whether what is stored there is shared with other processes and later ones."""
    return url != "memory:"


def _open_database(url: str, create: bool) -> Storage:
    from mockserver.state.migrating import bring_up_to_date  # SQLAlchemy stays out of a mock in memory
    from mockserver.state.sql import SqlStorage

    parsed = _parse(url)
    name = parsed.render_as_string(hide_password=True)
    database = _sqlite(parsed, name, create) if parsed.drivername == "sqlite" else _postgresql(parsed, name)
    try:
        bring_up_to_date(database, name)
    except Unavailable as unavailable:
        database.close()
        raise UsageError(f"--state {name}: {unavailable}.") from unavailable
    except UsageError:
        database.close()
        raise
    return SqlStorage(database)


def _parse(url: str) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError(f"--state: not a storage's address. Expected {FORMS}.") from None
    if parsed.drivername not in ("sqlite", "postgresql"):
        raise UsageError(f"--state: unknown scheme `{parsed.drivername}`. Expected {FORMS}.")
    return parsed


def _sqlite(url: URL, name: str, create: bool) -> Database:
    from mockserver.state.database import PATIENCE, sqlite_database

    if url.host or not url.database or url.database == ":memory:":
        raise UsageError(f"--state {name}: no file is named. Write `sqlite:///FILE`, or `memory:` for none.")
    file = Path(url.database)
    if not file.parent.is_dir():
        raise UsageError(f"--state {name}: there is no directory {file.parent}. Make it, or name a file elsewhere.")
    if file.is_dir():
        raise UsageError(f"--state {name}: {file} is a directory. Name a file in it.")
    patience = _patience(url, PATIENCE, name)
    if create:
        file.touch()
    return sqlite_database(file, patience)


def _patience(url: URL, default: float, name: str) -> float:
    unknown = set(url.query) - {"timeout"}
    try:
        seconds = float(str(url.query.get("timeout", default)))
    except ValueError:
        unknown = {"timeout"}
    if unknown:
        raise UsageError(f"--state {name}: cannot use `{min(unknown)}`. Only `?timeout=SECONDS` may follow the file.")
    return seconds


def _postgresql(url: URL, name: str) -> Database:
    from mockserver.state.database import postgresql_database

    try:
        return postgresql_database(url)
    except ImportError:
        raise UsageError(
            f"--state {name}: the PostgreSQL driver is missing. Run `pip install 'countermand[postgresql]'`."
        ) from None
