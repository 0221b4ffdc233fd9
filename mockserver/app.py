"""One mock: its systems behind one ASGI app, each under its vendor's real base path, and the control API beside them.

Nothing here is shared between two mocks of one process; a reset builds new state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from starlette.types import ASGIApp

from mockserver import defects, discovery, scenarios
from mockserver.clock import CLOCKS, Clock
from mockserver.control.site import PREFIX, ControlSite
from mockserver.errors import UsageError
from mockserver.faults import Faults, Rule, refuse_unserved
from mockserver.ids import Ids
from mockserver.journal import CAPACITY, Journal, OwnRing, Ring, SharedRing
from mockserver.pipeline.compiled import CompiledApp
from mockserver.scenarios import Scenario
from mockserver.site import SystemSite
from mockserver.state import Record, Storage, Store, Unavailable
from mockserver.state.memory import MemoryStorage
from mockserver.state.opening import open_storage
from mockserver.state.shared import Board, SharedClock
from mockserver.switchboard import Switchboard
from mockserver.system import Parts, World
from specs import Spec, SpecError, load


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
    """A mock that can be served (`asgi`), looked into and told what to do. The control API is its outside.

    What it is told is kept with its jobs, on the storage's board: other processes with the same storage do it too.
    """

    def __init__(self, settings: Settings, storage: Storage) -> None:
        self.settings = settings
        scenario = scenarios.load(settings.scenario, discovery.names())
        self.storage = storage
        self.board = Board(self.storage)
        self.clock = self._clock(self.board)
        self.journal = Journal(self._ring())
        self.sites = self._sites()
        with needing_state():
            self._number = self.storage.start_number()
        self.faults = self._faults(self.board)
        if settings.defects:
            defects.refuse_unknown([site.system for site in self.sites.values()], settings.defects)
        self._catching_up = Lock()
        self._followed: tuple[int, tuple[str, ...]] | None = None
        with needing_state():
            self._start(scenario)
        self.asgi = self._asgi()

    @property
    def planted(self) -> tuple[str, ...]:
        """The defects that are planted."""
        posted = self.board.get("defects")
        return self.settings.defects if posted is None else tuple(posted)

    def reset(self, name: str | None = None) -> str:
        """Back to the beginning: state, ids, clock, faults and journal. Planted defects stay.

        `name`: the scenario to play, if not what the mock was started with; returned. UsageError if it is not known.
        Who may reset a mock may not read this machine's files: only shipped scenarios are played, and the first one.
        """
        scenarios.refuse_unshipped(name, but=self.settings.scenario)
        scenario = scenarios.load(name or self.settings.scenario, discovery.names())
        self.storage.start_with(self._played(scenario), afresh=True)
        self.journal.clear()
        self.catch_up()
        return scenario.name

    def trouble(self, rules: Sequence[Rule]) -> None:
        """Have exactly these faults. UsageError for one that could never strike."""
        self._refuse_unserved(rules)
        self.faults.replace(rules)

    def plant(self, ids: tuple[str, ...]) -> None:
        """Have exactly these defects, in the state as it is. UsageError for one that is not known."""
        defects.refuse_unknown([site.system for site in self.sites.values()], ids)
        self.board.put(defects=list(ids))
        self.catch_up()

    def catch_up(self) -> None:
        """Read the board; build new parts where it tells of a new content or of other defects."""
        self.board.refresh()
        with self._catching_up:
            told = self.board.content, self.planted
            if told != self._followed:
                for name, parts in self._parts(self.storage, self.board, self.planted, f"-{self._number}").items():
                    self.sites[name].parts = parts
                self._followed = told

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
        return {
            name: SystemSite(system, self._spec(name), blocking=blocking, catch_up=self.catch_up)
            for name, system in systems.items()
        }

    def _spec(self, name: str) -> Spec:
        try:
            return load(name, self.settings.variants.get(name, "default"))
        except SpecError as error:
            raise UsageError(str(error)) from None

    def _ring(self) -> Ring:
        log = self.storage.log(CAPACITY)
        return SharedRing(log) if log else OwnRing()

    def _faults(self, board: Board) -> Faults:
        return Faults(board, self.settings.seed, self._number)

    def _refuse_unserved(self, rules: Iterable[Rule]) -> None:
        refuse_unserved(rules, {name: site.reach for name, site in self.sites.items()})

    def _start(self, scenario: Scenario) -> None:
        """Begin with the scenario, unless the storage was given a content before."""
        self.board.refresh()
        if not self.board.content:
            self.storage.start_with(self._played(scenario), afresh=False)
        self.catch_up()
        if self.board.get("clock_kind") != self.clock.kind:
            raise UsageError(
                f"--clock {self.clock.kind}: the state that is there has lived on another clock. "
                f"Use --clock {self.board.get('clock_kind')}, or another --state."
            )

    def _played(self, scenario: Scenario) -> dict[str, list[Record]]:
        """What there is once a mock without a bug has played the scenario.

        That happens in memory, so that the storage gets it in one step.
        """
        memory = MemoryStorage()
        board = Board(memory)
        board.put(
            clock_kind=self.clock.kind,
            timings=scenario.timings,
            options=scenario.options,
            defects=self.board.get("defects"),
        )
        self._refuse_unserved(scenario.faults)
        self._faults(board).replace(scenario.faults)
        parts = self._parts(memory, board, planted=())
        scenario.play([(self.sites[name].system, each) for name, each in parts.items()], self._clock(board))
        return memory.contents()

    def _parts(self, storage: Storage, board: Board, planted: Sequence[str], ids: str = "") -> dict[str, Parts]:
        """Every system's parts, around the jobs in this storage. `ids` sets new ids apart from others of this seed."""
        return {
            name: site.build(self._world(site.spec, storage.store(name), board, ids), planted)
            for name, site in self.sites.items()
        }

    def _world(self, spec: Spec, store: Store, board: Board, ids: str) -> World:
        timings, options = ((board.get(name) or {}).get(spec.system, {}) for name in ("timings", "options"))
        ids_of_its_own = Ids(f"{self.settings.seed}-{spec.system}{ids}")
        return World(spec, store, self._clock(board), ids_of_its_own, timings, options)

    def _clock(self, board: Board) -> Clock:
        return SharedClock(CLOCKS[self.settings.clock](), board)

    def _asgi(self) -> ASGIApp:
        apps: dict[str, ASGIApp] = {}
        for site in self.sites.values():
            app = CompiledApp(site, self.journal, self.faults, self.settings.public_url).layers
            apps |= dict.fromkeys((site.spec.base_path, *site.system.claimed_paths), app)
        if self.settings.control:
            never = Faults(Board(MemoryStorage()), seed=0)
            apps[PREFIX] = CompiledApp(ControlSite(self), Journal(OwnRing(capacity=0)), never).layers
        return Switchboard(apps, on_shutdown=self.close)


@contextmanager
def needing_state() -> Iterator[None]:
    """A state that cannot be had is nothing to start on."""
    try:
        yield
    except Unavailable as error:
        raise UsageError(f"--state: {error}. Nothing was started.") from error


def build(settings: Settings, storage: Storage | None = None) -> Mock:
    """A mock, ready to be served. UsageError says what is wrong with the settings.

    `storage`: one that is open already, instead of opening what the settings name.
    """
    storage = storage or open_storage(settings.state)
    try:
        return Mock(settings, storage)
    except BaseException:
        storage.close()
        raise
