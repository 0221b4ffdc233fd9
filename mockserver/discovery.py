"""Finds the systems: a folder in `systems/` is one. The only place of the core that imports them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from mockserver.errors import UsageError
from mockserver.system import System

FOLDER = Path(__file__).parent / "systems"
TEMPLATE = "example"  # what a newcomer copies: served when asked for by name


def names() -> tuple[str, ...]:
    """Every system there is."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/__init__.py")))


def vendors() -> tuple[str, ...]:
    """The systems that are served when none is named."""
    return tuple(name for name in names() if name != TEMPLATE)


@cache
def find(name: str) -> System:
    """One system by its name."""
    if name not in names():
        raise UsageError(f"unknown system `{name}`. Known systems: {', '.join(names())}. Name one of these.")
    system: System = import_module(f"mockserver.systems.{name}").SYSTEM
    return system
