"""Drivers that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import pytest

from mockserver.testing import Mockserver
from tests.clients.driver import Driver, driving

Start = Callable[..., Driver]


@pytest.fixture
def start(mockserver: Mockserver) -> Iterator[Start]:
    """`start(driver, system)`: the driver learns the mock's address, the owner's credentials, and what is added."""
    with ExitStack() as stack:

        def start(name: str, system: str, **more: Any) -> Driver:
            owner = asdict(mockserver.identities[system].owner)
            return stack.enter_context(driving(name, {"url": mockserver.url, **owner, **more}))

        yield start
