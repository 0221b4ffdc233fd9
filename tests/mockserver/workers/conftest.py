"""Mocks of several processes, every one of them ended with its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mockserver.workers.process import MockProcess

Serve = Callable[..., MockProcess]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a mock with these options (and `system=`, `port=`); it is ended with the test."""
    started: list[MockProcess] = []

    def start(*options: str, system: str = "example", port: int = 0) -> MockProcess:
        mock = MockProcess(list(options), tmp_path / "stderr", system)
        started.append(mock)
        return mock.start(port)

    yield start
    for mock in started:
        mock.end()
