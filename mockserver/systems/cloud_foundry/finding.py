"""How clients find a deployment's app: filtered reads of organizations, spaces and apps (E53)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mockserver.system import Identity, Reply, Request
from mockserver.systems.cloud_foundry.apps import App
from mockserver.systems.cloud_foundry.errors import JSON
from mockserver.systems.cloud_foundry.foundation import ORGANIZATIONS, SPACES, Organization, Space
from mockserver.systems.cloud_foundry.handlers import actor_of
from mockserver.systems.cloud_foundry.model import Deployments
from mockserver.systems.cloud_foundry.paging import Where, page_of, part_of
from mockserver.systems.cloud_foundry.presenting import EMPTY_METADATA, timestamp
from mockserver.systems.cloud_foundry.queries import ORDERS, Query, Reader
from mockserver.systems.cloud_foundry.roles import Actor

FINDING_ROUTES = {
    "GET /v3/apps": "list_apps",
    "GET /v3/spaces": "list_spaces",
    "GET /v3/organizations": "list_organizations",
}
"""Paths beside the spec's, and the methods of `Finding` that serve them."""
BEGINNING = 1735689600.0  # 2025-01-01T00:00:00Z: when organizations and spaces were made; ours


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to find: what filters look at, and how it looks."""

    keys: dict[str, str]
    body: dict[str, Any]


class Finding:
    """The lists beside that of deployments."""

    def __init__(self, deployments: Deployments, authenticate: Callable[[Request], Identity | None]) -> None:
        self._deployments = deployments
        self._authenticate = authenticate

    def list_apps(self, request: Request) -> Reply:
        """Apps of the spaces that the caller may see.

        Not imitated: reading one of them, writes, labels, `include`; so it is for spaces and organizations.
        """
        actor = self._actor(request)
        entries = (_app_entry(app, request.base_url) for app in self._deployments.visible_apps(actor))
        return _found(request, "/v3/apps", ("guids", "names", "space_guids", "organization_guids"), entries)

    def list_spaces(self, request: Request) -> Reply:
        """Spaces that the caller may see."""
        actor = self._actor(request)
        entries = (_space_entry(space, request.base_url) for space in SPACES.values() if actor.reads(space))
        return _found(request, "/v3/spaces", ("guids", "names", "organization_guids"), entries)

    def list_organizations(self, request: Request) -> Reply:
        """Organizations that the caller belongs to."""
        actor = self._actor(request)
        entries = (_organization_entry(each, request.base_url) for each in ORGANIZATIONS if _belongs(actor, each))
        return _found(request, "/v3/organizations", ("guids", "names"), entries)

    def _actor(self, request: Request) -> Actor:
        request.identity = self._authenticate(request)
        return actor_of(request)


def _found(request: Request, path: str, filters: tuple[str, ...], entries: Iterable[Entry]) -> Reply:
    query = Reader(filters, (*ORDERS, "name")).read(request.target)
    found = _ordered([entry for entry in entries if _passes(entry, query, filters)], query)
    body = page_of(part_of(found, query), query, Where(request.base_url, path), lambda entry: entry.body)
    return Reply(200, body, media_type=JSON)


def _passes(entry: Entry, query: Query, filters: tuple[str, ...]) -> bool:
    return all(query.wanted(name, entry.keys[name]) for name in filters)


def _ordered(entries: list[Entry], query: Query) -> list[Entry]:
    """In the order asked for; the guid breaks ties, as in the list of deployments (E42)."""
    if not query.order:
        return entries
    return sorted(entries, key=lambda each: (each.body[query.order], each.keys["guids"]), reverse=query.descending)


def _belongs(actor: Actor, organization: Organization) -> bool:
    return (
        actor.sees_everything
        or organization.guid in actor.roles
        or any(space.guid in actor.roles for space in SPACES.values() if space.organization == organization)
    )


def _app_entry(app: App, base: str) -> Entry:
    facts, own = app.facts, f"{base}/v3/apps/{app.guid}"
    created, droplet = timestamp(facts["created_at"]), facts["droplet"]
    body = {
        "guid": app.guid,
        "created_at": created,
        "updated_at": created,
        "name": facts["name"],
        "state": facts["state"],
        "lifecycle": {"type": "buildpack", "data": {"buildpacks": [], "stack": "cflinuxfs4"}},
        "relationships": {
            "space": {"data": {"guid": app.space}},
            "current_droplet": {"data": {"guid": droplet} if droplet else None},
        },
        "metadata": EMPTY_METADATA,
        "links": {
            "self": {"href": own},
            "space": {"href": f"{base}/v3/spaces/{app.space}"},
            "current_droplet": {"href": f"{own}/droplets/current"},
            "droplets": {"href": f"{own}/droplets"},
        },
    }
    organization = SPACES[app.space].organization.guid
    keys = {"guids": app.guid, "names": facts["name"], "space_guids": app.space, "organization_guids": organization}
    return Entry(keys, body)


def _space_entry(space: Space, base: str) -> Entry:
    own, made = f"{base}/v3/spaces/{space.guid}", timestamp(BEGINNING)
    body = {
        "guid": space.guid,
        "created_at": made,
        "updated_at": made,
        "name": space.name,
        "suspended": space.suspended,
        "relationships": {"organization": {"data": {"guid": space.organization.guid}}, "quota": {"data": None}},
        "metadata": EMPTY_METADATA,
        "links": {
            "self": {"href": own},
            "organization": {"href": f"{base}/v3/organizations/{space.organization.guid}"},
        },
    }
    return Entry({"guids": space.guid, "names": space.name, "organization_guids": space.organization.guid}, body)


def _organization_entry(organization: Organization, base: str) -> Entry:
    made = timestamp(BEGINNING)
    body = {
        "guid": organization.guid,
        "created_at": made,
        "updated_at": made,
        "name": organization.name,
        "suspended": organization.suspended,
        "relationships": {"quota": {"data": None}},
        "metadata": EMPTY_METADATA,
        "links": {"self": {"href": f"{base}/v3/organizations/{organization.guid}"}},
    }
    return Entry({"guids": organization.guid, "names": organization.name}, body)
