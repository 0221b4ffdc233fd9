"""Leases jobs to claims: from what lies idle, from the sources in their order, or by walking one there."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from contracts.calls import Calls
from contracts.patience import Patience
from contracts.reader import Reader
from contracts.supply.created import Created
from contracts.supply.job import Job, NotAvailable
from contracts.supply.sources import Source
from specs.lifecycle import GONE, next_states, operation_triggers, reachable_by_itself
from specs.model import Lifecycle

WALK_TAKES = 10.0  # seconds to wait for a job to get to a state by itself
TRIES = 2  # jobs taken from a renewable source that turn out to be in another state
ENOUGH, REST = 3, 3.0  # looks in vain in a row, and seconds without another one
GIVEN = frozenset({"pool", "command"})  # sources whose word for a state is worth doubting aloud
NAMED = 6  # reasons why a job could not be had; a pool may give one an entry
MOST_LEFT = 12  # jobs left over that are looked at, the latest ones
FEW = 50  # entries of a pool that may turn out to be in another state than it says


@dataclass(slots=True)
class InVain:
    """How often in a row a state was looked for in vain, when last, and what was missing."""

    times: int = 0
    at: float = 0.0
    reason: str = ""

    def once_more(self, reason: str) -> None:
        """It was looked for again, in vain."""
        self.times, self.at, self.reason = self.times + 1, time.monotonic(), reason

    @property
    def is_hopeless(self) -> bool:
        """Whether there is no point in looking again just now: each look reads many jobs."""
        return self.times >= ENOUGH and time.monotonic() - self.at < REST


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
    _taken: set[str] = field(default_factory=set)  # ids of what was left over
    _in_vain: dict[tuple[str, str], InVain] = field(default_factory=dict)  # by state and tenant

    def __post_init__(self) -> None:
        for source in self.sources:
            if isinstance(source, Created):
                source.spare = self.idle

    def lease(self, state: str, *, fresh: bool = False, patient: bool = False, tenant: str = "owner") -> Job:
        """A job that reads in `state` right now.

        `fresh`: rather one that no claim has had before. `patient`: if need be, wait for a new job to get there.
        """
        tried = self._in_vain.setdefault((state, tenant), InVain())
        if tried.is_hopeless and not patient:
            raise NotAvailable(tried.reason)
        reasons: list[str] = []
        for way in self._ways(state, fresh, patient, tenant):
            for job in way(reasons):
                if self._confirmed(job, state):
                    del self._in_vain[state, tenant]
                    return self._lend(job)
                if job.source in GIVEN:
                    reasons.append(f"{job.source}: {job.id} reads as {job.state or 'no job'}")
        tried.once_more(f"no job in {state}: " + (_joined(reasons) or "none can be had"))
        raise NotAvailable(tried.reason)

    def unread(self, state: str) -> Job:
        """A job straight from a source, that nobody has read yet. That it is in `state` is the source's word."""
        for source in self.sources:
            with suppress(NotAvailable):
                if isinstance(source, Created):
                    return self._lend(source.make(source.bodies[0]))
                return self._lend(source.take(state, "owner"))
        raise NotAvailable("no job can be had that nobody has read yet")

    def release(self) -> None:
        """Every lease ends."""
        self.idle += self.leased
        self.leased.clear()

    def drop(self, job: Job) -> None:
        """A leased job was deleted at our request: nobody is to look for it again."""
        self.leased.remove(job)

    @property
    def renewable(self) -> bool:
        """Whether there are always more jobs."""
        return any(source.renewable for source in self.sources)

    def _ways(
        self, state: str, fresh: bool, patient: bool, tenant: str
    ) -> Iterator[Callable[[list[str]], Iterator[Job]]]:
        idle = lambda reasons: self._idle(state, tenant, spent=False)  # noqa: E731
        if tenant == "owner" and self._passed_through(state):
            yield lambda reasons: self._walked(self._by_request, state, reasons)
        if not fresh:
            yield idle
        yield lambda reasons: self._from_sources(state, tenant, reasons)
        if fresh:
            yield idle
        if tenant == "owner":
            yield lambda reasons: self._left_over()
        yield lambda reasons: self._idle(state, tenant, spent=True)
        if tenant == "owner":
            yield lambda reasons: self._walked(self._by_request, state, reasons)
        if tenant == "owner" and patient:
            yield lambda reasons: self._walked(self._by_waiting, state, reasons)

    def _passed_through(self, state: str) -> bool:
        """Whether jobs are in `state` only while they are being cancelled: best led there just now."""
        lifecycle = self.reader.lifecycle
        led_there = any(
            state in next_states(lifecycle, each.name, "cancel") for each in lifecycle.states if each.name != state
        )
        return led_there and state not in lifecycle.terminal

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

    def _left_over(self) -> Iterator[Job]:
        """Jobs that generated requests have created and nobody has used: while they run, some vendors take no other."""
        guard = self.reader.sender.guard
        ledger = guard.ledger
        known = {job.id for job in [*self.idle, *self.leased]} | self._taken
        for id in [each for each in ledger.made if each not in known][-MOST_LEFT:]:
            self._taken.add(id)
            yield Job(id, ledger.parameters_of(id), "create", spent=guard.asked_for_change(id))

    def _confirmed(self, job: Job, state: str) -> bool:
        """Whether a job reads in `state`; one that does not lies idle."""
        self.reader.read(job, job.tenant)
        if job.state != state:
            self.idle.append(job)
        return job.state == state

    def _lend(self, job: Job) -> Job:
        self.leased.append(job)
        return job

    def _walked(self, walk: Callable[[str], Job], state: str, reasons: list[str]) -> Iterator[Job]:
        """Lead a job to `state`."""
        try:
            yield walk(state)
        except NotAvailable as reason:
            reasons.append(str(reason))

    def _by_request(self, goal: str) -> Job:
        """Pull a trigger on a job in a state from where it leads to `goal`, then wait if it leads there in the end."""
        for state, trigger in self._requests_to(goal):
            with suppress(NotAvailable):
                job = self._at_hand(state)
                self._pull(job, trigger)
                if job.state != goal:
                    self._wait_for(job, goal)
                return job
        raise NotAvailable(f"no request leads a job at hand to {goal}")

    def _requests_to(self, goal: str) -> list[tuple[str, str]]:
        """State and trigger of every allowed request that leads to `goal`, those first that lead there at once."""
        spec, lifecycle = self.reader.spec, self.reader.lifecycle
        found = [
            (following != goal, state, trigger)
            for state, moves in lifecycle.moves.items()
            for trigger in moves.keys() & operation_triggers(spec, lifecycle) & self.may
            for following in moves[trigger]
            if state != goal and following != GONE and goal in reachable_by_itself(spec, lifecycle, following)
        ]
        return [(state, trigger) for _, state, trigger in sorted(found)]

    def _at_hand(self, state: str) -> Job:
        """A job in `state` without any walking."""
        candidates = itertools.chain(self._idle(state, "owner", spent=False), self._from_sources(state, "owner", []))
        for job in candidates:
            if self._confirmed(job, state):
                return job
        raise NotAvailable(f"no job in {state} at hand")

    def _pull(self, job: Job, trigger: str) -> None:
        lifecycle, state = self.reader.lifecycle, job.state or ""
        operation = self.reader.operation(trigger)
        assert operation is not None
        job.spent = True
        job.path.append(trigger)
        self.reader.sender.send(self.calls.of(operation, job))
        if self.reader.read(job).state not in self._after(lifecycle, state, trigger):
            self.idle.append(job)
            raise NotAvailable(f"`{trigger}` in {state} led to {job.state}")

    def _after(self, lifecycle: Lifecycle, state: str, trigger: str) -> frozenset[str]:
        """Where a trigger leads, also a moment later."""
        following = next_states(lifecycle, state, trigger)
        return frozenset[str]().union(*(reachable_by_itself(self.reader.spec, lifecycle, each) for each in following))

    def _by_waiting(self, goal: str) -> Job:
        """A new job that gets to `goal` by itself."""
        spec, lifecycle = self.reader.spec, self.reader.lifecycle
        if goal in self._out_of_reach:
            raise NotAvailable(self._out_of_reach[goal])
        creator = next((source for source in self.sources if isinstance(source, Created)), None)
        starts = [state for state in lifecycle.initial if goal in reachable_by_itself(spec, lifecycle, state)]
        if creator is None or not starts:
            raise NotAvailable(f"nothing leads a new job to {goal}")
        job = creator.take(starts[0], "owner")
        try:
            self._wait_for(job, goal)
        except NotAvailable as reason:
            self._give_up(goal, str(reason), moved=job.state != starts[0])
            raise
        return job

    def _give_up(self, goal: str, reason: str, *, moved: bool) -> None:
        """One wait in vain is enough; where the job did not move at all, it is for whatever else lies ahead of it."""
        self._out_of_reach[goal] = reason
        if not moved:
            names = (each.name for each in self.reader.lifecycle.states)
            self._out_of_reach.update({name: reason for name in names if name not in self.reader.lifecycle.initial})

    def _wait_for(self, job: Job, goal: str) -> None:
        """Wait while a job can still get to `goal` by itself."""
        spec, lifecycle = self.reader.spec, self.reader.lifecycle
        limit = min(self.patience.limit, WALK_TAKES)
        last = job.state

        def look() -> bool | None:
            state = self.reader.read(job).state
            return state == goal or goal not in reachable_by_itself(spec, lifecycle, state or "") or None

        self.patience.until(look, limit)
        if job.state != goal:
            self.idle.append(job)
            raise NotAvailable(f"a job in {last} is {job.state} after {limit:g} s, not {goal}")


def _joined(reasons: list[str]) -> str:
    """Reasons in one sentence, each once, not without end."""
    told = [reason.rstrip(".") for reason in dict.fromkeys(reasons)]
    more = [f"and {len(told) - NAMED} more"] if len(told) > NAMED else []
    return "; ".join([*told[:NAMED], *more])
