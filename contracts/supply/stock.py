"""Leases jobs to claims: from what lies idle, from the sources in their order, or by walking one there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from contracts.calls import Calls
from contracts.patience import Patience
from contracts.reader import Reader
from contracts.supply.created import Created
from contracts.supply.job import Job, NotAvailable
from contracts.supply.sources import Source
from specs.lifecycle import accepts, asynchronous_moves, next_states, reachable_by_itself, routes

WALK_TAKES = 10.0  # seconds to wait for one asynchronous move on the way to a state
TRIES = 2  # jobs taken or walked towards a state before it counts as out of reach
FEW = 50  # entries of a pool that may turn out to be in another state than it says


@dataclass(slots=True)
class Stock:
    """All jobs that are ours. A lease ends with the case that took it; the job then lies idle for the next."""

    reader: Reader
    calls: Calls
    patience: Patience
    may: frozenset[str]
    sources: list[Source]
    idle: list[Job] = field(default_factory=list)
    leased: list[Job] = field(default_factory=list)
    _out_of_reach: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source in self.sources:
            if isinstance(source, Created):
                source.spare = self.idle

    def lease(self, state: str, *, fresh: bool = False, tenant: str = "owner") -> Job:
        """A job that reads in `state` right now. `fresh`: rather one that no claim has had before."""
        reasons: list[str] = []
        for way in self._ways(state, fresh, tenant):
            for job in way(reasons):
                if self._confirmed(job, state):
                    return self._lend(job)
        raise NotAvailable(f"no job in {state}: " + ("; ".join(dict.fromkeys(reasons)) or "none can be had"))

    def release(self) -> None:
        """Every lease ends."""
        self.idle += self.leased
        self.leased.clear()

    @property
    def renewable(self) -> bool:
        """Whether there are always more jobs."""
        return any(source.renewable for source in self.sources)

    def _ways(self, state: str, fresh: bool, tenant: str) -> Iterator[Callable[[list[str]], Iterator[Job]]]:
        idle = lambda reasons: self._idle(state, tenant, spent=False)  # noqa: E731
        if not fresh:
            yield idle
        yield lambda reasons: self._from_sources(state, tenant, reasons)
        if fresh:
            yield idle
        yield lambda reasons: self._idle(state, tenant, spent=True)
        if tenant == "owner":
            yield lambda reasons: self._walked(state, reasons)

    def _idle(self, state: str, tenant: str, *, spent: bool) -> Iterator[Job]:
        """Idle jobs that may read in `state` by now."""
        spec, lifecycle = self.reader.spec, self.reader.lifecycle
        for job in [each for each in self.idle if each.spent is spent and each.tenant == tenant]:
            if job.state is None or state in reachable_by_itself(spec, lifecycle, job.state):
                self.idle.remove(job)
                yield job

    def _from_sources(self, state: str, tenant: str, reasons: list[str]) -> Iterator[Job]:
        for source in self.sources:
            try:
                for _ in range(TRIES if source.renewable else FEW):
                    yield source.take(state, tenant)
            except NotAvailable as reason:
                reasons.append(str(reason))

    def _confirmed(self, job: Job, state: str) -> bool:
        """Whether a job reads in `state`; one that does not lies idle."""
        self.reader.read(job, job.tenant)
        if job.state != state:
            self.idle.append(job)
        return job.state == state

    def _lend(self, job: Job) -> Job:
        self.leased.append(job)
        return job

    def _walked(self, state: str, reasons: list[str]) -> Iterator[Job]:
        """Make a job and lead it to `state`: by requests where the vendor has them, else by waiting."""
        lifecycle = self.reader.lifecycle
        route = routes(self.reader.spec, lifecycle, state)
        creator = next((source for source in self.sources if isinstance(source, Created)), None)
        if state in self._out_of_reach or creator is None or not route:
            reasons.append(self._out_of_reach.get(state, f"nothing leads to {state} from a new job"))
            return
        for _ in range(TRIES):
            try:
                yield self._walk(creator, route, state)
            except NotAvailable as reason:
                self._out_of_reach[state] = str(reason)
                reasons.append(str(reason))

    def _walk(self, creator: Created, route: list[str], goal: str) -> Job:
        job = self._start(creator, route)
        try:
            for trigger in route:
                if job.state != goal:
                    self._step(job, trigger, goal)
        except NotAvailable:
            self.idle.append(job)
            raise
        return job

    def _start(self, creator: Created, route: list[str]) -> Job:
        lifecycle = self.reader.lifecycle
        for state in lifecycle.initial:
            if accepts(lifecycle, state, route[0]):
                return creator.take(state, "owner")
        raise NotAvailable(f"no new job accepts {route[0]}")

    def _step(self, job: Job, trigger: str, goal: str) -> None:
        spec, lifecycle = self.reader.spec, self.reader.lifecycle
        state = job.state or ""
        if trigger in asynchronous_moves(spec, lifecycle, state):
            self._wait_for_move(job, state, goal)
            return
        operation = self.reader.operation(trigger)
        if operation is None or trigger not in self.may:
            raise NotAvailable(f"the way to {goal} needs `{trigger}`, which the target does not allow")
        job.spent = True
        job.path.append(trigger)
        self.reader.sender.send(self.calls.of(operation, job))
        if self.reader.read(job).state not in next_states(lifecycle, state, trigger):
            raise NotAvailable(f"`{trigger}` in {state} led to {job.state}, not towards {goal}")

    def _wait_for_move(self, job: Job, state: str, goal: str) -> None:
        limit = min(self.patience.limit, WALK_TAKES)
        moved = self.patience.until(lambda: self.reader.read(job).state not in {state, None} or None, limit)
        if not moved:
            raise NotAvailable(f"a job in {state} did not move on towards {goal} within {limit:g} s")
        if goal != job.state and goal not in reachable_by_itself(
            self.reader.spec, self.reader.lifecycle, job.state or ""
        ):
            raise NotAvailable(f"a job in {state} went to {job.state} instead of towards {goal}")
