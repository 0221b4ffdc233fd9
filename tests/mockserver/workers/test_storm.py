"""Many clients cancel every job at the same moment: one of them does it, and all the others are told so."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from sqlalchemy import create_engine, make_url, select

from mockserver.state.schema import records
from tests.mockserver.workers.conftest import Serve
from tests.mockserver.workers.load import Answer, Client, at_once
from tests.mockserver.workers.process import MockProcess

CLIENTS = 64
WORKERS = 4


@pytest.fixture
def mock(serve: Serve, shared_url: str) -> MockProcess:
    return serve("--state", shared_url, "--workers", str(WORKERS), "--clock", "virtual", "--scenario", "empty")


def versions(url: str) -> Counter[int]:
    """How often each job was written."""
    engine = create_engine(make_url(url))
    with engine.connect() as connection:
        rows = connection.execute(select(records.c.version).where(records.c.system == "example")).all()
    engine.dispose()
    return Counter(version for (version,) in rows)


async def storm(port: int, jobs: list[str]) -> list[list[Answer]]:
    """Every job's answers, one of each client."""

    async def cancel_all(client: Client, barrier: asyncio.Barrier) -> list[Answer]:
        answers = []
        for job in jobs:
            await barrier.wait()
            answers.append(await client.cancel(job))
        return answers

    of_clients = await at_once(port, CLIENTS, cancel_all)
    return [list(of_job) for of_job in zip(*of_clients, strict=True)]


def assert_one_cancels_and_all_know(answers: list[Answer]) -> None:
    """One success, shown as the spec says; everyone else is refused, because it is being cancelled already."""
    assert Counter(answer.status for answer in answers) == {200: 1, 409: CLIENTS - 1}
    [cancelled] = [answer.body for answer in answers if answer.status == 200]
    refusals = {answer.body["problem"]["code"] for answer in answers if answer.status == 409}
    assert cancelled["status"] == "CANCELLING"
    assert [moment["status"] for moment in cancelled["history"]] == ["QUEUED", "PRINTING", "CANCELLING"]
    assert refusals == {"job_not_cancellable"}


@pytest.mark.parametrize("jobs", [12, pytest.param(500, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
def test_clients_that_cancel_at_once_cause_one_transition_a_job(mock: MockProcess, shared_url: str, jobs: int) -> None:
    ids = [mock.place("PRINTING") for _ in range(jobs)]

    answers = asyncio.run(storm(mock.port, ids))

    for of_job in answers:
        assert_one_cancels_and_all_know(of_job)
    assert versions(shared_url) == {2: jobs}
    mock.control("POST", "/clock/advance", json={"seconds": 60})
    states = Counter(each["state"] for each in mock.control("GET", "/resources/example")["resources"])
    assert states == {"CANCELLED": jobs}
    assert mock.control("GET", "/journal", params={"errors": "true"})["entries"] == []
    assert mock.stop() == 0
    assert mock.said() == ""
