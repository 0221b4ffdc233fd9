"""A mock of Permission Assist in this process, its time standing still."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.app import Settings, build
from tests.systems.permission_assist.door import Door


@pytest.fixture
def open_door() -> Callable[..., Door]:
    """Builds a mock that reads the vendor's documents in one variant; by default it is empty."""

    def built(variant: str = "default", scenario: str = "empty") -> Door:
        variants = {"permission_assist": variant}
        return Door(build(Settings(("permission_assist",), variants, clock="virtual", scenario=scenario)))

    return built


@pytest.fixture
def door(open_door: Callable[..., Door]) -> Door:
    return open_door()
