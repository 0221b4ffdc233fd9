"""The hyperlinks in a job lead to that job; one that cancels is there exactly while cancelling is possible."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from contracts.answer import Reading
from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import accepts
from specs.model import Operation


def check(bench: Bench) -> None:
    """One case a job that was read and has links to its own operations."""
    jobs = [job for job in bench.stock.idle if bench.reader.readings.get(job.id)]
    if not jobs:
        with bench.case() as case:
            case.readable(case.job())
        jobs = list(bench.stock.idle)
    if not any(_links(bench, reading) for job in jobs for reading in bench.reader.readings[job.id]):
        raise NotAvailable("jobs show no links to their own operations")
    offered = any(_offers(bench, reading) for job in jobs for reading in bench.reader.readings[job.id])
    for job in jobs:
        with bench.case() as case:
            _judge(case, job, [each for each in bench.reader.readings[job.id] if each.state is not None], offered)


def _judge(case: Case, job: Job, readings: list[Reading], offered: bool) -> None:
    bench = case.bench
    bench.notebook.page.lease(job)
    for reading in readings:
        state = reading.state or ""
        for operation, id in _links(bench, reading):
            if id != job.id:
                case.fails(reading.answer, f"links to {job.id}", f"{operation.label} of another", state=state, found=id)
        if offered and _offers(bench, reading) != accepts(bench.lifecycle, state, "cancel"):
            wanted = "a link to cancel" if accepts(bench.lifecycle, state, "cancel") else "no link to cancel"
            case.fails(reading.answer, f"{wanted} in {state}", wanted, state=state, job=job)


def _offers(bench: Bench, reading: Reading) -> bool:
    """Whether a job shows a link to its cancel."""
    cancel = bench.reader.operation("cancel")
    return any(operation is cancel for operation, _ in _links(bench, reading))


def _links(bench: Bench, reading: Reading) -> list[tuple[Operation, str]]:
    """Every link to an operation on a job, with the id that it leads to."""
    found = []
    for method, path in _hrefs(reading.representation):
        for operation in bench.job_operations:
            place = operation.effect.id if operation.effect else None
            match = _pattern(bench.spec.base_path, operation).fullmatch(path)
            if match and place and place.where == "path" and operation.method == method:
                names = re.findall(r"\{([^{}]+)\}", operation.path)
                found.append((operation, unquote(match[names.index(place.name) + 1])))
    return found


def _pattern(base: str, operation: Operation) -> re.Pattern[str]:
    literal = re.split(r"\{[^{}]+\}", base + operation.path)
    return re.compile("([^/]+)".join(map(re.escape, literal)))


def _hrefs(value: Any) -> Iterator[tuple[str, str]]:
    """Method and path of every object with an `href`; without a method it is to be read."""
    if isinstance(value, Mapping):
        if isinstance(href := value.get("href"), str):
            yield str(value.get("method", "GET")).upper(), urlsplit(href).path
        for member in value.values():
            yield from _hrefs(member)
    elif isinstance(value, list):
        for member in value:
            yield from _hrefs(member)


CLAIM = Claim(
    id="links_lead_to_the_job",
    meaning="links in a job lead to that job; a link to cancel is there exactly while cancelling is possible",
    source="the spec's paths and lifecycle; clients that follow links, such as cf-python-client",
    check=check,
    stage=Stage.REVIEW,
)
