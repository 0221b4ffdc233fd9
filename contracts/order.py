"""What one child process is asked to check, as JSON on its standard input. It holds no secret: those are read there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MOCK = "mock"  # the target name that stands for a mock started for the run
TARGETS_FILE = "targets.toml"  # where targets are looked up unless another file is named


@dataclass(frozen=True, slots=True)
class Order:
    """One system on one target. `address` is that of the mock, where the target is one.

    `claims` empty: every claim. `may` and `identities` hold a mock to what another target allows and has: a rehearsal.
    `defects` are planted in the mock. `stock_seconds`: instead of all this, Schemathesis as it comes, for so long.
    `open_ended`: to be stopped is how the run ends, and no reason to conclude nothing.
    `enough` are claims: once one of them is broken the run ends. So does one of Schemathesis as it comes at a failure
    besides `alarms`, where they are given.
    """

    system: str
    target: str
    folder: str  # where the reports of this system go
    targets_file: str = TARGETS_FILE
    address: str = ""
    variant: str = "default"
    seed: int = 0
    max_examples: int = 0  # 0: the default
    claims: tuple[str, ...] = ()
    reports: tuple[str, ...] = ("json", "junit", "html")
    verbose: bool = False
    stock_seconds: int = 0
    alarms: tuple[str, ...] | None = None
    enough: tuple[str, ...] = ()
    open_ended: bool = False
    defects: tuple[str, ...] = ()
    may: tuple[str, ...] | None = None
    identities: tuple[str, ...] | None = None

    @property
    def is_mock(self) -> bool:
        """Whether the run has started the target itself."""
        return self.target == MOCK

    @property
    def looked_up(self) -> str:
        """The file that describes the target; none describes a mock."""
        return "" if self.is_mock else self.targets_file

    @property
    def path(self) -> Path:
        """The folder as a path."""
        return Path(self.folder)

    def to_json(self) -> str:
        """One line of text."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Order:
        """What `to_json` wrote."""
        facts: dict[str, Any] = json.loads(text)
        facts |= {name: tuple(value) for name, value in facts.items() if isinstance(value, list)}
        return cls(**facts)
