"""How far Schemathesis has come, as a share of what it is going to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from schemathesis.engine import events
from schemathesis.engine.run import PhaseName

from contracts.suite.configuration import Settings, may_be_called
from contracts.target import Target
from specs import Spec

Watch = Callable[[float, str], None]
"""Told the share that is done (0 to 1) and what is going on."""

SHARES = {
    PhaseName.EXAMPLES: 0.05,
    PhaseName.COVERAGE: 0.35,
    PhaseName.FUZZING: 0.3,
    PhaseName.STATEFUL_TESTING: 0.3,
}
"""Of the whole duration, measured on the mock."""


@dataclass(slots=True)
class Progress:
    """Turns events into a share. `units` is how many scenarios a phase is expected to have."""

    units: dict[PhaseName, int]
    watch: Watch
    done: dict[PhaseName, float] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: Spec, target: Target, settings: Settings, watch: Watch) -> Progress:
        """For one run."""
        operations = sum(may_be_called(operation, target) for operation in spec.operations.values())
        units = dict.fromkeys(SHARES, max(1, operations)) | {PhaseName.STATEFUL_TESTING: settings.scenarios}
        return cls(units, watch)

    def note(self, event: events.EngineEvent) -> None:
        """One event of the engine."""
        match event:
            case events.ScenarioFinished(phase=phase) if phase in SHARES:
                self.done[phase] = min(1.0, self.done.get(phase, 0.0) + 1 / self.units[phase])
                self._tell(phase)
            case events.PhaseFinished(phase=phase) if phase.name in SHARES:
                self.done[phase.name] = 1.0
                self._tell(phase.name)

    def _tell(self, phase: PhaseName) -> None:
        share = sum(SHARES[name] * done for name, done in self.done.items())
        self.watch(share, f"Schemathesis, {phase.value.lower()}")
