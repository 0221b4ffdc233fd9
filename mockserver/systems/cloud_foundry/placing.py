"""The control API's view: deployments put straight into a phase, and steps that nobody asked the vendor for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.ids import Ids
from mockserver.state import Insert, Record, Store, transact
from mockserver.system import Resource
from mockserver.systems.cloud_foundry import deployment, wishes
from mockserver.systems.cloud_foundry.apps import App, Revision
from mockserver.systems.cloud_foundry.deployment import Deployment
from mockserver.systems.cloud_foundry.foundation import SPACES
from mockserver.systems.cloud_foundry.metadata import Metadata
from mockserver.systems.cloud_foundry.model import Deployments
from mockserver.systems.cloud_foundry.phases import Pace, Phase
from mockserver.systems.cloud_foundry.refusals import Refusal
from mockserver.systems.cloud_foundry.wishes import CANARY, ROLLING, Plan
from mockserver.timeline import Moment, Timeline

FIELDS = ("app_name", "strategy", "options", "metadata", "previous_droplet", "error")
BEFORE: Mapping[Phase, tuple[tuple[Phase, float], ...]] = {
    Phase.PAUSED: ((Phase.PREPAUSED, 20.0),),
    Phase.CANCELING: ((Phase.DEPLOYING, 10.0),),
    Phase.DEPLOYED: ((Phase.DEPLOYING, 60.0),),
    Phase.CANCELED: ((Phase.DEPLOYING, 10.0), (Phase.CANCELING, 5.0)),
    Phase.SUPERSEDED: ((Phase.DEPLOYING, 10.0),),
    Phase.ABANDONED: ((Phase.PREPAUSED, 20.0), (Phase.PAUSED, 10.0)),
}
"""What a deployment has been through when it is put straight into a phase, and for how many seconds."""
FINISHED_FOR = 30.0  # seconds that a finished one has been finished
STEPS: Mapping[tuple[Phase, str], Phase] = {
    (Phase.DEPLOYING, "finish"): Phase.DEPLOYED,
    (Phase.PREPAUSED, "pause"): Phase.PAUSED,
    (Phase.CANCELING, "settle"): Phase.CANCELED,
    **{(phase, "supersede"): phase.superseded for phase in Phase if phase.active},
}
"""The steps that happen without a request about this deployment (E9, E10, E14, E15)."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What the caller of the control API wants to have."""

    phase: Phase
    space: str
    plan: Plan
    metadata: Metadata = field(default_factory=Metadata)
    app_name: str = ""
    has_previous_droplet: bool = True
    error: str = ""


