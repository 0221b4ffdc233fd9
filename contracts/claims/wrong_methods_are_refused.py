"""Methods that a path does not have are refused as documented, and override headers turn nothing into a cancel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.answer import Answer
from contracts.bench import Bench
from contracts.calls import Call, with_member
from contracts.case import Case
from contracts.claim import Claim
from contracts.supply.job import Job
from specs.lifecycle import next_states
from specs.model import Operation

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITING = ("PUT", "PATCH")
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
FORM = "application/x-www-form-urlencoded"
PARAMETER = "_method"  # by which Rack, Symfony and Spring let a POST stand for another method


def check(bench: Bench) -> None:
    """One case a path and method, two where it writes; then one an override header, on the paths of cancel and read.

    Where cancel is no POST, a POST may say its method in a form or query as well.
    """
    for trigger in ("cancel", "read"):
        operation = bench.reader.operation(trigger)
        if operation is not None:
            _methods(bench, operation)
    for header in OVERRIDES:
        for trigger in ("cancel", "read"):
            for carrier in ("GET", "POST"):
                _override(bench, header, trigger, carrier)
    for place in ("form", "query"):
        _parameter(bench, place)


def _methods(bench: Bench, operation: Operation) -> None:
    documented = {each.method for each in bench.spec.operations.values() if each.path == operation.path}
    for method in METHODS:
        if method in documented:
            continue
        with bench.case() as case:
            job = case.job()
            call = bench.calls.of(operation, job).using(method)
            answer = case.left_alone(job, call, method)
            _refused(case, answer, operation, method)
        if method in WRITING:
            with bench.case() as case:
                _overwritten(case, operation, method)


def _refused(case: Case, answer: Answer, operation: Operation, method: str) -> None:
    refusals = operation.effect.refused.get("wrong_method", ()) if operation.effect else ()
    case.one_of(answer, refusals, f"{method} {operation.path}")
    if answer.status == 405 and "allow" not in answer.reply.headers:
        case.fails(answer, "`Allow` with a 405 (RFC 9110 section 15.5.6)", f"{operation.path} 405 without Allow")


def _overwritten(case: Case, operation: Operation, method: str) -> None:
    """A job's state is not written, only led to: here it is sent as a cancel would make it."""
    bench, job = case.bench, case.job()
    call = bench.calls.of(operation, job).using(method)
    case.left_alone(job, call.saying(_as_if_cancelled(bench, job)), f"{method} of another state")


def _as_if_cancelled(bench: Bench, job: Job) -> Any:
    """The members that a job's state is read off, as they are after a cancel."""
    goal = next_states(bench.lifecycle, job.state or "", "cancel")[0]
    body: Any = {}
    for path, value in next(each.when for each in bench.lifecycle.states if each.name == goal).items():
        body = body if isinstance(value, Mapping) else with_member(body, path, value)
    return body


def _override(bench: Bench, header: str, trigger: str, carrier: str) -> None:
    with bench.case() as case:
        job = case.job()
        cancel, path = bench.call("cancel", job), bench.call(trigger, job)
        if (carrier, path.target) == (cancel.method, cancel.target):
            return
        call = Call(carrier, path.target, {**path.headers, header: cancel.method}, path.body, job=job)
        case.left_alone(job, call, f"{carrier} on the path of {trigger} with {header}")


def _parameter(bench: Bench, place: str) -> None:
    """A POST to the path of cancel that names its method beside: only forms on web pages have a use for that."""
    if bench.call("cancel", id="x").method == "POST":
        return
    with bench.case() as case:
        job = case.job()
        cancel = bench.call("cancel", job)
        call = Call("POST", cancel.target, job=job)
        said = f"{PARAMETER}={cancel.method}".encode()
        form = Call("POST", cancel.target, {"Content-Type": FORM}, said, job=job)
        asked = form if place == "form" else call.asking(**{PARAMETER: cancel.method})
        case.left_alone(job, asked, f"POST with {PARAMETER} in the {place}")


CLAIM = Claim(
    id="wrong_methods_are_refused",
    meaning="undocumented methods are refused as documented and cancel nothing, override headers included",
    source="the operations' `wrong_method` refusals; RFC 9110 section 15.5.6",
    check=check,
)
