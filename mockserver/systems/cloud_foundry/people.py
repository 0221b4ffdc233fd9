"""The built-in users and clients: fixed, so that documentation and tests can name them.

`owner` is a space developer, `reader` a space auditor of the same space, `stranger` a space developer of another
organization. The others stand for one row of the vendor's table of roles each, or for one unusual place (E25-E27).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.system import Identity
from mockserver.systems.cloud_foundry import foundation as at
from mockserver.systems.cloud_foundry.roles import ADMIN, ADMIN_READ_ONLY, GLOBAL_AUDITOR, READ, USER_SCOPES, Actor


@dataclass(frozen=True, slots=True)
class Person:
    """A user. The password is the name and `-password`; `place` is where the role holds, if it is not everywhere."""

    name: str
    guid: str
    role: str
    place: str = ""
    scopes: frozenset[str] = USER_SCOPES
    home: str = at.DEVELOPMENT.guid

    @property
    def password(self) -> str:
        """What the user logs in with."""
        return f"{self.name}-password"

    @property
    def roles(self) -> Mapping[str, str]:
        """The role by the place where it holds."""
        return {self.place: self.role} if self.place else {}


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client. `roles` are its own, for tokens without a user; `may_log_in_users` is what the cf CLI's may."""

    name: str
    secret: str
    roles: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    may_log_in_users: bool = False


@dataclass(frozen=True, slots=True)
class Caller(Identity):
    """Who holds a token: the identity, and what it may do."""

    actor: Actor


_HERE, _ELSEWHERE, _ACME = at.DEVELOPMENT.guid, at.ELSEWHERE.guid, at.ACME.guid
_FROZEN, _LEAVING = at.IN_FROZEN.guid, at.IN_LEAVING.guid
_SUSPENDED, _DELETING = at.SUSPENDED.guid, at.DELETING.guid
_DEVELOPER = "space_developer"

PEOPLE = (
    Person("owner", "8e81973e-0bec-47b0-b898-d190f9ebdacc", _DEVELOPER, _HERE),
    Person("reader", "6b4cb242-4a23-4596-a217-beaddbc496cb", "space_auditor", _HERE),
    Person("stranger", "92276658-1e27-41c0-8a6a-63ec24ede6a4", _DEVELOPER, _ELSEWHERE, home=_ELSEWHERE),
    Person("supporter", "ae97ba94-d0ed-482f-8f6d-05584ef8aa38", "space_supporter", _HERE),
    Person("manager", "923a7369-94e3-4f91-9a61-dbe22e44158b", "space_manager", _HERE),
    Person("org_manager", "18f135d2-5f55-4203-b018-50c5a38fd547", "org_manager", _ACME),
    Person("org_auditor", "907a70c3-1012-4037-b64c-e4228c38fb29", "org_auditor", _ACME),
    Person("billing_manager", "7f150524-34b9-45df-9e77-69b10f4205b4", "org_billing_manager", _ACME),
    Person("newcomer", "c6f87718-6d76-407e-881e-d162ae2eb154", "none"),
    Person("admin", "ec66a787-95e7-41d1-b731-af10506bf2ef", "admin", scopes=USER_SCOPES | {ADMIN}),
    Person(
        "admin_read_only",
        "3f98e277-4cbd-47ad-9c90-a9587403e430",
        "admin_read_only",
        scopes=frozenset({READ, ADMIN_READ_ONLY}),
    ),
    Person(
        "global_auditor",
        "c7a2ea20-b2f1-4c94-ae05-319acb5c7427",
        "global_auditor",
        scopes=USER_SCOPES | {GLOBAL_AUDITOR},
    ),
    Person("no_write_scope", "4cdd2055-930d-4eaf-94f4-733f3e7d1bfb", _DEVELOPER, _HERE, scopes=frozenset({READ})),
    Person("no_scope", "57ee05cd-e009-42c7-bebf-f20686734721", _DEVELOPER, _HERE, scopes=frozenset()),
    Person("in_frozen_org", "9be4bcfc-49b6-4a08-b2e6-cc3ababced20", _DEVELOPER, _FROZEN, home=_FROZEN),
    Person("in_leaving_org", "830e07bc-1e39-4f10-92bd-4acefaecbd38", _DEVELOPER, _LEAVING, home=_LEAVING),
    Person("in_suspended_space", "5790f82e-c1d3-4cff-aa3a-f4d46b0a18e8", _DEVELOPER, _SUSPENDED, home=_SUSPENDED),
    Person("in_deleting_space", "6bf46c69-7d2c-4f82-aeea-cbe226e87555", _DEVELOPER, _DELETING, home=_DELETING),
)

CLIENTS = (
    Client("cf", "", may_log_in_users=True),  # E47
    Client("deployer", "deployer-secret", {_HERE: _DEVELOPER}, USER_SCOPES),
)
