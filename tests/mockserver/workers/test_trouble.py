"""When the database cannot answer: the vendor's own 503 and a line in the log, and no restart to get over it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from sqlalchemy import make_url

from mockserver.app import Mock, Settings, build
from specs import systems
from tests.mockserver.workers.conftest import Serve
from tests.mockserver.workers.process import MockProcess, until

VANISHED = "unable to open database file"


@pytest.fixture
def database(sqlite_url: str) -> Path:
    return Path(str(make_url(sqlite_url).database))


@pytest.fixture
def mock(serve: Serve, sqlite_url: str) -> MockProcess:
    return serve("--state", f"{sqlite_url}?timeout=0.1", "--workers", "2", "--clock", "virtual")


def cancel(mock: MockProcess, job: str) -> int:
    return mock.call("POST", f"/example/v1/jobs/{job}/cancel").status_code


def read(mock: MockProcess, job: str) -> Any:
    return mock.call("GET", f"/example/v1/jobs/{job}").json().get("status")


def test_locked_database_refuses_cancels_and_serves_reads(mock: MockProcess, database: Path) -> None:
    job = mock.place("PRINTING")
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    refused = mock.call("POST", f"/example/v1/jobs/{job}/cancel")

    assert (refused.status_code, refused.json()["problem"]["code"]) == (503, "out_of_order")
    assert read(mock, job) == "PRINTING"
    other.execute("ROLLBACK")
    other.close()
    assert (cancel(mock, job), read(mock, job)) == (200, "CANCELLING")
    assert f"POST /example/v1/jobs/{job}/cancel: no state: database is locked" in mock.said()
    assert "Traceback" not in mock.said()


def test_database_that_vanished_is_used_again_when_it_is_back(mock: MockProcess, database: Path) -> None:
    job = mock.place("PRINTING")
    away = database.rename(database.with_suffix(".away"))

    assert [cancel(mock, job) for _ in range(5)] == [503] * 5
    assert mock.call("GET", "/__mock__/health").status_code == 503

    away.rename(database)
    assert read(mock, job) == "PRINTING"
    assert cancel(mock, job) == 200
    assert mock.call("GET", "/__mock__/health").status_code == 200
    assert VANISHED in mock.said()


def test_worker_that_crashes_while_the_database_is_away_is_replaced_when_it_is_back(
    mock: MockProcess, database: Path
) -> None:
    away = database.rename(database.with_suffix(".away"))
    mock.workers()[0].kill()
    until(lambda: "ended with 2 and is replaced" in mock.said())
    assert not database.exists()

    away.rename(database)

    until(lambda: len(mock.workers()) == 2 and mock.call("GET", "/example/v1/jobs").status_code == 200)


def test_postgresql_that_was_stopped_is_used_again_when_it_is_back(
    serve: Serve, postgresql_server: Any, postgresql_url: str
) -> None:
    mock = serve("--state", postgresql_url, "--workers", "2", "--clock", "virtual")
    job = mock.place("PRINTING")
    postgresql_server.stop()

    try:
        refused = [cancel(mock, job) for _ in range(5)]
    finally:
        postgresql_server.ensure_postgres_running()

    assert refused == [503] * 5
    assert (cancel(mock, job), read(mock, job)) == (200, "CANCELLING")
    assert "Traceback" not in mock.said()


@pytest.fixture(params=systems())
def alone(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Mock]:
    """A mock of one system, in this process."""
    mock = build(Settings(systems=(request.param,), state=sqlite_url))
    yield mock
    mock.close()


def test_every_vendor_says_it_in_its_own_envelope(alone: Mock, database: Path) -> None:
    [site] = alone.sites.values()
    database.rename(database.with_suffix(".away"))

    answer = asyncio.run(ask(alone, f"{site.spec.base_path}/anything"))

    assert answer.status_code == 503
    assert answer.headers["X-Mockserver"]
    envelope = {
        "$ref": f"#/components/schemas/{site.spec.error.schema}",
        "components": site.spec.document["components"],
    }
    if answer.headers["content-type"].startswith("application/json"):
        jsonschema.Draft4Validator(envelope).validate(answer.json())


async def ask(mock: Mock, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(mock.asgi), base_url="http://localhost") as client:
        return await client.get(path)
