"""`kill -9` at random points under load: what was answered is there after a restart, and nothing is half done."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import pytest
from sqlalchemy import create_engine, make_url, select

from mockserver.state.schema import records
from tests.mockserver.workers.conftest import Serve
from tests.mockserver.workers.load import Client, Lost
from tests.mockserver.workers.process import PATIENCE, MockProcess

CLIENTS = 12
WORKERS = 4
ANSWERS_BETWEEN_KILLS = (1, 60)


@dataclass
class Ledger:
    """What the clients were told, and what they must not have been told."""

    ordered: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    undecided: set[str] = field(default_factory=set)  # a cancel was sent and its answer lost
    lost_orders: int = 0
    answers: int = 0
    unexplained: list[object] = field(default_factory=list)


@dataclass
class Crash:
    """A mock under load, and who kills it."""

    mock: MockProcess
    kills: int
    chance: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    over: bool = False

    async def run(self) -> None:
        """Load and kill until all kills are done."""
        self.up = asyncio.Event()
        self.up.set()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(CLIENTS):
                tasks.create_task(self._live())
            await self._kill_on()
            self.over = True

    async def _live(self) -> None:
        """Order a job, sometimes cancel it, and so on; what was lost while cancelling is tried again."""
        async with Client(self.mock.port) as client:
            while not self.over:
                await self.up.wait()
                with suppress(Lost):
                    await self._order_and_cancel(client)

    async def _order_and_cancel(self, client: Client) -> None:
        job = await self._order(client)
        if self.chance.random() < 0.3:
            return
        self.ledger.undecided.add(job)
        try:
            await self._cancel(client, job, (200,))
        except Lost:
            await self.up.wait()
            await self._cancel(client, job, (200, 409))

    async def _order(self, client: Client) -> str:
        try:
            answer = await client.order()
        except Lost:
            self.ledger.lost_orders += 1
            raise
        self._count(answer, (201,))
        job: str = answer.body["id"]
        self.ledger.ordered.add(job)
        return job

    async def _cancel(self, client: Client, job: str, expected: tuple[int, ...]) -> None:
        answer = await client.cancel(job)
        self._count(answer, expected)
        self.ledger.undecided.discard(job)
        self.ledger.cancelled.add(job)

    def _count(self, answer: object, expected: tuple[int, ...]) -> None:
        self.ledger.answers += 1
        if getattr(answer, "status", None) not in expected:
            self.ledger.unexplained.append(answer)

    async def _kill_on(self) -> None:
        for _ in range(self.kills):
            goal = self.ledger.answers + self.chance.randint(*ANSWERS_BETWEEN_KILLS)
            while self.ledger.answers < goal:
                await asyncio.sleep(0.001)
            await self.chance.choices([self._kill_worker, self._kill_parent, self._kill_all], [8, 1, 1])[0]()

    async def _kill_worker(self) -> None:
        if workers := self.mock.workers():
            with suppress(psutil.NoSuchProcess):
                self.chance.choice(workers).kill()

    async def _kill_parent(self) -> None:
        await self._start_again(self.mock.kill_parent)

    async def _kill_all(self) -> None:
        await self._start_again(self.mock.end)

    async def _start_again(self, kill: Callable[[], None]) -> None:
        self.up.clear()
        workers = self.mock.workers()
        kill()
        await asyncio.to_thread(psutil.wait_procs, workers, PATIENCE)
        await asyncio.to_thread(self.mock.start, self.mock.port)
        assert self.mock.url, self.mock.said()
        self.up.set()


def stored(url: str) -> dict[str, int]:
    """How often each job was written."""
    engine = create_engine(make_url(url))
    with engine.connect() as connection:
        query = select(records.c.id, records.c.version).where(records.c.system == "example")
        rows = connection.execute(query).all()
    engine.dispose()
    return dict(rows)


def states(mock: MockProcess) -> dict[str, str]:
    """What each job shows."""
    return {each["id"]: each["state"] for each in mock.control("GET", "/resources/example")["resources"]}


@pytest.mark.parametrize("kills", [10, pytest.param(300, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_killed_processes_lose_nothing_that_was_answered(serve: Serve, shared_url: str, kills: int) -> None:
    options = ("--state", shared_url, "--workers", str(WORKERS), "--clock", "virtual", "--scenario", "empty")
    crash = Crash(serve(*options), kills, random.Random(kills))

    asyncio.run(crash.run())

    crash.mock.end()
    ledger, rows = crash.ledger, stored(shared_url)
    shown = states(serve(*options))
    assert ledger.unexplained == []
    assert len(ledger.cancelled) > kills
    assert ledger.ordered <= set(shown) == set(rows)
    assert len(set(shown) - ledger.ordered) <= ledger.lost_orders
    assert {shown[job] for job in ledger.cancelled} == {"CANCELLED"}
    assert {shown[job] for job in set(shown) - ledger.cancelled - ledger.undecided} <= {"QUEUED"}
    assert {(shown[job], rows[job]) for job in rows} <= {("QUEUED", 1), ("CANCELLED", 2)}


def test_sqlite_file_is_whole_after_a_kill_in_the_middle_of_everything(serve: Serve, sqlite_url: str) -> None:
    mock = serve("--state", sqlite_url, "--workers", "2", "--clock", "virtual", "--scenario", "empty")
    asyncio.run(Crash(mock, 1, random.Random(0)).run())

    mock.end()

    connection = sqlite3.connect(str(make_url(sqlite_url).database))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
