"""Mixed load with faults on, for long: every answer can be explained, and no process grows."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import psutil
import pytest

from specs import load
from specs.lifecycle import walkable
from tests.mockserver.workers.conftest import Serve
from tests.mockserver.workers.load import Answer, Client, Lost
from tests.mockserver.workers.process import MockProcess

CLIENTS = 24
WORKERS = 3
FAULTS = [
    {"kind": "latency", "seconds": 0.02, "sigma": 0.5, "probability": 0.05},
    {"kind": "server_error", "probability": 0.04},
    {"kind": "rate_limit", "probability": 0.04},
    {"kind": "proxy_error", "status": 502, "probability": 0.02},
    {"kind": "drop_before", "probability": 0.02},
    {"kind": "drop_after", "probability": 0.03},
    {"kind": "truncated_body", "probability": 0.02},
]
TROUBLE = {429, 502, 503}  # what the faults above answer
SPEC = load("example")
LIFECYCLE = SPEC.cancellable
OF_ONE_PROCESS = {"megabytes": 24, "descriptors": 8, "threads": 8}  # what may come and go
REMEMBERED = 20  # jobs a client has to do with at once


@dataclass
class Job:
    """A job as one client saw it."""

    id: str
    seen: list[str] = field(default_factory=list)


@dataclass
class User:
    """One client with jobs of its own. What it cannot explain, it notes."""

    client: Client
    chance: random.Random
    jobs: list[Job] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    unexplained: list[object] = field(default_factory=list)

    async def act(self) -> None:
        """Do something, as likely as people do."""
        actions: list[Callable[[], Awaitable[None]]] = [
            self._order,
            self._read,
            self._cancel,
            self._list,
            self._advance,
        ]
        with suppress(Lost):
            await self.chance.choices(actions, [3, 5, 3, 2, 0.2])[0]()

    async def _order(self) -> None:
        answer = await self._note(self.client.order(), {201})
        if answer:
            self.jobs = [*self.jobs[-REMEMBERED:], Job(answer.body["id"], [answer.body["status"]])]

    async def _read(self) -> None:
        if self.jobs:
            job = self.chance.choice(self.jobs)
            await self._see(job, self.client.read(job.id), {200})

    async def _cancel(self) -> None:
        if self.jobs:
            job = self.chance.choice(self.jobs)
            await self._see(job, self.client.cancel(job.id), {200, 409})

    async def _list(self) -> None:
        answer = await self._note(self.client.ask("GET", "/example/v1/jobs"), {200})
        shown = {each["id"]: each["status"] for each in answer.body["items"]} if answer else {}
        for job in self.jobs:
            if job.id in shown:
                self._add(job, shown[job.id])

    async def _advance(self) -> None:
        await self._note(self.client.ask("POST", "/__mock__/clock/advance", {"seconds": 5}), {200})

    async def _see(self, job: Job, asked: Awaitable[Answer], expected: set[int]) -> None:
        answer = await self._note(asked, expected)
        if answer and answer.status == 200:
            self._add(job, answer.body["status"])

    def _add(self, job: Job, state: str) -> None:
        job.seen.append(state)
        if not walkable(SPEC, LIFECYCLE, job.seen):
            self.unexplained.append(job)

    async def _note(self, asked: Awaitable[Answer], expected: set[int]) -> Answer | None:
        """The answer, if it is no trouble that was asked for."""
        answer = await asked
        self.answers[answer.status] += 1
        if answer.status in expected:
            return answer
        if answer.status not in TROUBLE:
            self.unexplained.append(answer)
        return None


def sizes(mock: MockProcess) -> dict[str, float]:
    """The largest of all processes."""
    tree = [psutil.Process(mock.pid), *mock.workers()]
    return {
        "megabytes": max(each.memory_info().rss for each in tree) / 1e6,
        "descriptors": max(each.num_fds() for each in tree),
        "threads": max(each.num_threads() for each in tree),
    }


async def live(mock: MockProcess, seconds: float) -> tuple[list[User], dict[str, float]]:
    """All users, and how large the mock was when it had warmed up."""
    begun, warm = monotonic(), 0.2 * seconds
    users = [User(Client(mock.port), random.Random(n)) for n in range(CLIENTS)]

    async def act_until(user: User, end: float) -> None:
        async with user.client:
            while monotonic() < end:
                await user.act()

    await asyncio.gather(*(act_until(user, begun + warm) for user in users))
    before = sizes(mock)
    await asyncio.gather(*(act_until(user, begun + seconds) for user in users))
    return users, before


@pytest.mark.parametrize("seconds", [6.0, pytest.param(600.0, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])])
def test_mixed_load_is_explained_and_nothing_grows(serve: Serve, shared_url: str, seconds: float) -> None:
    mock = serve("--state", shared_url, "--workers", str(WORKERS), "--clock", "virtual")
    workers = {worker.pid for worker in mock.workers()}
    mock.control("PUT", "/faults", json={"faults": FAULTS})

    users, before = asyncio.run(live(mock, seconds))

    after: dict[str, Any] = sizes(mock)
    answers = sum((user.answers for user in users), Counter())
    assert [each for user in users for each in user.unexplained] == []
    assert {200, 201, 409, *TROUBLE} <= set(answers)
    assert {
        name: after[name] - before[name] for name in after if after[name] - before[name] > OF_ONE_PROCESS[name]
    } == {}
    assert {worker.pid for worker in mock.workers()} == workers
    assert mock.stop() == 0
    assert "Traceback" not in mock.said()
