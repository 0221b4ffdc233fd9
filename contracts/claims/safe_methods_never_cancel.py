"""GET, HEAD, OPTIONS and TRACE cancel nothing, whatever they carry."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.bench import Bench
from contracts.calls import Call
from contracts.claim import Claim
from contracts.supply.job import Job

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def check(bench: Bench) -> None:
    """One case a safe method and a way to hint at a cancel: its path, its body, words in the query."""
    for number, kind in enumerate(KINDS):
        for method in SAFE:
            with bench.case() as case:
                job = case.job()
                call = list(_calls(bench, job))[number].using(method)
                case.left_alone(job, call, f"{method} {kind}")


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
