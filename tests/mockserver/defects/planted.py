"""A mock whose bugs are planted and taken out while it runs."""

from __future__ import annotations

from functools import cache

from mockserver.app import Mock, Settings, build
from tests.mockserver.defects.door import Door


@cache
def mock_of(system: str) -> Mock:
    """One mock for all of a system's bugs."""
    return build(Settings((system,), clock="virtual"))


def door_of(system: str, *planted: str) -> Door:
    """The system from its beginning, with these bugs and no others."""
    door = Door(mock_of(system), system)
    door.control("DELETE", "/defects")
    door.control("POST", "/reset", {})
    if door.uses_digest:
        door.challenge("owner")  # some bugs leave nobody the chance to ask later
    door.control("PUT", "/defects", {"defects": planted})
    return door
