"""Apps: what a deployment replaces the code of. Only as much of them as deployments touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mockserver.state import Record
from mockserver.systems.cloud_foundry.refusals import DropletNotAssignable, Unprocessable
from mockserver.systems.cloud_foundry.wishes import Wish

KIND = "app"
STARTED = "STARTED"
STOPPED = "STOPPED"


class Revision(NamedTuple):
    """A numbered version of an app's code. Its configuration is not imitated."""

    guid: str
    version: int
    droplet: str


class App(NamedTuple):
    """An app: a view of what is stored of it. `facts` is the record's plain JSON."""

    guid: str
    space: str
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, record: Record) -> App:
        """As it was stored."""
        return cls(record.id, record.scope, record.data)

    @classmethod
    def made(
        cls,
        guid: str,
        name: str,
        space: str,
        created_at: float = 0.0,
        *,
        state: str = STARTED,
        droplet: str | None = None,
        droplets: Iterable[str] = (),
        revisions: Iterable[Revision] = (),
        keeps_revisions: bool = True,
    ) -> App:
        """A new one. `droplets` are those that exist, `droplet` the current one."""
        facts = {
            "name": name,
            "created_at": created_at,
            "state": state,
            "droplet": droplet,
            "droplets": list(droplets),
            "revisions": [list(each) for each in revisions],
            "keeps_revisions": keeps_revisions,
            "latest": None,
        }
        return cls(guid, space, facts)

    def record(self, stored: Record | None = None) -> Record:
        """To store: anew, or in place of what was read."""
        return stored.holding(self.facts) if stored else Record(KIND, self.guid, self.space, self.facts)

    def changed(self, **facts: Any) -> App:
        """With some facts replaced, as they are stored."""
        return App(self.guid, self.space, {**self.facts, **facts})

    @property
    def name(self) -> str:
        """What people call it."""
        name: str = self.facts["name"]
        return name

    @property
    def created_at(self) -> float:
        """When it was made."""
        at: float = self.facts["created_at"]
        return at

    @property
    def state(self) -> str:
        """STARTED or STOPPED."""
        state: str = self.facts["state"]
        return state

    @property
    def droplet(self) -> str | None:
        """The guid of its current code, if it has any."""
        guid: str | None = self.facts["droplet"]
        return guid

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """The numbered versions of its code, oldest first."""
        return tuple(Revision(*each) for each in self.facts["revisions"])

    @property
    def keeps_revisions(self) -> bool:
        """Whether deploying makes revisions."""
        keeps: bool = self.facts["keeps_revisions"]
        return keeps

    @property
    def latest(self) -> str | None:
        """The guid of its newest deployment: no other one can be active."""
        guid: str | None = self.facts["latest"]
        return guid

    def running(self, droplet: str | None) -> App:
        """With another current droplet. DropletNotAssignable unless it exists and is this app's (E17, E55)."""
        if droplet not in self.facts["droplets"]:
            raise DropletNotAssignable
        return self.changed(droplet=droplet)

    def started(self, deployment: str) -> App:
        """Running what this deployment deploys, its newest."""
        return self.changed(state=STARTED, latest=deployment)

    def chosen_droplet(self, wish: Wish) -> str:
        """What a create request wants deployed: its droplet, its revision's, or the current one (E50, E55)."""
        if wish.revision is not None:
            return self._droplet_of_revision(wish.revision)
        droplet = wish.droplet or self.droplet
        if droplet is None:
            raise Unprocessable(
                "Invalid droplet. Please specify a droplet in the request or set a current droplet for the app."
            )
        return droplet

    def _droplet_of_revision(self, guid: str) -> str:
        revision = next((each for each in self.revisions if each.guid == guid), None)
        if revision is None:
            raise Unprocessable("The revision does not exist")
        if revision.droplet not in self.facts["droplets"]:
            raise Unprocessable("Unable to deploy this revision, the droplet for this revision no longer exists.")
        return revision.droplet

    def revised(self, droplet: str, new_guid: str, *, rollback: bool) -> App:
        """With a new revision if `droplet` is not the code of the newest one; a rollback has to change it (E50)."""
        before = self.revisions
        same = bool(before) and before[-1].droplet == droplet
        if rollback and same:
            raise Unprocessable(
                "Unable to rollback. The code and configuration you are rolling back to is the same as the deployed "
                "revision."
            )
        if same or not self.keeps_revisions:
            return self
        return self.changed(revisions=[*map(list, before), [new_guid, len(before) + 1, droplet]])
