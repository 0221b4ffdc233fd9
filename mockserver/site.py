"""One system as it is served: what stays (vendor, spec), and what a reset builds anew (parts)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mockserver import defects
from mockserver.errors import UsageError
from mockserver.faults import Reach
from mockserver.system import Parts, System, World
from specs import Spec


class SystemSite:
    """A vendor and its parts in force. `catch_up` asks the mock what other processes changed."""

    def __init__(self, system: System, spec: Spec, *, blocking: bool, catch_up: Callable[[], None]) -> None:
        self.system = system
        self.spec = spec
        self.blocking = blocking
        self.catch_up = catch_up
        self.parts: Parts

    @property
    def reach(self) -> Reach:
        """What faults can be told of."""
        operations = {*self.spec.operations, *self.system.extra_routes.values()}
        return Reach(frozenset(operations), frozenset(fault.id for fault in self.system.faults))

    def build(self, world: World, planted: Sequence[str]) -> Parts:
        """New parts, with these defects in them."""
        parts = self._build(world)
        if planted:  # looking for defects takes time that a mock without them starts sooner by
            defects.plant(parts, self.system, planted)
        return parts

    def _build(self, world: World) -> Parts:
        try:
            return self.system.build(world)
        except AttributeError as error:
            name = error.name or ""
            if name not in self.spec.operations:
                raise
            raise missing_handler(self.spec, name) from error


def missing_handler(spec: Spec, name: str) -> UsageError:
    """What to say of an operation that nobody wrote a handler for."""
    return UsageError(
        f"specs/{spec.system}/openapi.yaml: {spec.operations[name].label} names `{name}`, but it has no handler. "
        f"Add it to mockserver/systems/{spec.system}/handlers.py, or remove the operation."
    )
