"""Jobs that a mock's control API puts into a state."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.control import Control, ControlError
from contracts.ledger import Ledger
from contracts.supply.job import Job, NotAvailable


@dataclass(slots=True)
class Placed:
    """The source `control`."""

    control: Control
    system: str
    ledger: Ledger
    name: str = "control"
    renewable: bool = True

    def take(self, state: str, tenant: str) -> Job:
        """A new job in any state."""
        try:
            placed = self.control.place(self.system, state, tenant)
        except ControlError as error:
            raise NotAvailable(f"control: {error}") from error
        self.ledger.give(placed.id, placed.parameters)
        return Job(placed.id, placed.parameters, self.name, tenant)
