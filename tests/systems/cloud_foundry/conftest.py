"""A mock of Cloud Foundry in this process, its time standing still, in its demo scenario."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from mockserver.app import Mock, Settings, build
from tests.systems.cloud_foundry.door import Door


@cache
def built(variant: str) -> Mock:
    """A mock that reads the vendor's documents in one variant; to build one takes longer than to reset it."""
    return build(Settings(("cloud_foundry",), {"cloud_foundry": variant}, clock="virtual"))


@pytest.fixture
def open_door() -> Callable[..., Door]:
    """Opens a mock as it is at its beginning."""

    def opened(variant: str = "default") -> Door:
        mock = built(variant)
        mock.reset()
        return Door(mock)

    return opened


@pytest.fixture
def door(open_door: Callable[..., Door]) -> Door:
    return open_door()
