"""Systems with bugs on purpose, one mock for all tests of a system."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import specs
from tests.mockserver.defects.planted import door_of
from tests.mockserver.defects.walk import Walk

Plant = Callable[..., Walk]


@pytest.fixture
def plant() -> Plant:
    """Start a system afresh with bugs in it."""

    def planted(system: str, *defects: str) -> Walk:
        return Walk(door_of(system, *defects), specs.load(system))

    return planted
