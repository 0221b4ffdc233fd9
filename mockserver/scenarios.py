"""Named starting states: `demo` is what each system seeds itself with, `empty` is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.clock import Clock
from mockserver.errors import UsageError
from mockserver.faults import Rule
from mockserver.system import Parts, System


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the mock starts with."""

    name: str
    demo: bool
    timings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    faults: tuple[Rule, ...] = ()

    @classmethod
    def load(cls, name: str) -> Scenario:
        """A scenario by its name."""
        if name not in ("demo", "empty"):
            raise UsageError(f"unknown scenario `{name}`. Known: demo, empty.")
        return cls(name, demo=name == "demo")

    def play(self, systems: Mapping[str, tuple[System, Parts]], clock: Clock) -> None:
        """Fill the systems."""
        for system, parts in systems.values():
            if self.demo:
                system.seed(parts)
