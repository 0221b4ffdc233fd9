"""Who may do what where (E23, E25, E26, E27)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.systems.cloud_foundry.foundation import Space
from mockserver.systems.cloud_foundry.refusals import (
    OrganizationBeingDeleted,
    OrganizationSuspended,
    SpaceBeingDeleted,
    SpaceSuspended,
)

READ = "cloud_controller.read"
WRITE = "cloud_controller.write"
ADMIN = "cloud_controller.admin"
ADMIN_READ_ONLY = "cloud_controller.admin_read_only"
GLOBAL_AUDITOR = "cloud_controller.global_auditor"
USER_SCOPES = frozenset({READ, WRITE})

SEES_EVERYTHING = frozenset({ADMIN, ADMIN_READ_ONLY, GLOBAL_AUDITOR})
MANAGES_APPS = frozenset({"space_developer", "space_supporter"})
WRITES = frozenset({"space_developer"})
READS_SPACE = frozenset({"space_developer", "space_supporter", "space_manager", "space_auditor"})
READS_ORGANIZATION = frozenset({"org_manager"})


@dataclass(frozen=True, slots=True)
class Actor:
    """A user or client, as far as permissions go. `roles` maps the guid of a space or organization to a role there."""

    guid: str
    scopes: frozenset[str]
    roles: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_admin(self) -> bool:
        """Whether no rule of spaces and roles applies."""
        return ADMIN in self.scopes

    @property
    def sees_everything(self) -> bool:
        """Whether every space is readable."""
        return not SEES_EVERYTHING.isdisjoint(self.scopes)

    def may_call(self, *, writing: bool) -> bool:
        """Whether the token's scopes allow the request at all, whatever it is about (E23)."""
        if writing:
            return WRITE in self.scopes or self.is_admin
        return READ in self.scopes or self.sees_everything

    def reads(self, space: Space) -> bool:
        """Whether what is in the space may be seen."""
        return (
            self.sees_everything
            or self.roles.get(space.guid) in READS_SPACE
            or self.roles.get(space.organization.guid) in READS_ORGANIZATION
        )

    def manages_apps(self, space: Space) -> bool:
        """Whether deployments may be created, cancelled and continued there."""
        return self.roles.get(space.guid) in MANAGES_APPS or self.is_admin

    def writes(self, space: Space) -> bool:
        """Whether what is there may be changed in every way."""
        return self.roles.get(space.guid) in WRITES or self.is_admin


def refuse_unwritable(actor: Actor, space: Space) -> None:
    """Raise unless things in the space may change now. Deletion is said before suspension (E27, E31)."""
    if actor.is_admin:
        return
    if space.organization.deleting:
        raise OrganizationBeingDeleted
    if space.deleting:
        raise SpaceBeingDeleted
    if space.organization.suspended:
        raise OrganizationSuspended
    if space.suspended:
        raise SpaceSuspended
