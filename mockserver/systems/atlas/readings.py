"""Which answer the mock gives where documents leave one open or contradict each other: read off spec and variant."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.systems.atlas.course import State
from specs import Spec
from specs.lifecycle import accepts
from specs.model import Refusal


@dataclass(frozen=True, slots=True)
class Reading:
    """The answers taken. Of several that the spec allows, the first."""

    ended_status: int  # A5
    malformed_code: str  # C4
    cancellable: frozenset[str]  # A6
    as_captured: bool  # C1, C2, C8: jobs look as in recorded exchanges

    @classmethod
    def of(cls, spec: Spec) -> Reading:
        """What one variant of the spec says."""
        lifecycle = spec.cancellable
        ended = next(each for each in _refusals(spec, "wrong_state") if State.CANCELLED in each.states)
        return cls(
            ended_status=ended.statuses[0],
            malformed_code=_refusals(spec, "malformed")[0].codes[0],
            cancellable=frozenset(state for state in State if accepts(lifecycle, state, "cancel")),
            as_captured="createdAt" not in spec.document["components"]["schemas"]["RestoreJob"]["properties"],
        )


def _refusals(spec: Spec, reason: str) -> tuple[Refusal, ...]:
    effect = spec.operations["cancel_restore_job"].effect
    return effect.refused[reason] if effect else ()
