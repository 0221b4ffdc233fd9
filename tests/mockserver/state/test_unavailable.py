"""A database that cannot answer says so, changes nothing, and is used again as soon as it can."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mockserver.state import Insert, Record, Replace, Storage, Store, Unavailable
from mockserver.state.opening import open_storage

JOB = Record("job", "1", "ours", {"state": "RUNNING"})
BIG = {"text": "x" * 2_000_000}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mock.db"


@pytest.fixture
def sqlite_storage(sqlite_url: str) -> Iterator[Storage]:
    storage = open_storage(f"{sqlite_url}?timeout=0.1")
    storage.store("vendor").commit(Insert(JOB))
    yield storage
    storage.close()


@pytest.fixture
def postgresql_storage(postgresql_url: str) -> Iterator[Storage]:
    storage = open_storage(f"{postgresql_url}%20-clock_timeout%3D100ms")
    storage.store("vendor").commit(Insert(JOB))
    yield storage
    storage.close()


def cancel(store: Store, data: dict[str, Any] | None = None) -> None:
    read = store.get("job", "1")
    assert read is not None
    store.commit(Replace(read.holding(data or {"state": "CANCELED"})))


def assert_refused(store: Store, reason: str, action: Callable[[Store], object] = cancel) -> None:
    with pytest.raises(Unavailable, match=reason):
        action(store)


def assert_running_then_cancels(store: Store) -> None:
    found = store.get("job", "1")
    assert found is not None
    assert found.data == {"state": "RUNNING"}
    cancel(store)
    assert [record.data for record in store.find("job")] == [{"state": "CANCELED"}]


def test_locked_file_can_be_read_but_not_changed(sqlite_storage: Storage, file: Path) -> None:
    store = sqlite_storage.store("vendor")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert_refused(store, "database is locked")
    assert store.count("job") == 1

    other.execute("ROLLBACK")
    other.close()
    assert_running_then_cancels(store)


def test_full_disk_refuses_changes_until_there_is_room(sqlite_storage: Storage) -> None:
    store = sqlite_storage.store("vendor")
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, unlimited[1]))

    try:
        assert_refused(store, "disk|full", lambda store: cancel(store, BIG))
        assert store.count("job") == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)

    assert_running_then_cancels(store)


def test_file_that_was_made_read_only_can_be_read_but_not_changed(sqlite_storage: Storage, file: Path) -> None:
    store = sqlite_storage.store("vendor")
    sqlite_storage.close()  # a connection keeps the rights it was opened with
    frozen = subprocess.run(["chattr", "+i", str(file)], capture_output=True)
    if frozen.returncode:
        file.chmod(0o444)
        file.parent.chmod(0o555)

    try:
        assert_refused(store, "readonly")
    finally:
        subprocess.run(["chattr", "-i", str(file)], capture_output=True)
        file.parent.chmod(0o755)
        file.chmod(0o644)

    sqlite_storage.close()
    assert_running_then_cancels(store)


def test_file_that_vanished_is_used_again_when_it_is_back(sqlite_storage: Storage, file: Path) -> None:
    store = sqlite_storage.store("vendor")
    sqlite3.connect(file).execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
    content = file.read_bytes()
    for part in file.parent.iterdir():
        part.unlink()

    assert_refused(store, "unable to open database file")
    assert_refused(store, "unable to open database file", lambda store: store.get("job", "1"))
    assert not file.exists()

    file.write_bytes(content)
    assert_running_then_cancels(store)


def test_file_that_was_exchanged_for_an_empty_one_is_refused_and_left_empty(
    sqlite_storage: Storage, file: Path
) -> None:
    store = sqlite_storage.store("vendor")
    for part in file.parent.iterdir():
        part.unlink()
    file.touch()

    assert_refused(store, "no such table")
    assert_refused(store, "no such table", lambda store: store.get("job", "1"))


def test_row_locked_by_someone_else_can_be_read_but_not_changed(
    postgresql_storage: Storage, postgresql_url: str
) -> None:
    store = postgresql_storage.store("vendor")
    with psycopg.connect(postgresql_url) as other:
        other.execute("SELECT 1 FROM mockserver_records FOR UPDATE")

        assert_refused(store, "lock timeout")
        assert store.count("job") == 1

    assert_running_then_cancels(store)


def test_read_only_server_can_be_read_but_not_changed(postgresql_storage: Storage, postgresql_url: str) -> None:
    store = postgresql_storage.store("vendor")
    postgresql_storage.close()
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute("ALTER ROLE postgres SET default_transaction_read_only = on")

    assert_refused(store, "read-only transaction")
    assert store.count("job") == 1

    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute("SET default_transaction_read_only = off")
        server.execute("ALTER ROLE postgres RESET default_transaction_read_only")
    postgresql_storage.close()
    assert_running_then_cancels(store)


def test_connections_that_the_server_closed_are_made_anew(postgresql_storage: Storage, postgresql_url: str) -> None:
    store = postgresql_storage.store("vendor")
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    assert_running_then_cancels(store)


def test_server_that_was_stopped_is_used_again_when_it_is_back(
    postgresql_storage: Storage, postgresql_server: Any
) -> None:
    store = postgresql_storage.store("vendor")
    postgresql_server.stop()

    try:
        assert_refused(store, "connection")
        assert_refused(store, "connection", lambda store: store.get("job", "1"))
    finally:
        postgresql_server.ensure_postgres_running()

    assert_running_then_cancels(store)


def test_table_that_was_dropped_is_unavailable(postgresql_storage: Storage, postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url) as server:
        server.execute("DROP TABLE mockserver_records")

    assert_refused(postgresql_storage.store("vendor"), "does not exist")
