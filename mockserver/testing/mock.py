"""A running mock in a test's hands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from mockserver.journal import Entry
from mockserver.testing.control import Control
from mockserver.testing.identities import Identities
from mockserver.testing.jobs import MockedSystem
from mockserver.testing.journal import Journal
from specs import load


class Clock:
    """The time that all systems share."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def now(self) -> datetime:
        """The mock's time, UTC."""
        return datetime.fromtimestamp(self._control.call("GET", "/clock")["now"], UTC)

    def advance(self, seconds: float) -> datetime:
        """Let time pass at once; returns the new time."""
        return datetime.fromtimestamp(self._control.call("POST", "/clock/advance", {"seconds": seconds})["now"], UTC)


class Faults:
    """Trouble on request. A reset ends it."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(self, kind: str, **rule: str | float) -> None:
        """One rule more: `add("rate_limit", system="atlas", nth=2)`; members as in `mockserver.faults.Rule`.

        All rules count from the beginning again. ControlError says what is not known.
        """
        rules = [{name: value for name, value in each.items() if name != "struck"} for each in self.in_force()]
        self._control.call("PUT", "/faults", {"faults": [*rules, {"kind": kind, **rule}]})

    def in_force(self) -> list[Mapping[str, Any]]:
        """The rules, each with how often it `struck`."""
        rules: list[Mapping[str, Any]] = self._control.call("GET", "/faults")["faults"]
        return rules

    def clear(self) -> None:
        """No more trouble."""
        self._control.call("DELETE", "/faults")


class Mockserver:
    """A mock that serves at `url`, with its control API open. Systems are attributes too: `mockserver.SYSTEM`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._control = Control(url)
        self.clock = Clock(self._control)
        self.faults = Faults(self._control)
        self.journal = Journal(self._control, lambda name: self.system(name).spec)
        self._reported = 0
        self._overtaken: list[Entry] = []

    def system(self, name: str) -> MockedSystem:
        """One of the systems that are served. LookupError if it is not."""
        try:
            return self._systems[name]
        except KeyError:
            raise LookupError(self._missing(name)) from None

    def __getattr__(self, name: str) -> MockedSystem:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self.system(name)
        except LookupError as unknown:
            raise AttributeError(str(unknown)) from None

    @cached_property
    def identities(self) -> Mapping[str, Identities]:
        """The built-in users, by system and name: `mockserver.identities[SYSTEM].owner`."""
        return {name: Identities(each) for name, each in self._control.call("GET", "/identities").items()}

    def reset(self, scenario: str | None = None) -> None:
        """As at the start: jobs, ids, clock, faults and journal. `scenario`: another one than the mock began with."""
        self._overtaken = self.failures()
        self._control.call("POST", "/reset", {"scenario": scenario} if scenario else {})

    def failures(self) -> list[Entry]:
        """Where the mock itself has failed since this was last asked, a reset in between or not."""
        overtaken, found = self._overtaken, self.journal.errors(since=self._reported)
        self._overtaken = []
        self._reported = max((each.number for each in found), default=self._reported)
        return overtaken + found

    @cached_property
    def _systems(self) -> Mapping[str, MockedSystem]:
        served = self._control.call("GET", "/health")["systems"]
        return {name: MockedSystem(load(name, facts["variant"]), self._control) for name, facts in served.items()}

    def _missing(self, name: str) -> str:
        return f"the mock serves no system `{name}`. It serves: {', '.join(self._systems)}."
