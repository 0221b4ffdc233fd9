"""Apps: what a deployment replaces the code of. Only as much of them as deployments touch."""

from __future__ import annotations

from collections.abc import Mapping
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
    """An app. `droplets` are those that exist, `latest` its newest deployment: no other one can be active."""

    guid: str
    name: str
    space: str
    created_at: float
    state: str = STARTED
    droplet: str | None = None
    droplets: tuple[str, ...] = ()
    revisions: tuple[Revision, ...] = ()
    keeps_revisions: bool = True
    latest: str | None = None

    @classmethod
    def of(cls, record: Record) -> App:
        """As it was stored."""
        data: Mapping[str, Any] = record.data
        return cls(
            guid=record.id,
            name=data["name"],
            space=record.scope,
            created_at=data["created_at"],
            state=data["state"],
            droplet=data["droplet"],
            droplets=tuple(data["droplets"]),
            revisions=tuple(Revision(*each) for each in data["revisions"]),
            keeps_revisions=data["keeps_revisions"],
            latest=data["latest"],
        )

    def record(self, stored: Record | None = None) -> Record:
        """To store: anew, or in place of what was read."""
        data = {
            "name": self.name,
            "created_at": self.created_at,
            "state": self.state,
            "droplet": self.droplet,
            "droplets": list(self.droplets),
            "revisions": [[each.guid, each.version, each.droplet] for each in self.revisions],
            "keeps_revisions": self.keeps_revisions,
            "latest": self.latest,
        }
        return stored.holding(data) if stored else Record(KIND, self.guid, self.space, data)

    def running(self, droplet: str | None) -> App:
        """With another current droplet. DropletNotAssignable unless it exists and is this app's (E17, E55)."""
        if droplet not in self.droplets:
            raise DropletNotAssignable
        return self._replace(droplet=droplet)

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
        if revision.droplet not in self.droplets:
            raise Unprocessable("Unable to deploy this revision, the droplet for this revision no longer exists.")
        return revision.droplet

    def revised(self, droplet: str, new_guid: str, *, rollback: bool) -> App:
        """With a new revision if `droplet` is not the code of the newest one; a rollback has to change it (E50)."""
        same = bool(self.revisions) and self.revisions[-1].droplet == droplet
        if rollback and same:
            raise Unprocessable(
                "Unable to rollback. The code and configuration you are rolling back to is the same as the deployed "
                "revision."
            )
        if same or not self.keeps_revisions:
            return self
        return self._replace(revisions=(*self.revisions, Revision(new_guid, len(self.revisions) + 1, droplet)))
