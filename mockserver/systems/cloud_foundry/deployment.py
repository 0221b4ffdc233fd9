"""One deployment: what is stored of it, and what can be told from that at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

from mockserver.state import Record
from mockserver.systems.cloud_foundry.apps import App, Revision
from mockserver.systems.cloud_foundry.metadata import NO_METADATA, Metadata, Pairs
from mockserver.systems.cloud_foundry.phases import Phase, Steps
from mockserver.systems.cloud_foundry.wishes import Plan
from mockserver.timeline import Pair, Timeline

KIND = "deployment"
PHASES: Mapping[str, Phase] = Phase.__members__
HEALTHY = frozenset({Phase.PAUSED.name, Phase.DEPLOYED.name})  # phases entered with a successful health check (E51)


class Facts(TypedDict):
    """What is stored of a deployment.

    `plan`, `revision` and `metadata` are those of the deployment as lists. `processes` are the guids of those that it
    created, `previous_droplet` is the code that the app ran before, `step` the canary step that it is at, from 1,
    `error` what the updater last failed with, or nothing. `written_at` is when something that is no phase changed.
    """

    app: str
    plan: list[Any]
    droplet: str
    previous_droplet: str | None
    processes: list[str]
    revision: list[Any] | None
    metadata: list[Pairs]
    created_at: float
    written_at: float
    timeline: Sequence[Pair]
    step: int
    error: str


class Deployment(NamedTuple):
    """A deployment: its life, and what else is stored of it. Every request makes several, so none is a copy."""

    guid: str
    space: str
    facts: Facts
    timeline: Timeline

    @classmethod
    def of(cls, record: Record) -> Deployment:
        """As it was stored."""
        facts: Any = record.data
        return cls(record.id, record.scope, facts, Timeline(facts["timeline"]))

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
        facts: Facts = {
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

    def record(self) -> Record:
        """To store anew."""
        return Record(KIND, self.guid, self.space, self.facts)

    @property
    def plan(self) -> Plan:
        """How it is deployed."""
        strategy, max_in_flight, scaling, steps = self.facts["plan"]
        return Plan(strategy, max_in_flight, scaling, None if steps is None else tuple(steps))

    @property
    def revision(self) -> Revision | None:
        """The app's revision that it deploys, if the app has any."""
        revision = self.facts["revision"]
        return Revision(*revision) if revision else None

    @property
    def metadata(self) -> Metadata:
        """What it is tagged with."""
        return Metadata(*self.facts["metadata"])

    def phase(self, now: float) -> Phase:
        """The stage of life it is at."""
        return self.stage(now)[1]

    def stage(self, now: float) -> tuple[float, Phase]:
        """When it last entered a phase, and which: every phase shows another status than the one before (E51)."""
        entered, name = self.timeline.latest(now)
        return entered, PHASES[name]

    def updated_at(self, now: float) -> float:
        """When anything about it last changed (A8, A14)."""
        return max(self.facts["written_at"], self.timeline.since(now))

    def healthy_at(self, now: float) -> float:
        """When a health check last succeeded: at its creation, or when it last had scaled (E51, A8)."""
        for at, state in reversed(self.timeline.pairs):
            if at <= now and state in HEALTHY:
                return float(at)
        return self.facts["created_at"]

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
