"""Which jobs generated requests may be about, operation by operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from contracts.bench import Bench
from contracts.identity import OWNER
from contracts.suite.subjects import Subject
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import accepts
from specs.model import READ_TRIGGERS, Operation

EACH_STATE = 1  # jobs of our own in each state that can be had
EACH_ACCEPTING_STATE = 2  # more, for each operation that the state accepts
BORROWED = 24  # jobs that other claims are done with
UNKNOWN = 2  # reserved ids that no job has
BORROWED_FOR = READ_TRIGGERS | {"cancel"}
"""Claims look at their jobs once more at the end: cancelled again they may be, changed or deleted they may not."""


@dataclass(frozen=True, slots=True)
class Cast:
    """`own` jobs were had for this alone, by state; `borrowed` ones lie idle; `unknown` ids name no job."""

    bench: Bench
    own: Mapping[str, list[Job]]
    borrowed: list[Job]
    unknown: list[str]

    @classmethod
    def of(cls, bench: Bench) -> Cast:
        """What this bench can give. Of a pool, only jobs that are used up already."""
        idle = [job for job in bench.stock.idle if job.tenant == OWNER and (job.spent or bench.stock.renewable)]
        borrowed = idle[-BORROWED:]
        for job in borrowed:
            job.spent = True  # a generated request may well cancel it
        return cls(bench, _own(bench), borrowed, list(_unknown(bench)))

    def by_operation(self) -> dict[str, list[Subject]]:
        """For every operation on a job its subjects, those first that are in a state which accepts it."""
        return {each.operation_id: list(self._for(each)) for each in self.bench.job_operations}

    @property
    def states(self) -> dict[str, str]:
        """The state of every job as far as it is known, by id."""
        own = {job.id: state for state, jobs in self.own.items() for job in jobs}
        return own | {job.id: job.state for job in self.borrowed if job.state}

    def _for(self, operation: Operation) -> Iterator[Subject]:
        assert operation.effect is not None
        trigger, lifecycle = operation.effect.trigger, self.bench.lifecycle
        for state in sorted(self.own, key=lambda each: not accepts(lifecycle, each, trigger)):
            yield from (Subject(job.id, job.parameters) for job in self.own[state])
        if trigger in BORROWED_FOR:
            yield from (Subject(job.id, job.parameters) for job in self.borrowed)
        yield from (Subject(id, {}) for id in self.unknown)


def _own(bench: Bench) -> dict[str, list[Job]]:
    """Jobs straight from a source that always has more, so that no claim counts on them."""
    triggers = [each.effect.trigger for each in bench.job_operations if each.effect]
    states = (state.name for state in bench.lifecycle.states)
    wanted = {
        state: EACH_STATE + EACH_ACCEPTING_STATE * sum(accepts(bench.lifecycle, state, each) for each in triggers)
        for state in states
    }
    return {state: list(_taken(bench, state, number)) for state, number in wanted.items()}


def _taken(bench: Bench, state: str, number: int) -> Iterator[Job]:
    source = next((each for each in bench.stock.sources if each.renewable), None)
    with suppress(NotAvailable):
        for _ in range(number if source else 0):
            assert source is not None
            yield source.take(state, OWNER)


def _unknown(bench: Bench) -> Iterator[str]:
    with suppress(NotAvailable):
        for _ in range(UNKNOWN):
            yield bench.absent_id()
