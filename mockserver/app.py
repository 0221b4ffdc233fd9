"""One mock: its systems behind one ASGI app, each under its vendor's real base path, and the control API beside them.

Nothing here is shared between two mocks of one process; a reset builds new state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from mockserver import defects, discovery, scenarios
from mockserver.clock import CLOCKS, Clock
from mockserver.control.site import PREFIX, ControlSite
from mockserver.errors import UsageError
from mockserver.faults import Faults
from mockserver.ids import Ids
from mockserver.journal import Journal
from mockserver.pipeline.compiled import CompiledApp
from mockserver.site import SystemSite
from mockserver.state import Insert, Record
from mockserver.state.opening import open_storage
from mockserver.switchboard import Switchboard
from mockserver.system import World
from specs import Spec, SpecError, load

OWN_STORE = "_mock"  # where the mock keeps what is no vendor's


@dataclass(frozen=True, slots=True)
class Settings:
    """How a mock is set up. No systems: all vendors."""

    systems: tuple[str, ...] = ()
    variants: Mapping[str, str] = field(default_factory=dict)
    clock: str = "real"
    state: str = "memory:"
    scenario: str = "demo"
    seed: int = 0
    defects: tuple[str, ...] = ()
    public_url: str = ""
    control: bool = True
    control_token: str = ""


class Mock:
    """A mock that can be served (`asgi`), looked into and told what to do. The control API is its outside."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.scenario = scenarios.load(settings.scenario, discovery.names())
        self.storage = open_storage(settings.state)
        self.journal = Journal()
        self.planted = settings.defects
        self.clock: Clock = CLOCKS[settings.clock]()
        self.sites = self._sites()
        self.faults = Faults(settings.seed, [each.id for site in self.sites.values() for each in site.system.faults])
        defects.refuse_unknown([site.system for site in self.sites.values()], settings.defects)
        self._build_parts()
        self._seed_once()
        self.asgi = self._asgi()

    def reset(self, scenario: str | None = None) -> None:
        """Back to the beginning: state, ids, clock, faults and journal. Planted defects stay.

        `scenario`: what to play, if not what the mock was started with. UsageError if it is not known.
        """
        self.scenario = scenarios.load(scenario or self.settings.scenario, discovery.names())
        self.storage.clear()
        self.clock = CLOCKS[self.settings.clock]()
        self.journal.clear()
        self._build_parts()
        self._seed_once()

    def plant(self, ids: tuple[str, ...]) -> None:
        """Have exactly these defects, in the state as it is. UsageError for one that is not known."""
        defects.refuse_unknown([site.system for site in self.sites.values()], ids)
        self.planted = ids
        for site in self.sites.values():
            site.rebuild(site.parts.world, ids)

    def close(self) -> None:
        """Let go of the storage."""
        self.storage.close()

    def _sites(self) -> dict[str, SystemSite]:
        names = self.settings.systems or discovery.vendors()
        systems = {name: discovery.find(name) for name in names}
        if unserved := set(self.settings.variants) - set(systems):
            raise UsageError(
                f"--variant names {', '.join(sorted(unserved))}, which is not served. Served: {', '.join(systems)}."
            )
        blocking = self.storage.blocking
        return {name: SystemSite(system, self._spec(name), blocking) for name, system in systems.items()}

    def _spec(self, name: str) -> Spec:
        try:
            return load(name, self.settings.variants.get(name, "default"))
        except SpecError as error:
            raise UsageError(str(error)) from None

    def _build_parts(self) -> None:
        for name, site in self.sites.items():
            site.rebuild(self._world(name, site.spec), self.planted)

    def _world(self, name: str, spec: Spec) -> World:
        ids = Ids(f"{self.settings.seed}-{name}")
        return World(spec, self.storage.store(name), self.clock, ids, self.scenario.timings.get(name, {}))

    def _seed_once(self) -> None:
        """Play the scenario, unless the storage remembers that it has been."""
        self.faults.replace(self.scenario.faults)
        own = self.storage.store(OWN_STORE)
        if own.get("scenario", "played") is not None:
            return
        self.scenario.play([(site.system, site.parts) for site in self.sites.values()], self.clock)
        own.commit(Insert(Record("scenario", "played", "", {"name": self.scenario.name})))

    def _asgi(self) -> ASGIApp:
        apps: dict[str, ASGIApp] = {}
        for site in self.sites.values():
            app = CompiledApp(site, self.journal, self.faults, self.settings.public_url)
            apps |= dict.fromkeys((site.spec.base_path, *site.system.claimed_paths), app)
        if self.settings.control:
            apps[PREFIX] = CompiledApp(ControlSite(self), Journal(capacity=0), Faults(0))
        return Switchboard(apps, on_shutdown=self.close)


def build(settings: Settings) -> Mock:
    """A mock, ready to be served. UsageError says what is wrong with the settings."""
    return Mock(settings)
