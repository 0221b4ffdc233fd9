"""Starts a mock for tests, on a free port: in a process of its own, or in a thread of this one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Timer

from mockserver.errors import MockserverError

PROCESS, THREAD = "process", "thread"
READY = "mockserver ready: "
START_TAKES_AT_MOST = 60.0  # seconds
STOP_TAKES_AT_MOST = 15.0  # seconds until it is killed


class NotStarted(MockserverError):
    """There is no mock; why not is on standard error."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What to serve. No systems: all vendors."""

    systems: tuple[str, ...] = ()
    variants: Mapping[str, str] = field(default_factory=dict)
    clock: str = "virtual"
    scenario: str = "empty"
    seed: int = 0


def serving(setup: Setup, run: str = PROCESS) -> AbstractContextManager[str]:
    """Serve for as long as the block lasts. Gives the URL."""
    return _in_process(setup) if run == PROCESS else _in_thread(setup)


@contextmanager
def _in_thread(setup: Setup) -> Iterator[str]:
    from mockserver.app import Settings, build
    from mockserver.server import served

    settings = Settings(
        systems=setup.systems,
        variants=setup.variants,
        clock=setup.clock,
        scenario=setup.scenario,
        seed=setup.seed,
    )
    with served(build(settings)) as url:
        yield url


@contextmanager
def _in_process(setup: Setup) -> Iterator[str]:
    """What the mock says goes where ours goes: pytest shows it with the test that made it speak."""
    with _started(_command(setup)) as process:
        overdue = Timer(START_TAKES_AT_MOST, process.kill)
        overdue.start()
        try:
            url = _address(process)
            overdue.cancel()
            yield url
        finally:
            overdue.cancel()
            _end(process)


def _started(command: list[str]) -> subprocess.Popen[str]:
    """In a session of its own: a Ctrl-C is for us, and we then end the mock."""
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)


def _command(setup: Setup) -> list[str]:
    variants = [f"--variant={system}={name}" for system, name in setup.variants.items()]
    choices = [f"--clock={setup.clock}", f"--scenario={setup.scenario}", f"--seed={setup.seed}", *variants]
    return [sys.executable, "-m", "mockserver.testing.child", "serve", "--port=0", *choices, *setup.systems]


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    for line in process.stdout:
        if line.startswith(READY):
            return line.removeprefix(READY).strip()
    raise NotStarted(f"the mock did not start (exit code {process.wait()}); its own words are on standard error")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TAKES_AT_MOST)
    except subprocess.TimeoutExpired:
        process.kill()
