"""Apps: what a deployment replaces the code of. Only as much of them as deployments touch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypedDict

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


class Facts(TypedDict):
    """What is stored of an app.

    `state` is STARTED or STOPPED, `droplet` the guid of its current code, if it has any, and `droplets` are those that
    exist. `revisions` are lists. `latest` is the guid of its newest deployment: no other one can be active.
    """

    name: str
    created_at: float
    state: str
    droplet: str | None
    droplets: list[str]
    revisions: list[list[Any]]
    keeps_revisions: bool
    latest: str | None


class App(NamedTuple):
    """An app: what is stored of it."""

    guid: str
    space: str
    facts: Facts

    @classmethod
    def of(cls, record: Record) -> App:
        """As it was stored."""
        facts: Any = record.data
        return cls(record.id, record.scope, facts)

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
        facts: Facts = {
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

    def record(self) -> Record:
        """To store anew."""
        return Record(KIND, self.guid, self.space, self.facts)

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """The numbered versions of its code, oldest first."""
        return tuple(Revision(*each) for each in self.facts["revisions"])

    def running(self, droplet: str | None) -> App:
        """With another current droplet. DropletNotAssignable unless it exists and is this app's (E17, E55)."""
        if droplet not in self.facts["droplets"]:
            raise DropletNotAssignable
        return App(self.guid, self.space, {**self.facts, "droplet": droplet})

    def started(self, deployment: str) -> App:
        """Running what this deployment deploys, its newest."""
        return self._replace(facts={**self.facts, "state": STARTED, "latest": deployment})

    def chosen_droplet(self, wish: Wish) -> str:
        """What a create request wants deployed: its droplet, its revision's, or the current one (E50, E55)."""
        if wish.revision is not None:
            return self._droplet_of_revision(wish.revision)
        droplet = wish.droplet or self.facts["droplet"]
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
        if same or not self.facts["keeps_revisions"]:
            return self
        revisions = [*map(list, before), [new_guid, len(before) + 1, droplet]]
        return self._replace(facts={**self.facts, "revisions": revisions})
