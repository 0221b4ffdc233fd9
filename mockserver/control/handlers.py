"""The control API's operations: one short method each, under its operationId."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mockserver import __version__
from mockserver.control import errors
from mockserver.control.metrics import MEDIA_TYPE, exposition
from mockserver.errors import UsageError
from mockserver.faults import Rule
from mockserver.journal import Filter
from mockserver.site import SystemSite
from mockserver.system import Identity, Parts, Reply, Request, Resource, tenant_named

if TYPE_CHECKING:
    from mockserver.app import Mock


class Handlers:
    """What can be asked of a mock from outside."""

    def __init__(self, mock: Mock, document: Mapping[str, Any]) -> None:
        self._mock = mock
        self._document = document

    def get_health(self, request: Request) -> Reply:
        """What is served."""
        systems = {
            name: {"title": site.spec.title, "base_path": site.spec.base_path, "variant": site.spec.variant}
            for name, site in self._mock.sites.items()
        }
        clock = self._mock.clock.kind
        return Reply(body={"status": "ok", "version": __version__, "clock": clock, "systems": systems})

    def get_document(self, request: Request) -> Reply:
        """This API's own document."""
        return Reply(body=self._document)

    def reset_mock(self, request: Request) -> Reply:
        """Start again."""
        with unusable():
            played = self._mock.reset((request.body or {}).get("scenario"))
        return Reply(body={"scenario": played})

    def list_resources(self, request: Request) -> Reply:
        """The jobs of all tenants."""
        parts = self._site(request).parts
        page = parts.model.resources(request.query["offset"], request.query.get("limit"))
        return Reply(body={"resources": [shown(each) for each in page], "total": job_count(parts)})

    def place_resource(self, request: Request) -> Reply:
        """A new job in a given state."""
        site, wanted = self._site(request), request.body
        try:
            tenant = tenant_named(site.parts, wanted.get("tenant", "owner"))
            id = site.parts.model.place(wanted["state"], wanted.get("fields", {}), tenant)
        except ValueError as error:
            raise errors.not_possible(str(error)) from None
        return Reply(201, shown(site.parts.model.resource(id)))

    def get_resource(self, request: Request) -> Reply:
        """One job."""
        site, id = self._site(request), request.path_params["id"]
        with known(site, id):
            return Reply(body=shown(site.parts.model.resource(id)))

    def move_resource(self, request: Request) -> Reply:
        """A legal step, now."""
        site, id = self._site(request), request.path_params["id"]
        with known(site, id):
            try:
                site.parts.model.move(id, request.body["trigger"])
            except ValueError as error:
                raise errors.not_legal(str(error)) from None
            return Reply(body=shown(site.parts.model.resource(id)))

    def get_clock(self, request: Request) -> Reply:
        """The time now."""
        clock = self._mock.clock
        now = clock.now()
        time = datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")
        return Reply(body={"kind": clock.kind, "now": now, "time": time})

    def advance_clock(self, request: Request) -> Reply:
        """Time moves on."""
        self._mock.clock.advance(request.body["seconds"])
        return self.get_clock(request)

    def get_faults(self, request: Request) -> Reply:
        """The rules in force."""
        return Reply(body={"faults": self._mock.faults.to_json()})

    def set_faults(self, request: Request) -> Reply:
        """Exactly these rules."""
        with unusable():
            self._mock.trouble(tuple(Rule.from_json(each) for each in request.body["faults"]))
        return self.get_faults(request)

    def clear_faults(self, request: Request) -> Reply:
        """No rules."""
        self._mock.trouble(())
        return self.get_faults(request)

    def get_defects(self, request: Request) -> Reply:
        """What is planted."""
        return Reply(body={"defects": list(self._mock.planted)})

    def set_defects(self, request: Request) -> Reply:
        """Exactly these defects."""
        with unusable():
            self._mock.plant(tuple(request.body["defects"]))
        return self.get_defects(request)

    def clear_defects(self, request: Request) -> Reply:
        """No defects."""
        self._mock.plant(())
        return self.get_defects(request)

    def get_journal(self, request: Request) -> Reply:
        """The last exchanges that the query wants."""
        query = dict(request.query)
        limit = query.pop("limit")
        known = {name: value for name, value in query.items() if name in Filter.__dataclass_fields__}
        wanted = Filter(**known)
        self._refuse_unserved(wanted)
        entries = self._mock.journal.entries(wanted, limit)
        return Reply(body={"entries": [entry.to_json() for entry in entries]})

    def get_identities(self, request: Request) -> Reply:
        """The built-in credentials."""
        return Reply(body=identities(self._mock.sites))

    def get_metrics(self, request: Request) -> Reply:
        """Counters."""
        mock = self._mock
        jobs = {name: job_count(site.parts) for name, site in mock.sites.items()}
        return Reply(body=exposition(mock.journal.tallies(), jobs, mock.clock.now()), media_type=MEDIA_TYPE)

    def _site(self, request: Request) -> SystemSite:
        return self._served(request.path_params["system"])

    def _served(self, name: str) -> SystemSite:
        if name not in self._mock.sites:
            raise errors.unknown_system(name, self._mock.sites)
        return self._mock.sites[name]

    def _refuse_unserved(self, wanted: Filter) -> None:
        """A misspelt word would find nothing, and whoever looks whether nothing was cancelled would be content."""
        sites = [self._served(wanted.system)] if wanted.system else self._mock.sites.values()
        operations = frozenset().union(*(site.reach.operations for site in sites))
        if wanted.operation and wanted.operation not in operations:
            raise errors.unknown_operation(wanted.operation, operations)


def shown(resource: Resource) -> dict[str, Any]:
    """A job as JSON."""
    return {
        "id": resource.id,
        "state": resource.state,
        "tenant": resource.tenant,
        "parameters": dict(resource.parameters),
    }


def job_count(parts: Parts) -> int:
    """How many jobs of all tenants a system holds."""
    return parts.world.store.count(parts.model.kind)


def identities(sites: Mapping[str, SystemSite]) -> dict[str, dict[str, dict[str, str]]]:
    """Credentials by system and identity."""
    return {
        name: {who: credentials_of(identity) for who, identity in site.parts.identities.items()}
        for name, site in sites.items()
    }


def credentials_of(identity: Identity) -> dict[str, str]:
    """What a client presents."""
    return {"scheme": identity.scheme, **identity.credentials}


@contextmanager
def known(site: SystemSite, id: str) -> Iterator[None]:
    """A job the model does not have is a refusal of ours."""
    try:
        yield
    except KeyError:
        raise errors.unknown_resource(site.system.name, id) from None


@contextmanager
def unusable() -> Iterator[None]:
    """What the mock cannot do is a refusal of ours."""
    try:
        yield
    except UsageError as error:
        raise errors.unusable(str(error)) from None
