"""One deployment: what is stored of it, and what can be told from that at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.state import Record
from mockserver.systems.cloud_foundry.apps import Revision
from mockserver.systems.cloud_foundry.metadata import Metadata
from mockserver.systems.cloud_foundry.phases import Phase, Steps
from mockserver.systems.cloud_foundry.wishes import Plan
from mockserver.timeline import Timeline

KIND = "deployment"
HEALTHY = frozenset({Phase.PAUSED.name, Phase.DEPLOYED.name})  # phases entered with a successful health check (E51)


class Deployment(NamedTuple):  # quicker to make than a dataclass, and every request makes several
    """A deployment. `step` is the canary step it is at, from 1; `error` what the updater last failed with.

    `processes` are the guids of those it created; `written_at` is the last change that was not one of phase.
    """

    guid: str
    app: str
    space: str
    plan: Plan
    droplet: str
    previous_droplet: str | None
    processes: tuple[str, ...]
    revision: Revision | None
    metadata: Metadata
    created_at: float
    written_at: float
    timeline: Timeline
    step: int = 1
    error: str = ""

    @classmethod
    def of(cls, record: Record) -> Deployment:
        """As it was stored."""
        data: Mapping[str, Any] = record.data
        plan = data["plan"]
        return cls(
            guid=record.id,
            app=data["app"],
            space=record.scope,
            plan=Plan(plan[0], plan[1], plan[2], None if plan[3] is None else tuple(plan[3])),
            droplet=data["droplet"],
            previous_droplet=data["previous_droplet"],
            processes=tuple(data["processes"]),
            revision=Revision(*data["revision"]) if data["revision"] else None,
            metadata=Metadata(*data["metadata"]),
            created_at=data["created_at"],
            written_at=data["written_at"],
            timeline=Timeline.from_json(data["timeline"]),
            step=data["step"],
            error=data["error"],
        )

    def record(self, stored: Record | None = None) -> Record:
        """To store: anew, or in place of what was read."""
        plan, revision = self.plan, self.revision
        data = {
            "app": self.app,
            "plan": [plan.strategy, plan.max_in_flight, plan.scaling, None if plan.steps is None else list(plan.steps)],
            "droplet": self.droplet,
            "previous_droplet": self.previous_droplet,
            "processes": list(self.processes),
            "revision": [revision.guid, revision.version, revision.droplet] if revision else None,
            "metadata": [self.metadata.labels, self.metadata.annotations],
            "created_at": self.created_at,
            "written_at": self.written_at,
            "timeline": self.timeline.to_json(),
            "step": self.step,
            "error": self.error,
        }
        return stored.holding(data) if stored else Record(KIND, self.guid, self.space, data)

    def phase(self, now: float) -> Phase:
        """The stage of life it is at."""
        return Phase[self.timeline.state(now)]

    def changed_at(self, now: float) -> float:
        """When it last entered a phase: every phase shows another status than the one before (E51)."""
        return self.timeline.since(now)

    def updated_at(self, now: float) -> float:
        """When anything about it last changed (A8, A14)."""
        return max(self.written_at, self.changed_at(now))

    def healthy_at(self, now: float) -> float:
        """When a health check last succeeded: at its creation, or when it last had scaled (E51, A8)."""
        scaled = [moment.at for moment in self.timeline.past(now) if moment.state in HEALTHY]
        return scaled[-1] if scaled else self.created_at

    def turned(self, now: float, life: Steps) -> Deployment:
        """Its future replaced by another, from now on."""
        return self._replace(timeline=self.timeline.turn(now, life))
