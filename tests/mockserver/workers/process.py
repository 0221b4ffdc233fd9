"""A mock as its users start it: a process tree with a port."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import psutil
import requests

OWNER = {"Authorization": "Bearer paperboy-owner"}
PATIENCE = 60  # seconds, on a machine with much else to do


def until(condition: Callable[[], object]) -> None:
    """Wait for something to become true; what never does fails the test."""
    deadline = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < deadline, "waited in vain"
        Event().wait(0.02)


@dataclass
class MockProcess:
    """`mockserver serve SYSTEM` with some options. Output on stderr goes to a file, so that a test can read it."""

    options: list[str]
    errors: Path
    system: str = "example"
    url: str = ""

    def start(self, port: int = 0) -> MockProcess:
        """Start, and wait for the ready line; an empty `url` says that it ended instead."""
        command = [sys.executable, "-m", "mockserver", "serve", self.system, "--port", str(port), *self.options]
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.url = output.readline().removeprefix("mockserver ready: ").strip()
        return self

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    @property
    def pid(self) -> int:
        """The parent of the workers."""
        return self.process.pid

    def workers(self) -> list[psutil.Process]:
        """The workers that are alive now."""
        return [each for each in psutil.Process(self.pid).children() if each.status() != psutil.STATUS_ZOMBIE]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop, wait, and give its exit code."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def kill_parent(self) -> None:
        """Leave the workers without a word."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        tree = [self.process, *(psutil.Process(self.pid).children() if self.process.poll() is None else [])]
        for each in tree:
            each.kill()
        self.process.wait()

    def said(self) -> str:
        """What it wrote to stderr."""
        return self.errors.read_text()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request on a connection of its own, by the owner."""
        return requests.request(method, self.url + path, headers=OWNER, timeout=PATIENCE, **options)

    def control(self, method: str, path: str, **options: Any) -> Any:
        """What the control API answers."""
        answer = requests.request(method, f"{self.url}/__mock__{path}", timeout=PATIENCE, **options)
        assert answer.ok, answer.text
        return answer.json()

    def place(self, state: str) -> str:
        """The id of a new job in this state."""
        id: str = self.control("POST", "/resources/example", json={"state": state})["id"]
        return id