class Placing:
    """`mockserver.system.Model` over the vendor's own rules."""

    kind = deployment.KIND

    def __init__(self, deployments: Deployments, store: Store, ids: Ids, pace: Pace) -> None:
        self._deployments = deployments
        self._store = store
        self._ids = ids
        self._pace = pace

    def place(self, state: str, fields: Mapping[str, Any], tenant: str) -> str:
        """Put a deployment of an app of its own straight into a state: `status.reason`, or PREPAUSED or ABANDONED.

        Fields: app_name, strategy, options and metadata as in a create request, previous_droplet (null: the app ran
        nothing before), error (shown in `status.details`).
        """
        placement = placement_of(state, fields, tenant)
        return transact(lambda: self._place(placement))

    def add_app(self, app: App) -> None:
        """Store an app of a scenario, made now."""
        made = app._replace(facts={**app.facts, "created_at": self._deployments.now()})
        self._store.commit(Insert(made.record()))

    def move(self, id: str, trigger: str) -> None:
        """Take a step now: cancel, continue, or one that happens by itself."""
        transact(lambda: self._move(self._record(id), trigger))

    def resource(self, id: str) -> Resource:
        """One deployment of any space."""
        return self._resource(self._record(id))

    def resources(self, offset: int = 0, limit: int | None = None) -> list[Resource]:
        """All deployments, oldest first."""
        records = self._store.find(deployment.KIND, offset=offset, limit=limit)
        return [self._resource(record) for record in records]

    def _place(self, placement: Placement) -> str:
        now = self._deployments.now()
        life = _life(placement.phase, now, self._pace)
        began = life.moments[0].at
        guid, old, new = self._ids.guid(), self._ids.guid(), self._ids.guid()
        app = self._app(placement, began, old, new)
        placed = Deployment.begun(
            guid,
            app,
            placement.plan,
            life,
            droplet=new,
            previous_droplet=old if placement.has_previous_droplet else None,
            processes=(self._ids.guid(),),
            revision=app.revisions[-1],
            metadata=placement.metadata,
            error=placement.error,
        )
        app = app._replace(facts={**app.facts, "latest": guid, "droplet": self._current(placement, old, new)})
        self._store.commit(Insert(app.record()), Insert(placed.record()))
        return guid

    def _app(self, placement: Placement, began: float, old: str, new: str) -> App:
        guid = self._ids.guid()
        droplets = (old, new) if placement.has_previous_droplet else (new,)
        revisions = tuple(Revision(self._ids.guid(), version, each) for version, each in enumerate(droplets, start=1))
        name = placement.app_name or f"app-{guid[:8]}"
        return App.made(guid, name, placement.space, began, droplets=droplets, revisions=revisions)

    @staticmethod
    def _current(placement: Placement, old: str, new: str) -> str:
        """The app's current droplet: a cancelled deployment has given it back (E19)."""
        given_back = placement.phase in (Phase.CANCELING, Phase.CANCELED) and placement.has_previous_droplet
        return old if given_back else new

    def _move(self, record: Record, trigger: str) -> None:
        phase = Deployment.of(record).phase(self._deployments.now())
        if following := STEPS.get((phase, trigger)):
            self._deployments.enter(record, following)
        elif trigger in ("cancel", "continue"):
            self._request(record, trigger)
        else:
            raise ValueError(f"deployment {record.id} is {phase.name}: `{trigger}` does not happen there.")

    def _request(self, record: Record, trigger: str) -> None:
        step = self._deployments.cancel_record if trigger == "cancel" else self._deployments.resume_record
        try:
            step(record)
        except Refusal as refusal:
            raise ValueError(f"deployment {record.id}: {refusal}.") from None

    def _record(self, guid: str) -> Record:
        if (record := self._store.get(deployment.KIND, guid)) is None:
            raise KeyError(guid)
        return record

    def _resource(self, record: Record) -> Resource:
        phase = Deployment.of(record).phase(self._deployments.now())
        return Resource(record.id, phase.reason, record.scope, {"guid": record.id})


def placement_of(state: str, fields: Mapping[str, Any], tenant: str) -> Placement:
    """What was asked for. ValueError says what is wrong with it."""
    if state not in Phase.__members__:
        raise ValueError(f"unknown state `{state}`. Known states: {', '.join(Phase.__members__)}.")
    if tenant not in SPACES:
        raise ValueError(f"unknown space `{tenant}`. Known spaces: {', '.join(SPACES)}.")
    if unknown := set(fields) - set(FIELDS):
        raise ValueError(f"unknown field `{min(unknown)}`. Known fields: {', '.join(FIELDS)}.")
    phase = Phase[state]
    body = {name: fields[name] for name in ("options", "metadata") if name in fields}
    body["strategy"] = fields.get("strategy") or (CANARY if _pauses(phase) else ROLLING)
    if wrong := wishes.complaints(body):
        raise ValueError(f"{', '.join(wrong)}.")
    if _pauses(phase) and body["strategy"] != CANARY:
        raise ValueError(f"a {body['strategy']} deployment is never {state}. Leave the strategy out, or say canary.")
    return Placement(
        phase=phase,
        space=tenant,
        plan=wishes.plan_of(body),
        metadata=Metadata.of(body.get("metadata") or {}),
        app_name=str(fields.get("app_name") or ""),
        has_previous_droplet=fields.get("previous_droplet", "") is not None,
        error=str(fields.get("error") or ""),
    )


def _pauses(phase: Phase) -> bool:
    return phase in (Phase.PREPAUSED, Phase.PAUSED, Phase.ABANDONED)


def _life(phase: Phase, now: float, pace: Pace) -> Timeline:
    """A past that led to `phase`, and the future that follows."""
    entered = now if phase.active else now - FINISHED_FOR
    future = Timeline.starting(entered, pace.life(phase))
    past: list[Moment] = []
    for earlier, seconds in reversed(BEFORE.get(phase, ())):
        entered -= seconds
        past.insert(0, Moment(entered, earlier.name))
    return Timeline((*past, *future.moments))
