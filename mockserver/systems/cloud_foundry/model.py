"""Deployments and their rules: create, cancel, continue, update. No HTTP here: import it in a plain unit test.

A deployment's life is planned when it begins and stored as a timeline; its phase is read off the clock. Whatever a
request changes, on the app, on the deployment and on the one it replaces, is one commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import islice

from mockserver.clock import Clock
from mockserver.ids import Ids
from mockserver.state import Change, Insert, Record, Replace, Store, transact
from mockserver.systems.cloud_foundry import apps, deployment
from mockserver.systems.cloud_foundry.apps import STOPPED, App
from mockserver.systems.cloud_foundry.deployment import Deployment
from mockserver.systems.cloud_foundry.foundation import SPACES
from mockserver.systems.cloud_foundry.metadata import NO_METADATA, Metadata
from mockserver.systems.cloud_foundry.phases import Pace, Phase
from mockserver.systems.cloud_foundry.refusals import (
    AppNotUsable,
    DeploymentNotFound,
    NotAuthorized,
    Unprocessable,
    WrongPhase,
)
from mockserver.systems.cloud_foundry.roles import Actor, refuse_unwritable
from mockserver.systems.cloud_foundry.wishes import CANARY, Wish
from mockserver.timeline import Timeline


class Deployments:
    """All deployments of all apps, and the apps."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, pace: Pace) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._lives = {phase: pace.life(phase) for phase in Phase}

    def now(self) -> float:
        """The moment that what is read now belongs to."""
        return self._clock.now()

    def get(self, actor: Actor, guid: str) -> Deployment:
        """One deployment. DeploymentNotFound unless it is there for the caller to see (E24)."""
        return Deployment.of(self._readable(actor, guid))

    def visible(self, actor: Actor, offset: int = 0, limit: int | None = None) -> list[Deployment]:
        """What the caller may see, in order of creation (E25)."""
        return [Deployment.of(record) for record in self._readables(actor, deployment.KIND, offset, limit)]

    def visible_of(self, actor: Actor, suits: Callable[[str, str], bool]) -> Iterator[Deployment]:
        """All that the caller may see and whose guid and app suit; nothing more is read of the others."""
        records = self._readables(actor, deployment.KIND)
        return (Deployment.of(record) for record in records if suits(record.id, record.data["app"]))

    def count(self, actor: Actor) -> int:
        """How many the caller may see."""
        return sum(self._store.count(deployment.KIND, space) for space in _readable_spaces(actor))

    def visible_apps(self, actor: Actor) -> list[App]:
        """All apps that the caller may see, in order of creation."""
        return [App.of(record) for record in self._readables(actor, apps.KIND)]

    def create(self, actor: Actor, wish: Wish) -> Deployment:
        """Start to deploy, and supersede whatever is under way for the same app (E7, E8, E15, E19, E34)."""
        return transact(lambda: self._create(actor, wish))

    def cancel(self, actor: Actor, guid: str) -> Deployment:
        """Have a deployment stop, and its app go back to the droplet from before (E12, E19).

        Accepted again while it is CANCELING; refused once it is finished, or without a droplet to go back to (E13, E16,
        E17).
        """
        return transact(lambda: self.cancel_record(self._managed(actor, guid)))

    def resume(self, actor: Actor, guid: str) -> Deployment:
        """Have a paused canary take its next step (E11). Refused in any other phase (E18)."""
        return transact(lambda: self.resume_record(self._managed(actor, guid)))

    def check_updatable(self, actor: Actor, guid: str) -> Record:
        """Raise unless the caller may change this deployment's metadata; what the body says comes later (E38)."""
        record = self._readable(actor, guid)
        space = SPACES[record.scope]
        if not actor.writes(space):
            raise NotAuthorized
        refuse_unwritable(actor, space)
        return record

    def update(self, actor: Actor, guid: str, change: Metadata) -> Deployment:
        """Merge metadata, in any phase (E39)."""
        return transact(lambda: self._update(self.check_updatable(actor, guid), change))

    # Steps on a record that the caller has been let near: also what the control API forces.

    def cancel_record(self, record: Record) -> Deployment:
        """Cancel, whoever asks. One commit: the droplet goes back when the phase changes."""
        cancelled, now = Deployment.of(record), self.now()
        phase = cancelled.phase(now)
        if not phase.active:
            raise WrongPhase("cancel", phase)
        stored_app = self._app_record(cancelled.facts["app"])
        app = App.of(stored_app).running(cancelled.facts["previous_droplet"])
        changes: list[Change] = [Replace(stored_app.holding(app.facts))]
        if phase is not Phase.CANCELING:  # E13, A12: repeated, it moves no timestamp
            cancelled = cancelled.turned(now, self._lives[Phase.CANCELING])
            changes.append(Replace(record.holding(cancelled.facts)))
        self._store.commit(*changes)
        return cancelled

    def resume_record(self, record: Record) -> Deployment:
        """Continue, whoever asks: to the next pause if there is one, else to the end (E11)."""
        paused, now = Deployment.of(record), self.now()
        if (phase := paused.phase(now)) is not Phase.PAUSED:
            raise WrongPhase("continue", phase)
        step = paused.facts["step"]
        following, step = (Phase.DEPLOYING, step) if step >= paused.plan.pauses else (Phase.PREPAUSED, step + 1)
        return self._replace(record, paused.turned(now, self._lives[following]).at_step(step))

    def enter(self, record: Record, phase: Phase) -> Deployment:
        """Put a deployment into a phase now."""
        return self._replace(record, Deployment.of(record).turned(self.now(), self._lives[phase]))

    def _create(self, actor: Actor, wish: Wish) -> Deployment:
        stored_app = self._usable_app(actor, wish.app)
        app, now = App.of(stored_app), self.now()
        if wish.revision is not None and not app.facts["keeps_revisions"]:
            raise Unprocessable("Cannot create deployment from a revision for an app without revisions enabled")
        droplet = app.chosen_droplet(wish)
        deployed = app.running(droplet).revised(droplet, self._ids.guid(), rollback=wish.revision is not None)
        created = self._begun(wish, app, deployed, now)
        deployed = deployed.started(created.guid)
        self._store.commit(
            Insert(created.record()), Replace(stored_app.holding(deployed.facts)), *self._superseding(app, now)
        )
        return created

    def _begun(self, wish: Wish, app: App, deployed: App, now: float) -> Deployment:
        stopped = app.facts["state"] == STOPPED
        revisions = deployed.revisions
        return Deployment.begun(
            self._ids.guid(),
            app,
            wish.plan,
            Timeline.starting(now, self._lives[_first_phase(wish, stopped)]),
            droplet=deployed.facts["droplet"] or "",
            previous_droplet=app.facts["droplet"],
            processes=() if stopped else (self._ids.guid(),),
            revision=revisions[-1] if deployed.facts["keeps_revisions"] and revisions else None,
            metadata=NO_METADATA.merged(wish.metadata),
        )

    def _superseding(self, app: App, now: float) -> Iterable[Change]:
        """What becomes of the deployment that is under way for the app, if one is (E15)."""
        record = self._store.get(deployment.KIND, app.facts["latest"]) if app.facts["latest"] else None
        if record is None:
            return
        under_way = Deployment.of(record)
        phase = under_way.phase(now)
        if phase.active:
            turned = under_way.turned(now, self._lives[phase.superseded])
            yield Replace(record.holding(turned.facts))

    def _update(self, record: Record, change: Metadata) -> Deployment:
        before = Deployment.of(record)
        return self._replace(record, before.tagged(before.metadata.merged(change), self.now()))

    def _replace(self, record: Record, changed: Deployment) -> Deployment:
        self._store.commit(Replace(record.holding(changed.facts)))
        return changed

    def _usable_app(self, actor: Actor, guid: str) -> Record:
        record = self._store.get(apps.KIND, guid)
        if record is None or not actor.manages_apps(SPACES[record.scope]):
            raise AppNotUsable
        refuse_unwritable(actor, SPACES[record.scope])
        return record

    def _managed(self, actor: Actor, guid: str) -> Record:
        """A deployment that the caller may cancel or continue (E24, E25, E31)."""
        record = self._store.get(deployment.KIND, guid)
        if record is None or not actor.manages_apps(SPACES[record.scope]):
            raise DeploymentNotFound
        refuse_unwritable(actor, SPACES[record.scope])
        return record

    def _readable(self, actor: Actor, guid: str) -> Record:
        record = self._store.get(deployment.KIND, guid)
        if record is None or not actor.reads(SPACES[record.scope]):
            raise DeploymentNotFound
        return record

    def _app_record(self, guid: str) -> Record:
        record = self._store.get(apps.KIND, guid)
        assert record is not None, f"deployment of app {guid}, which is not stored"
        return record

    def _readables(self, actor: Actor, kind: str, offset: int = 0, limit: int | None = None) -> list[Record]:
        """Records of the spaces that the caller may read, in order of creation, read no further than is needed."""
        spaces = _readable_spaces(actor)
        if len(spaces) == 1:
            return self._store.find(kind, spaces[0], offset=offset, limit=limit)
        end = None if limit is None else offset + limit
        shelves = [self._store.find(kind, space, limit=end) for space in spaces]
        return list(islice(merge(*shelves, key=_serial), offset, end))


def _readable_spaces(actor: Actor) -> list[str]:
    return [guid for guid, space in SPACES.items() if actor.reads(space)]


def _serial(record: Record) -> int:
    return record.serial


def _first_phase(wish: Wish, stopped: bool) -> Phase:
    if stopped:
        return Phase.DEPLOYED
    return Phase.PREPAUSED if wish.plan.strategy == CANARY else Phase.DEPLOYING
