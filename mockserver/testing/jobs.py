"""Jobs on demand: a system as a test sees it, and the jobs it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any, Protocol
from urllib.parse import quote

from mockserver.testing.control import Control
from specs import Spec


@dataclass(frozen=True, slots=True)
class Job:
    """A job that the mock holds. `parameters`: the wire names and values that a client needs to address it."""

    system: str
    id: str
    tenant: str = field(compare=False)
    parameters: Mapping[str, str] = field(compare=False)
    _control: Control = field(repr=False, compare=False)

    @property
    def state(self) -> str:
        """The state it is in now."""
        shown: str = self._control.call("GET", self._path)["state"]
        return shown

    def move(self, trigger: str) -> Job:
        """Take a legal step of the lifecycle now, whoever else would take it: `job.move("finish")`."""
        self._control.call("POST", f"{self._path}/move", {"trigger": trigger})
        return self

    @property
    def _path(self) -> str:
        return f"/resources/{self.system}/{quote(self.id, safe='')}"


class Place(Protocol):
    """Makes a job: see `MockedSystem.place`."""

    def __call__(self, state: str | None = None, *, tenant: str = "owner", **fields: Any) -> Job:
        """The new job."""


class MockedSystem:
    """One system of the mock.

    Its resource's name, as the spec has it, is another name for `place`: `system.deployment(state="PAUSED")`. One that
    Python keeps for itself gets an underscore: `system.import_()`.
    """

    def __init__(self, spec: Spec, control: Control) -> None:
        self.spec = spec
        self.name = spec.system
        self.url = control.url + spec.base_path
        self._control = control

    def place(self, state: str | None = None, *, tenant: str = "owner", **fields: Any) -> Job:
        """Put a new job straight into a state; into the first of its life if none is named.

        `tenant`: an identity, meaning its tenant, or a tenant's id. `fields` are properties of the job, by their wire
        names, that shall not have their usual value. ControlError says what the system will not have.
        """
        wanted = {"state": state or self.spec.cancellable.initial[0], "tenant": tenant, "fields": fields}
        return self._job(self._control.call("POST", f"/resources/{self.name}", wanted))

    def jobs(self) -> list[Job]:
        """The jobs of all tenants, oldest first; those too that clients have made."""
        return [self._job(each) for each in self._control.call("GET", f"/resources/{self.name}")["resources"]]

    def __getattr__(self, name: str) -> Place:
        if name.startswith("_"):
            raise AttributeError(name)
        if name == self._word:
            return self.place
        raise AttributeError(f"{self.name} has no resource `{name}`. It has: {self._word}.")

    @property
    def _word(self) -> str:
        resource = self.spec.cancellable.resource
        return f"{resource}_" if iskeyword(resource) else resource

    def _job(self, shown: Mapping[str, Any]) -> Job:
        return Job(self.name, shown["id"], shown["tenant"], shown["parameters"], self._control)
