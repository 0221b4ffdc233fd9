"""A mock of its own for a run: a process started on a free port, and ended by its id."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

READY = "mockserver ready: "
STARTUP_TAKES_AT_MOST = 60.0  # seconds
SHUTDOWN_TAKES_AT_MOST = 10.0  # seconds until it is killed


class MockFailed(Exception):
    """The mock did not start; the message is for people."""


@dataclass(frozen=True, slots=True)
class MockOptions:
    """What the mock is told: see `mockserver serve --help`."""

    variant: str = "default"
    seed: int = 0
    defects: tuple[str, ...] = ()
    arguments: tuple[str, ...] = field(default=("--clock", "virtual"))


@contextmanager
def serving(systems: Sequence[str], options: MockOptions | None = None) -> Iterator[str]:
    """Serve these systems and give the mock's address. Raises MockFailed with what the mock had to say."""
    process = subprocess.Popen(
        _command(systems, options or MockOptions()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a Ctrl-C is for us; we then end the mock
    )
    assert process.stdout and process.stderr
    said: list[str] = []
    reader = _reading(process.stderr, said)
    try:
        yield _address(process, process.stdout, said)
    finally:
        _end(process)
        reader.join(SHUTDOWN_TAKES_AT_MOST)
        process.stdout.close()
        process.stderr.close()


def _command(systems: Sequence[str], options: MockOptions) -> list[str]:
    variants = [f"--variant={system}={options.variant}" for system in systems if options.variant != "default"]
    defects = [f"--defect={defect}" for defect in options.defects]
    choice = ["--port=0", f"--seed={options.seed}", *variants, *defects, *options.arguments]
    return [sys.executable, "-m", "mockserver", "serve", *systems, *choice]


def _reading(stream: IO[str], said: list[str]) -> threading.Thread:
    """Keep what the mock says: a full pipe would stop it, and its last words explain a failure."""
    reader = threading.Thread(target=lambda: said.extend(stream), daemon=True)
    reader.start()
    return reader


def _address(process: subprocess.Popen[str], stdout: IO[str], said: list[str]) -> str:
    alarm = threading.Timer(STARTUP_TAKES_AT_MOST, process.kill)
    alarm.start()
    try:
        for line in stdout:
            if line.startswith(READY):
                return line.removeprefix(READY).strip()
    finally:
        alarm.cancel()
    code = process.wait()
    words = said[-1].strip() if said else "it said nothing"
    raise MockFailed(f"the mock did not start (exit code {code}): {words} Try `mockserver serve` to see more.")


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(SHUTDOWN_TAKES_AT_MOST)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
