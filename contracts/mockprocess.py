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
    mock = _Mock.start(_command(systems, options or MockOptions()))
    try:
        yield mock.address()
    finally:
        mock.end()


def _command(systems: Sequence[str], options: MockOptions) -> list[str]:
    variants = [f"--variant={system}={options.variant}" for system in systems if options.variant != "default"]
    defects = [f"--defect={defect}" for defect in options.defects]
    choice = ["--port=0", f"--seed={options.seed}", *variants, *defects, *options.arguments]
    return [sys.executable, "-m", "mockserver", "serve", *systems, *choice]


@dataclass(frozen=True, slots=True)
class _Mock:
    """The process, and a thread that reads its complaints: a full pipe would stop it."""

    process: subprocess.Popen[str]
    stdout: IO[str]
    stderr: IO[str]
    said: list[str]
    reader: threading.Thread

    @classmethod
    def start(cls, command: Sequence[str]) -> _Mock:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
            start_new_session=True,  # a Ctrl-C is for us; we then end the mock
        )
        assert process.stdout and process.stderr
        said: list[str] = []
        reader = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
        reader.start()
        return cls(process, process.stdout, process.stderr, said, reader)

    def address(self) -> str:
        """Wait for the ready line."""
        alarm = threading.Timer(STARTUP_TAKES_AT_MOST, self.process.kill)
        alarm.start()
        try:
            for line in self.stdout:
                if line.startswith(READY):
                    return line.removeprefix(READY).strip()
        finally:
            alarm.cancel()
        code = self.process.wait()
        self.reader.join()
        words = self.said[-1].strip() if self.said else "it said nothing."
        raise MockFailed(f"the mock did not start (exit code {code}): {words} Try `mockserver serve` to see more.")

    def end(self) -> None:
        """Ask it to end, then make it."""
        self.process.terminate()
        try:
            self.process.wait(SHUTDOWN_TAKES_AT_MOST)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        self.stdout.close()
        self.stderr.close()
