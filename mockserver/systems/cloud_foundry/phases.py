"""What a deployment goes through, as the server stores it and as it shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

DEPLOY_TAKES = 60.0  # seconds until everything is replaced; ours, not a vendor number (A1)
PAUSE_TAKES = 20.0  # seconds until a canary's next pause; ours (A3)
CANCEL_TAKES = 5.0  # seconds until a cancelled deployment is finished; ours (A2)

ACTIVE = "ACTIVE"
FINALIZED = "FINALIZED"

Steps = list[tuple[float, str]]
"""What a timeline is made of: seconds after the step before, and the name of a phase."""


class Phase(Enum):
    """A stage of life. `state` is internal, only a list's filter sees it; status and reason are shown (E6, E7, E15)."""

    DEPLOYING = ("DEPLOYING", ACTIVE, "DEPLOYING")
    PREPAUSED = ("PREPAUSED", ACTIVE, "DEPLOYING")
    PAUSED = ("PAUSED", ACTIVE, "PAUSED")
    CANCELING = ("CANCELING", ACTIVE, "CANCELING")
    DEPLOYED = ("DEPLOYED", FINALIZED, "DEPLOYED")
    CANCELED = ("CANCELED", FINALIZED, "CANCELED")
    SUPERSEDED = ("DEPLOYED", FINALIZED, "SUPERSEDED")  # by another deployment, while it was DEPLOYING
    ABANDONED = ("CANCELED", FINALIZED, "SUPERSEDED")  # by another deployment, in any other active phase

    def __init__(self, state: str, status: str, reason: str) -> None:
        self.state = state
        self.status = status
        self.reason = reason

    @property
    def active(self) -> bool:
        """Whether it can still be cancelled, or replaced by another deployment."""
        return self.status == ACTIVE

    @property
    def superseded(self) -> Phase:
        """What another deployment of the same app makes of it (E15)."""
        return Phase.SUPERSEDED if self is Phase.DEPLOYING else Phase.ABANDONED


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds."""

    deploy: float = DEPLOY_TAKES
    pause: float = PAUSE_TAKES
    cancel: float = CANCEL_TAKES

    @classmethod
    def of(cls, timings: Mapping[str, float]) -> Pace:
        """The pace with some of its constants overridden by name."""
        return cls(
            deploy=timings.get("DEPLOY_TAKES", DEPLOY_TAKES),
            pause=timings.get("PAUSE_TAKES", PAUSE_TAKES),
            cancel=timings.get("CANCEL_TAKES", CANCEL_TAKES),
        )

    def life(self, phase: Phase) -> Steps:
        """The life of a deployment from the moment it enters `phase`, if nobody interferes (E9, E10, E14)."""
        match phase:
            case Phase.DEPLOYING:
                return [(0.0, phase.name), (self.deploy, Phase.DEPLOYED.name)]
            case Phase.PREPAUSED:
                return [(0.0, phase.name), (self.pause, Phase.PAUSED.name)]
            case Phase.CANCELING:
                return [(0.0, phase.name), (self.cancel, Phase.CANCELED.name)]
        return [(0.0, phase.name)]
