"""One deployment: what is stored of it, and what can be told from that at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.state import Record
from mockserver.systems.cloud_foundry.apps import App, Revision
from mockserver.systems.cloud_foundry.metadata import NO_METADATA, Metadata
from mockserver.systems.cloud_foundry.phases import Phase, Steps
from mockserver.systems.cloud_foundry.wishes import Plan
from mockserver.timeline import Timeline

KIND = "deployment"
HEALTHY = frozenset({Phase.PAUSED.name, Phase.DEPLOYED.name})  # phases entered with a successful health check (E51)


class Deployment(NamedTuple):
    """A deployment: its life, and a view of what else is stored of it. Every request makes several, so none is a copy.

    `facts` is the record's plain JSON.
    """

    guid: str
    space: str
    facts: Mapping[str, Any]
    timeline: Timeline

    @classmethod
    def of(cls, record: Record) -> Deployment:
        """As it was stored."""
        facts = record.data
        return cls(record.id, record.scope, facts, Timeline.from_json(facts["timeline"]))

    @classmethod
    def begun(
        cls,
        guid: str,
        app: App,
        plan: Plan,
        timeline: Timeline,
        *,
        droplet: str,
        previous_droplet: str | None,
        processes: Iterable[str] = (),
        revision: Revision | None = None,
        metadata: Metadata = NO_METADATA,
        error: str = "",
    ) -> Deployment:
        """A new one, which begins when its life does.

        `processes` are the guids of those it creates; `error` is what the updater last failed with.
        """
        began = timeline.moments[0].at
        facts = {
            "app": app.guid,
            "plan": [plan.strategy, plan.max_in_flight, plan.scaling, None if plan.steps is None else list(plan.steps)],
            "droplet": droplet,
            "previous_droplet": previous_droplet,
            "processes": list(processes),
            "revision": list(revision) if revision else None,
            "metadata": [metadata.labels, metadata.annotations],
            "created_at": began,
            "written_at": began,
            "timeline": timeline.to_json(),
            "step": 1,
            "error": error,
        }
        return cls(guid, app.space, facts, timeline)

    def record(self, stored: Record | None = None) -> Record:
        """To store: anew, or in place of what was read."""
        return stored.holding(self.facts) if stored else Record(KIND, self.guid, self.space, self.facts)

    @property
    def app(self) -> str:
        """The guid of the app that is deployed."""
        guid: str = self.facts["app"]
        return guid

    @property
    def plan(self) -> Plan:
        """How it is deployed."""
        strategy, max_in_flight, scaling, steps = self.facts["plan"]
        return Plan(strategy, max_in_flight, scaling, None if steps is None else tuple(steps))

    @property
    def droplet(self) -> str:
        """The guid of the code that is deployed."""
        guid: str = self.facts["droplet"]
        return guid

    @property
    def previous_droplet(self) -> str | None:
        """The guid of the code that the app ran before, if it ran any."""
        guid: str | None = self.facts["previous_droplet"]
        return guid

    @property
    def processes(self) -> Sequence[str]:
        """The guids of the processes that it created."""
        guids: Sequence[str] = self.facts["processes"]
        return guids

    @property
    def revision(self) -> Revision | None:
        """The app's revision that it deploys, if the app has any."""
        revision = self.facts["revision"]
        return Revision(*revision) if revision else None

    @property
    def metadata(self) -> Metadata:
        """What it is tagged with."""
        return Metadata(*self.facts["metadata"])

    @property
    def created_at(self) -> float:
        """When it began."""
        at: float = self.facts["created_at"]
        return at

    @property
    def step(self) -> int:
        """The canary step that it is at, from 1."""
        number: int = self.facts["step"]
        return number

    @property
    def error(self) -> str:
        """What the updater last failed with, or nothing."""
        words: str = self.facts["error"]
        return words

    def phase(self, now: float) -> Phase:
        """The stage of life it is at."""
        return Phase[self.timeline.state(now)]

    def changed_at(self, now: float) -> float:
        """When it last entered a phase: every phase shows another status than the one before (E51)."""
        return self.timeline.since(now)

    def updated_at(self, now: float) -> float:
        """When anything about it last changed (A8, A14)."""
        written_at: float = self.facts["written_at"]
        return max(written_at, self.changed_at(now))

    def healthy_at(self, now: float) -> float:
        """When a health check last succeeded: at its creation, or when it last had scaled (E51, A8)."""
        scaled = [moment.at for moment in self.timeline.past(now) if moment.state in HEALTHY]
        return scaled[-1] if scaled else self.created_at

    def turned(self, now: float, life: Steps) -> Deployment:
        """Its future replaced by another, from now on."""
        turned = self.timeline.turn(now, life)
        return Deployment(self.guid, self.space, {**self.facts, "timeline": turned.to_json()}, turned)

    def at_step(self, step: int) -> Deployment:
        """At another canary step."""
        return self._replace(facts={**self.facts, "step": step})

    def tagged(self, metadata: Metadata, now: float) -> Deployment:
        """With other metadata, written now: a change that is not one of phase."""
        pairs = [metadata.labels, metadata.annotations]
        return self._replace(facts={**self.facts, "metadata": pairs, "written_at": now})
