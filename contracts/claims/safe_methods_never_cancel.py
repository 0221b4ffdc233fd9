"""GET, HEAD, OPTIONS and TRACE cancel nothing, whatever they carry."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.bench import Bench
from contracts.calls import Call
from contracts.case import Case
from contracts.claim import Claim
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import state_of

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def check(bench: Bench) -> None:
    """One case a first read; one a safe method and a way to hint at a cancel: path, body, words in the query."""
    with bench.case() as case:
        _first_read(case)
    for number, kind in enumerate(KINDS):
        for method in SAFE:
            with bench.case() as case:
                job = case.job()
                call = list(_calls(bench, job))[number].using(method)
                case.left_alone(job, call, f"{method} {kind}")


def _first_read(case: Case) -> None:
    """A job that nobody has read yet: the list shows it before and after its first read, which must not move it.

    The read itself may still show what it is about to change.
    """
    bench = case.bench
    job = bench.stock.unread(bench.cancellable[0])
    before = _listed(bench, job)
    reading = case.read(job)
    for state in (reading.state, _listed(bench, job)):
        if state not in bench.by_itself(before):
            job.spent = True
            expected = f"{before}, as listed, or what follows it by itself"
            case.fails(reading.answer, expected, "a read moves it", state=before, job=job, read_as=str(state))
            return


def _listed(bench: Bench, job: Job) -> str:
    entry = bench.reader.listing().items.get(job.id)
    state = state_of(bench.lifecycle, entry) if entry is not None else None
    if state is None:
        raise NotAvailable("the list does not show the state of a job")
    return state


KINDS = ("on the path of cancel", "on the path of cancel without a body", "with action=cancel", "with _method")


def _calls(bench: Bench, job: Job) -> Iterator[Call]:
    """A call for each of KINDS; whoever uses them sets the method."""
    cancel = bench.call("cancel", job)
    yield cancel
    yield Call(cancel.method, cancel.target, job=job)
    read = bench.call("read", job)
    yield read.asking(action="cancel", cancel="true")
    yield cancel.asking(_method=cancel.method)


CLAIM = Claim(
    id="safe_methods_never_cancel",
    meaning="GET, HEAD, OPTIONS and TRACE cancel nothing",
    source="RFC 9110 section 9.2.1",
    check=check,
)
