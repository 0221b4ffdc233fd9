"""Reads jobs, one by one and from the list."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.answer import Answer, Reading
from contracts.calls import Calls
from contracts.identity import OWNER
from contracts.sender import Sender
from contracts.supply.job import Job, NotAvailable
from specs import Spec
from specs.lifecycle import state_of, value_at
from specs.model import Lifecycle, Operation

MOST_PAGES = 20
_TOTAL = re.compile(r"total(_?(count|results|items))?", re.IGNORECASE)
_PAGE = re.compile(r"page(_?(num|number|no))?", re.IGNORECASE)
_SIZE = re.compile(r"per_?page|(items|results)_?per_?page|page_?size", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listing:
    """The jobs that a list showed, by id, with the answers (one a page). `total` is what it says their number is."""

    items: Mapping[str, Any]
    answers: tuple[Answer, ...]
    total: int | None = None
    repeated: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every page was answered 2xx."""
        return all(answer.ok for answer in self.answers)


@dataclass(slots=True)
class Reader:
    """Reads for one lifecycle. It keeps every reading of every job: reviews look back at them."""

    spec: Spec
    lifecycle: Lifecycle
    calls: Calls
    sender: Sender
    readings: dict[str, list[Reading]] = field(default_factory=dict)

    def operation(self, trigger: str) -> Operation | None:
        """The operation that pulls a trigger on our resource."""
        return self.spec.operation(self.lifecycle.resource, trigger)

    def read(self, job: Job, identity: str | None = OWNER) -> Reading:
        """A job as it reads now; from the list where the vendor has no read of one."""
        operation = self.operation("read")
        if operation is None:
            return self._kept(job, self._from_list(job, identity))
        answer = self.sender.send(self.calls.of(operation, job), identity)
        reading = self.reading(answer)
        if answer.ok:
            self.sender.violated(
                answer, self.sender.conformance.representation(self.lifecycle.schema, answer.reply.json)
            )
        return self._kept(job, reading)

    def reading(self, answer: Answer) -> Reading:
        """What an answer shows of a job."""
        shown = answer.reply.json if answer.ok else None
        state = state_of(self.lifecycle, shown) if isinstance(shown, Mapping) else None
        return Reading(state, shown, answer, time.monotonic())

    def listing(self, identity: str | None = OWNER, **asked: str) -> Listing:
        """Every job in the list, page by page; `asked` are query parameters of the list."""
        operation = self.operation("list")
        if operation is None or operation.effect is None or operation.effect.items is None:
            raise NotAvailable("the vendor has no list of jobs")
        items: dict[str, Any] = {}
        answers: list[Answer] = []
        repeated: list[str] = []
        total = None
        for answer in self._pages(operation, identity, asked):
            page = value_at(answer.reply.json, operation.effect.items) if answer.ok else None
            found = [item for item in page if isinstance(item, Mapping)] if isinstance(page, list) else []
            ids = [str(value_at(item, self.lifecycle.id)) for item in found]
            repeated += [id for index, id in enumerate(ids) if id in ids[:index] or id in items]
            items.update(zip(ids, found, strict=True))
            answers.append(answer)
            total = total_of(answer.reply.json) if answer.ok else None
            if not found or total is None or len(items) >= total:
                break
        return Listing(items, tuple(answers), total, tuple(repeated))

    def size_parameter(self) -> str | None:
        """The name of the list's parameter that says how many jobs a page holds, if there is one."""
        operation = self.operation("list")
        names = [each.name for each in operation.parameters if each.where == "query"] if operation else []
        has_pages = any(_PAGE.fullmatch(name) for name in names)
        return next((name for name in names if has_pages and _SIZE.fullmatch(name)), None)

    def state_parameter(self) -> str | None:
        """The name of the list's parameter that wants jobs in one state: that of the member, one or several."""
        operation, field = self.operation("list"), (self.lifecycle.field or "").replace(".", "_")
        names = [each.name for each in operation.parameters if each.where == "query"] if operation else []
        return next((name for name in names if field and name in {field, f"{field}s", f"{field}es"}), None)

    def _pages(self, operation: Operation, identity: str | None, asked: Mapping[str, str]) -> Iterator[Answer]:
        call = self.calls.of(operation)
        call = call.asking(**asked) if asked else call
        yield self.sender.send(call, identity)
        page = next((each.name for each in operation.parameters if _PAGE.fullmatch(each.name)), None)
        for number in range(2, MOST_PAGES + 1 if page else 2):
            yield self.sender.send(call.asking(**{str(page): str(number)}), identity)

    def _from_list(self, job: Job, identity: str | None) -> Reading:
        listing = self.listing(identity)
        shown = listing.items.get(job.id)
        state = state_of(self.lifecycle, shown) if shown is not None else None
        return Reading(state, shown, listing.answers[-1], time.monotonic())

    def _kept(self, job: Job, reading: Reading) -> Reading:
        job.state = reading.state
        self.readings.setdefault(job.id, []).append(reading)
        return reading


def total_of(body: Any) -> int | None:
    """How many jobs a list says there are, at its top or one level down."""
    if not isinstance(body, Mapping):
        return None
    for place in (body, *(each for each in body.values() if isinstance(each, Mapping))):
        for name, value in place.items():
            if _TOTAL.fullmatch(name) and isinstance(value, int) and not isinstance(value, bool):
                return value
    return None
