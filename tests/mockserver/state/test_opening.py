"""What `--state URL` makes of every address: a storage, or one line for people and nothing changed."""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from mockserver.errors import UsageError
from mockserver.state import Insert, Record
from mockserver.state.memory import MemoryStorage
from mockserver.state.opening import open_storage

JOB = Record("job", "1", "ours", {"state": "RUNNING"})


def refusal(url: str) -> str:
    with pytest.raises(UsageError) as caught:
        open_storage(url)
    return str(caught.value)


def fingerprint(directory: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in directory.iterdir() if file.is_file()}


def test_memory_is_not_blocking_and_starts_empty() -> None:
    storage = open_storage("memory:")

    assert isinstance(storage, MemoryStorage)
    assert not storage.blocking


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "--state: not a storage's address. Expected `memory:`, `sqlite:///FILE` or "),
        ("mock.db", "--state: not a storage's address. Expected `memory:`, `sqlite:///FILE` or "),
        ("postgresql://host:port/name", "--state: not a storage's address. Expected "),
        ("mysql://localhost/mock", "--state: unknown scheme `mysql`. Expected `memory:`, `sqlite:///FILE` or "),
        ("memory://", "--state: unknown scheme `memory`. Expected `memory:`, "),
        ("sqlite://", "--state sqlite://: no file is named. Write `sqlite:///FILE`, or `memory:` for none."),
        ("sqlite:///:memory:", "--state sqlite:///%3Amemory%3A: no file is named. Write "),
        ("sqlite://mock.db", "--state sqlite://mock.db: no file is named. Write "),
        ("sqlite:///absent/mock.db", "--state sqlite:///absent/mock.db: there is no directory absent. Make it, or "),
        ("sqlite:///.", "--state sqlite:///.: . is a directory. Name a file in it."),
        ("sqlite:///mock.db?timeout=soon", "--state sqlite:///mock.db?timeout=soon: cannot use `timeout`. Only "),
        ("sqlite:///mock.db?mode=ro", "--state sqlite:///mock.db?mode=ro: cannot use `mode`. Only "),
    ],
)
def test_address_that_names_no_storage_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)

    said = refusal(url)

    assert said.startswith(message)
    assert "\n" not in said
    assert list(tmp_path.iterdir()) == []


def test_postgresql_that_nobody_serves_is_refused_without_its_password() -> None:
    said = refusal("postgresql://user:hunter2@127.0.0.1:1/mock")

    assert said.startswith("--state postgresql://user:***@127.0.0.1:1/mock: ")
    assert "refused" in said
    assert "hunter2" not in said
    assert "\n" not in said


def test_postgresql_database_that_does_not_exist_is_refused(postgresql_url: str) -> None:
    said = refusal(postgresql_url.replace("/postgres?", "/absent?"))

    assert 'database "absent" does not exist' in said


def test_postgresql_without_its_driver_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    assert "driver is missing. Run `pip install 'countermand[postgresql]'`." in refusal("postgresql://127.0.0.1/mock")


def test_file_that_is_no_database_is_refused_and_kept(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "mock.db").write_text("dear diary, " * 100)
    before = fingerprint(tmp_path)

    assert refusal(sqlite_url) == f"--state {sqlite_url}: file is not a database."

    assert fingerprint(tmp_path) == before


def test_file_of_another_program_is_refused_and_kept(tmp_path: Path, sqlite_url: str) -> None:
    connection = sqlite3.connect(tmp_path / "mock.db")
    connection.execute("CREATE TABLE moz_places (url TEXT)")
    connection.close()
    before = fingerprint(tmp_path)

    assert "another program's tables (moz_places). Nothing was changed." in refusal(sqlite_url)

    assert fingerprint(tmp_path) == before


def set_version(url: str, version: str) -> None:
    statement = f"UPDATE mockserver_version SET version_num = '{version}'"
    if url.startswith("sqlite"):
        connection = sqlite3.connect(str(make_url(url).database))
        connection.execute(statement)
        connection.commit()
        connection.close()
        return
    with psycopg.connect(url) as server:
        server.execute(statement)


@pytest.mark.parametrize("version", ["9999", "not of ours"])
def test_newer_schema_is_refused_and_kept(shared_url: str, tmp_path: Path, version: str) -> None:
    storage = open_storage(shared_url)
    storage.store("vendor").commit(Insert(JOB))
    storage.close()
    set_version(shared_url, version)
    before = fingerprint(tmp_path)

    said = refusal(shared_url)

    assert f"its schema has version {version}, and this mockserver knows no newer one than 0001. Nothing was" in said
    assert fingerprint(tmp_path) == before
    set_version(shared_url, "0001")
    storage = open_storage(shared_url)
    assert [record.id for record in storage.store("vendor").find("job")] == ["1"]
    storage.close()


def test_database_opened_again_has_its_content_and_other_numbers(shared_url: str) -> None:
    first = open_storage(shared_url)
    first.start_with({"vendor": [JOB]}, afresh=False)
    number = first.start_number()
    first.close()

    second = open_storage(shared_url)

    assert second.blocking
    assert not second.start_with({}, afresh=False)
    assert [record.data for record in second.store("vendor").find("job")] == [JOB.data]
    assert second.start_number() > number
    second.close()


def test_sqlite_file_is_in_wal_mode(tmp_path: Path, sqlite_url: str) -> None:
    open_storage(sqlite_url).close()

    connection = sqlite3.connect(tmp_path / "mock.db")
    mode = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()

    assert mode == ("wal",)


def test_sqlite_file_with_spaces_and_signs_in_its_name_is_opened(tmp_path: Path) -> None:
    open_storage(f"sqlite:///{tmp_path}/my mock%3F#1.db").close()

    assert "my mock?#1.db" in [file.name for file in tmp_path.iterdir()]
