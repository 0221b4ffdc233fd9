"""Organizations and spaces: fixed, so that documentation and tests can name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organization:
    """A customer of the platform."""

    guid: str
    name: str
    suspended: bool = False
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class Space:
    """Where apps live, inside an organization."""

    guid: str
    name: str
    organization: Organization
    suspended: bool = False
    deleting: bool = False


ACME = Organization("6513270e-269e-4d37-b2a7-4de452e6b438", "acme")
GLOBEX = Organization("d23f0824-128b-4f33-8c5c-7fd0a6a3a450", "globex")
FROZEN = Organization("9531985d-5d9d-49f8-9818-e811892f902b", "frozen", suspended=True)
LEAVING = Organization("36f675cc-81e7-4ef5-a8e2-5d940ed90475", "leaving", deleting=True)

DEVELOPMENT = Space("6b0d549b-6f03-475a-9600-a35a099950d8", "development", ACME)
ELSEWHERE = Space("8d116ece-1738-47d9-bd9c-172411e20b8f", "elsewhere", GLOBEX)
IN_FROZEN = Space("90c192cf-d3ac-44af-8f21-ddb66cad4a26", "in-frozen", FROZEN)
IN_LEAVING = Space("a170b338-3926-4059-b28c-105d1fb17c23", "in-leaving", LEAVING)
SUSPENDED = Space("0fd630f1-f29d-4da9-953f-48f1a09f76b5", "suspended", ACME, suspended=True)
DELETING = Space("0cb1e29c-658c-4a14-95e6-0af593bd04cf", "deleting", ACME, deleting=True)

ORGANIZATIONS = (ACME, GLOBEX, FROZEN, LEAVING)
SPACES: Mapping[str, Space] = {
    space.guid: space for space in (DEVELOPMENT, ELSEWHERE, IN_FROZEN, IN_LEAVING, SUSPENDED, DELETING)
}
