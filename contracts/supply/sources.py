"""What every source of jobs can be asked for."""

from __future__ import annotations

from typing import Protocol

from contracts.supply.job import Job


class Source(Protocol):
    """Somewhere jobs come from."""

    name: str
    renewable: bool  # whether there are always more

    def take(self, state: str, tenant: str) -> Job:
        """A job that should be in `state`; whoever asks confirms it by a read. NotAvailable says why there is none."""
