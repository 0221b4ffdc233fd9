"""The parent of the workers: what it starts, replaces, passes on and refuses."""

from __future__ import annotations

import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests

from tests.mockserver.workers.conftest import Serve
from tests.mockserver.workers.process import OWNER, PATIENCE, MockProcess, until


@pytest.fixture
def mock(serve: Serve, sqlite_url: str) -> MockProcess:
    return serve("--state", sqlite_url, "--workers", "3", "--clock", "virtual")


def answering(mock: MockProcess) -> int:
    """How many of 20 connections are answered."""
    return [mock.call("GET", "/example/v1/jobs").status_code for _ in range(20)].count(200)


def test_workers_are_as_many_as_asked_for_and_all_are_asked(mock: MockProcess) -> None:
    before = {worker.pid: worker.cpu_times().user for worker in mock.workers()}

    assert answering(mock) == 20
    until(lambda: answering(mock) and all(each.cpu_times().user > before[each.pid] for each in mock.workers()))

    assert len(mock.workers()) == 3


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stop_ends_every_process_with_exit_code_zero(mock: MockProcess, how: signal.Signals) -> None:
    workers = mock.workers()

    assert mock.stop(how) == 0

    assert not any(worker.is_running() for worker in workers)
    assert mock.said() == ""


def test_stop_lets_a_request_under_way_finish(mock: MockProcess) -> None:
    mock.control("PUT", "/faults", json={"faults": [{"kind": "latency", "seconds": 1.0}]})
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(mock.call, "GET", "/example/v1/jobs")
        until(lambda: mock.control("GET", "/faults")["faults"][0].get("struck"))

        assert mock.stop() == 0

        assert answer.result().status_code == 200


def test_worker_that_crashed_is_replaced(mock: MockProcess) -> None:
    before = {worker.pid for worker in mock.workers()}
    victim = mock.workers()[0]

    victim.kill()

    until(lambda: len(mock.workers()) == 3 and victim.pid not in {worker.pid for worker in mock.workers()})
    assert len({worker.pid for worker in mock.workers()} & before) == 2
    assert answering(mock) == 20
    assert f"worker {victim.pid} ended with -9 and is replaced" in mock.said()


def test_connections_of_workers_that_all_crashed_are_answered_by_their_replacements(mock: MockProcess) -> None:
    for worker in mock.workers():
        worker.suspend()
    with ThreadPoolExecutor(12) as threads:
        waiting = [threads.submit(connected_request, mock) for _ in range(12)]
        until(lambda: len(connections(mock)) >= 12)

        for worker in mock.workers():
            worker.kill()

        assert [each.result() for each in waiting] == [200] * 12


def connected_request(mock: MockProcess) -> int:
    """A request that nobody can have read before its worker is gone."""
    return requests.get(f"{mock.url}/example/v1/jobs", headers=OWNER, timeout=PATIENCE).status_code


def connections(mock: MockProcess) -> list[object]:
    """Connections from this process to the mock."""
    found = psutil.Process().net_connections("tcp4")
    return [each for each in found if each.raddr and each.raddr.port == mock.port and each.status == "ESTABLISHED"]


def test_workers_end_when_their_parent_was_killed(mock: MockProcess) -> None:
    workers = mock.workers()

    mock.kill_parent()

    psutil.wait_procs(workers, timeout=PATIENCE)
    assert not any(worker.is_running() for worker in workers)


def test_port_is_free_again_after_a_stop(mock: MockProcess, serve: Serve, sqlite_url: str) -> None:
    mock.stop()

    again = serve("--state", sqlite_url, "--workers", "2", "--clock", "virtual", port=mock.port)

    assert again.url == mock.url
    assert answering(again) == 20


def test_second_mock_on_the_same_port_is_refused(mock: MockProcess, serve: Serve, sqlite_url: str) -> None:
    second = serve("--state", sqlite_url, "--workers", "2", "--clock", "virtual", port=mock.port)

    assert second.process.wait(PATIENCE) == 2
    assert f"cannot listen on 127.0.0.1:{mock.port}" in second.said()
    assert answering(mock) == 20


def test_port_that_any_other_program_holds_is_refused(serve: Serve, sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        refused = serve("--state", sqlite_url, "--workers", "2", port=other.getsockname()[1])

    assert refused.process.wait(PATIENCE) == 2
    assert "cannot listen on 127.0.0.1" in refused.said()


def test_workers_without_a_shared_state_are_refused(serve: Serve) -> None:
    refused = serve("--workers", "2")

    assert refused.process.wait(PATIENCE) == 2
    assert "--workers 2: processes cannot share `memory:`" in refused.said()


def test_state_that_cannot_be_had_is_said_once_and_ends_all(serve: Serve, tmp_path: Path) -> None:
    refused = serve("--state", f"sqlite:///{tmp_path}/absent/mock.db", "--workers", "3")

    assert refused.process.wait(PATIENCE) == 2
    assert refused.said().count("there is no directory") == 1
    assert refused.said().count("\n") == 1


def test_state_of_another_clock_is_refused(mock: MockProcess, serve: Serve, sqlite_url: str) -> None:
    mock.stop()

    refused = serve("--state", sqlite_url, "--workers", "2", "--clock", "real")

    assert refused.process.wait(PATIENCE) == 2
    assert "Use --clock virtual, or another --state." in refused.said()
