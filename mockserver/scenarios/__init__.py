"""Starting states: the files of this folder by name, or a file of the user's. The schema beside them says what fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mockserver.clock import Clock
from mockserver.errors import UsageError
from mockserver.faults import Rule
from mockserver.pipeline.schemas import Schema
from mockserver.system import Parts, System, tenant_named

FOLDER = Path(__file__).parent
SCHEMA = FOLDER / "scenario.schema.yaml"
OWNER = "owner"
BY_SYSTEM = ("resources", "timings", "options")  # members that hold something for each system they name


@dataclass(frozen=True, slots=True)
class Placement:
    """Jobs to put somewhere. `tenant` is an identity's name or a tenant's id."""

    state: str
    count: int = 1
    tenant: str = OWNER
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many jobs in each state, for each of these tenants."""

    each_state: int
    tenants: Sequence[str] = (OWNER,)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a mock starts with. `demo`: what each system seeds itself with."""

    name: str
    description: str = ""
    demo: bool = False
    everywhere: Crowd | None = None
    resources: Mapping[str, Sequence[Placement]] = field(default_factory=dict)
    timings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    advance: float = 0.0
    faults: tuple[Rule, ...] = ()

    def play(self, systems: Iterable[tuple[System, Parts]], clock: Clock) -> None:
        """Fill the systems, then let time pass. UsageError where a system will not have it."""
        for system, parts in systems:
            if self.demo:
                system.seed(parts)
            for placement in self._placements(system.name, parts):
                self._place(system.name, parts, placement)
        if self.advance:
            clock.advance(self.advance)

    def _placements(self, name: str, parts: Parts) -> list[Placement]:
        own = list(self.resources.get(name, ()))
        if self.everywhere is None:
            return own
        crowd, states = self.everywhere, [state.name for state in parts.spec.cancellable.states]
        return [*own, *(Placement(state, crowd.each_state, tenant) for tenant in crowd.tenants for state in states)]

    def _place(self, name: str, parts: Parts, placement: Placement) -> None:
        try:
            tenant = tenant_named(parts, placement.tenant)
            for _ in range(placement.count):
                parts.model.place(placement.state, placement.fields, tenant)
        except ValueError as error:
            raise UsageError(f"scenario {self.name}: {name}: {error}") from None


def names() -> tuple[str, ...]:
    """The scenarios that are shipped."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if path != SCHEMA))


def refuse_unshipped(name: str | None, *, but: str) -> None:
    """UsageError for a scenario from a file, `but` for that one."""
    if name not in (None, but, *names()):
        raise UsageError(f"unknown scenario `{name}`. Name one of {', '.join(names())}; a file is for the start only.")


def load(name: str, systems: Iterable[str]) -> Scenario:
    """A shipped scenario, or the one in a file. `systems`: those it may name. UsageError says what is wrong with it."""
    path = FOLDER / f"{name}.yaml" if name in names() else Path(name)
    if not path.is_file():
        problem = f"unknown scenario `{name}`" if path.name == path.stem else f"scenario {name}: there is no such file"
        raise UsageError(f"{problem}. Name one of {', '.join(names())}, or a YAML file.")
    value = _read(path)
    for failure in _schema().failures(value, "invalid_body"):
        raise UsageError(f"scenario {name}: {failure.where or 'the file'}: {failure.message}. See {SCHEMA}.")
    named = {system for member in BY_SYSTEM for system in value.get(member, {})}
    if strangers := sorted(named - set(systems)):
        raise UsageError(f"scenario {name}: unknown system `{strangers[0]}`. Known systems: {', '.join(systems)}.")
    return _scenario(name, value)


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"scenario {path}: it cannot be read: {reason}. Write YAML, as in {FOLDER}.") from None


@cache
def _schema() -> Schema:
    return Schema(_read(SCHEMA))


def _scenario(name: str, value: Mapping[str, Any]) -> Scenario:
    given = dict(value)
    if "everywhere" in given:
        given["everywhere"] = Crowd(**given["everywhere"])
    resources = given.get("resources", {}).items()
    given["resources"] = {system: tuple(Placement(**each) for each in placements) for system, placements in resources}
    given["faults"] = tuple(Rule.from_json(rule) for rule in given.get("faults", ()))
    return Scenario(name, **given)
