"""Jobs made with the vendor's own create operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.answer import Answer
from contracts.calls import Call, example_bodies
from contracts.ledger import ForeignId, Ledger
from contracts.patience import Patience
from contracts.reader import Reader
from contracts.refusals import summary
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import value_at
from specs.model import Operation

APPEARS_WITHIN = 2.0  # seconds until a created job has to show in the list
MOST_REFUSALS = 12  # of one body in a run


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a body made no job, and how many jobs had been changed by then: vendors refuse one beside another."""

    reason: str
    moment: int


@dataclass(slots=True)
class Created:
    """The source `create`. A body is the target's, or each example of the spec in turn until one gives the state."""

    operation: Operation
    bodies: list[Any]
    reader: Reader
    ledger: Ledger
    patience: Patience
    name: str = "create"
    renewable: bool = True
    spare: list[Job] = field(default_factory=list)  # made on the way, in other states than asked for
    _gives: dict[int, str] = field(default_factory=dict)  # body -> the state a job made with it starts in
    _refused: dict[int, list[Refused]] = field(default_factory=dict)  # by body

    @classmethod
    def with_body(
        cls, body: Mapping[str, Any] | None, reader: Reader, ledger: Ledger, patience: Patience
    ) -> Created | None:
        """The source for a spec, or None where the vendor has no create."""
        operation = reader.operation("create")
        if operation is None:
            return None
        bodies = [body] if body is not None else example_bodies(operation) or [None]
        return cls(operation, bodies, reader, ledger, patience)

    def take(self, state: str, tenant: str) -> Job:
        """A new job, if jobs may start in `state`."""
        if tenant != "owner" or state not in self.reader.lifecycle.initial:
            raise NotAvailable(f"create: a job does not start in {state}")
        for number in range(len(self.bodies)):
            if self._gives.get(number, state) != state or self._hopeless(number):
                continue
            job = self._try(number)
            if job is not None and job.state == state:
                return job
            if job is not None:
                self.spare.append(job)
        reasons = [refusals[-1].reason for refusals in self._refused.values()]
        raise NotAvailable(next(iter(reasons), f"create: no known body makes a job in {state}"))

    def _try(self, number: int) -> Job | None:
        try:
            job = self.make(self.bodies[number])
        except NotAvailable as reason:
            self._refused.setdefault(number, []).append(Refused(str(reason), self._moment()))
            return None
        state = self.reader.read(job).state
        if state in self.reader.lifecycle.initial:
            self._gives[number] = state
        return job

    def _hopeless(self, number: int) -> bool:
        """Whether a body was refused already and nothing has changed since."""
        refusals = self._refused.get(number, [])
        return bool(refusals) and (refusals[-1].moment == self._moment() or len(refusals) >= MOST_REFUSALS)

    def _moment(self) -> int:
        return len(self.reader.sender.guard.touched)

    def make(self, body: Any) -> Job:
        """One new job. NotAvailable where it was refused or its id cannot be told for sure."""
        call = self.reader.calls.of(self.operation, body=body)
        place = self.operation.effect.id if self.operation.effect else None
        if place is None or place.where != "response":
            return self._make_and_find(call)
        answer = self._accepted(self.reader.sender.send(call))
        id = value_at(answer.reply.json, place.name)
        if not isinstance(id, str) or not self.ledger.is_ours(id):
            raise NotAvailable(f"create: the reply to {call.label} names no new job of ours")
        return self._job(id)

    def _make_and_find(self, call: Call) -> Job:
        """Where the reply names no id: the one job that is in the list afterwards and was not before."""
        before = set(self.reader.listing().items)
        number = len(self.reader.sender.guard.journal) + 1
        self._accepted(self.reader.sender.send(call))
        new = self.patience.until(lambda: sorted(set(self.reader.listing().items) - before) or None, APPEARS_WITHIN)
        if not new or len(new) != 1:
            found = f"{len(new)} new jobs" if new else "no new job"
            raise NotAvailable(f"create: the list shows {found} after {call.label}, so ours cannot be told")
        try:
            self.ledger.created(new[0], number, dict(self.reader.calls.scope))
        except ForeignId:
            raise NotAvailable(f"create: {new[0]} was listed before, so it is not ours") from None
        return self._job(new[0])

    def _accepted(self, answer: Answer) -> Answer:
        if answer.ok:
            return answer
        said = summary(self.reader.spec, answer.reply)
        raise NotAvailable(f"create: {answer.call.label} was answered {said}; give another `supply.create.body`")

    def _job(self, id: str) -> Job:
        return Job(id, dict(self.reader.calls.scope), self.name)
