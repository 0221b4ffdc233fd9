"""After any refusal, whatever its reason, the job reads exactly as before: at once, in the list, and later on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from contracts.bench import Bench
from contracts.calls import Call
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.claims.cancel_shows_at_once import shows
from contracts.comparison import changes
from contracts.forgery import forgeries
from contracts.identity import OWNER, READER, STRANGER
from contracts.journeys import Attempt
from contracts.reader import Listing
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import accepts, reachable_by_itself, state_of

LATER = 30.0  # seconds; longer than any documented settling
TIMES = 2  # refusals in a row: what adds up shows, too
NONSENSE = "x-countermand"  # no media type, no ETag and no value that anybody knows
MOST = 20  # jobs looked at once more at the end

Send = Callable[[Case, Job, Call], Any]


def check(bench: Bench) -> None:
    """One case a refusing state; one a reason that has nothing to do with the state; then a late look at all jobs.

    The reasons that no vendor accepts are all given to one job, which is left in peace afterwards.
    """
    for state in bench.refusing:
        with bench.case() as case:
            _unchanged(case, case.job(state, patient=True), "wrong state", _plainly)
    for reason, send in BODIES.items():
        with bench.case() as case:
            _unchanged(case, case.job(fresh=True), reason, send)
    _for_every_whim(bench)
    running = _for_every_reason(bench, None)
    for settled in bench.refusing[:1]:
        _for_every_reason(bench, settled)
    _later(bench)
    if running is not None:
        with bench.case() as case:
            _accepts_as_ever(case, running)


def _for_every_reason(bench: Bench, state: str | None) -> Job | None:
    """One job in `state` (None: any that accepts cancel), refused for every reason in turn."""
    watched: Job | None = None
    for reason, send in REASONS.items():
        with bench.case() as case:
            watched = watched or case.job(state)
            bench.notebook.page.lease(watched)
            _unchanged(case, watched, reason, send)
    return watched


def _for_every_whim(bench: Bench) -> None:
    """Wishes that a server may refuse or pass over: one job for all of them, another where one is passed over."""
    job: Job | None = None
    for reason, whim in WHIMS.items():
        with bench.case() as case:
            if job is None or job.spent:
                job = case.job()
            bench.notebook.page.lease(job)
            call = whim(case.call("cancel", job))
            if call is None:
                raise NotAvailable(f"cancel offers no place for {reason}")
            _refused(case, job, call.to(call.target), reason)


def _accepts_as_ever(case: Case, job: Job) -> None:
    """What was refused to others, or in other words, is still there to be cancelled by its owner."""
    case.bench.notebook.page.lease(job)
    before = case.readable(job)
    if job.spent or not accepts(case.bench.lifecycle, before.state or "", "cancel"):
        raise NotAvailable(f"{job.id} is {before.shown} by now")
    answer = case.cancel(job)
    after = case.read(job)
    if case.accepted(answer, before, after):
        shows(case, Attempt(before, answer, after))


def _unchanged(case: Case, job: Job, reason: str, send: Send) -> None:
    listed = _entry(case, job)
    for _ in range(TIMES):
        send(case, job, case.call("cancel", job))
    entry = _entry(case, job)
    if listed is None or job.spent or _state(case, listed) != _state(case, entry):
        return  # a running job may have moved on; what a refusal did to it is seen in its own reading
    if found := changes(case.bench.lifecycle, _state(case, listed), listed, entry):
        answer = case.bench.reader.readings[job.id][-1].answer
        case.fails(answer, "the job in the list as it was", f"{reason} changes the list", job=job, changed=found)


def _plainly(case: Case, job: Job, call: Call) -> None:
    _refused(case, job, call, "wrong state")


def _anonymously(case: Case, job: Job, call: Call) -> None:
    _refused(case, job, call, "no credentials", None)


def _with_wrong_credentials(case: Case, job: Job, call: Call) -> None:
    header = next(forgeries(case.bench.sender.credentials[OWNER], call, case.bench.chance)).header
    _refused(case, job, call, "wrong credentials", None, header)


def _as(identity: str) -> Send:
    return lambda case, job, call: _refused(case, job, call, identity, identity)


def _with_broken_body(case: Case, job: Job, call: Call) -> None:
    _refused(case, job, call.saying(call.body[:-1] if call.body else b"{"), "a broken body")


def _as_text(case: Case, job: Job, call: Call) -> None:
    _refused(case, job, call.saying(call.body or b"{").wearing(Content_Type="text/plain"), "a body of another type")


def _by_put(case: Case, job: Job, call: Call) -> None:
    _refused(case, job, call.using("PUT"), "a wrong method")


def _refused(
    case: Case, job: Job, call: Call, kind: str, identity: str | None = OWNER, authorization: str | None = None
) -> None:
    """Send, and judge the job unchanged if the answer is a refusal. What is accepted is not this claim's business."""
    before = case.readable(job)
    answer = case.send(call, identity, authorization=authorization)
    after = case.read(job)
    if not answer.refused:
        job.spent = job.spent or call.operation is None
        raise NotAvailable(f"{kind}: not refused but answered {answer.status}")
    if case.bench.moved_by_itself(before, after):
        raise NotAvailable(f"{kind}: the job moved on by itself")
    case.unchanged(before, after, answer, kind)


REASONS: Mapping[str, Send] = {
    "no credentials": _anonymously,
    "wrong credentials": _with_wrong_credentials,
    "a role too low": _as(READER),
    "another tenant": _as(STRANGER),
    "a wrong method": _by_put,
}
BODIES: Mapping[str, Send] = {
    "a broken body": _with_broken_body,
    "a body of another type": _as_text,
}


def _in_capitals(call: Call) -> Call | None:
    """The id in capital letters, wherever it is: a database may take them for small ones, and the code not."""
    if call.job is None or call.job.id.upper() == call.job.id:
        return None
    id, capitals = call.job.id, call.job.id.upper()
    body = call.body.replace(id.encode(), capitals.encode()) if call.body else call.body
    return replace(call, target=call.target.replace(id, capitals), body=body)


def _asking_nonsense(call: Call) -> Call | None:
    """Another value for the first parameter that may stand in the query."""
    named = call.operation.parameters if call.operation else ()
    name = next((each.name for each in named if each.where == "query"), None)
    return call.asking(**{name: NONSENSE}) if name else None


WHIMS: Mapping[str, Callable[[Call], Call | None]] = {
    "a type that it does not speak": lambda call: call.wearing(Accept=f"application/{NONSENSE}"),
    "a condition that does not hold": lambda call: call.wearing(If_Match=f'"{NONSENSE}"'),
    "a query that makes no sense": _asking_nonsense,
    "an id in capital letters": _in_capitals,
}


def _entry(case: Case, job: Job) -> Any:
    try:
        listing: Listing = case.bench.reader.listing()
    except NotAvailable:
        return None
    return listing.items.get(job.id)


def _state(case: Case, entry: Any) -> str | None:
    return state_of(case.bench.lifecycle, entry) if entry is not None else None


def _later(bench: Bench) -> None:
    """Jobs that were only ever refused anything: by now they are as they were, or where they go by themselves."""
    guard = bench.guard
    refused = [job for job in bench.stock.idle if guard.named_for_change(job.id) and not guard.asked_for_change(job.id)]
    jobs = [job for job in refused if not job.spent and job.state is not None]
    bench.patience.pass_time(LATER)
    for number, job in enumerate(jobs):
        with bench.case() as case:
            bench.notebook.page.lease(job)
            if number < MOST:
                case.read(job)
            _went_by_itself(case, job)


def _went_by_itself(case: Case, job: Job) -> None:
    bench = case.bench
    told = [each for each in bench.reader.readings[job.id] if each.answer.ok or each.answer.refused]
    for earlier, later in pairwise(told):
        if later.state not in reachable_by_itself(bench.spec, bench.lifecycle, str(earlier.state)):
            expected = f"{earlier.shown} or what follows it by itself: no cancel was ever accepted"
            case.fails(later.answer, expected, "a late effect", state=earlier.state, job=job, read_as=later.shown)
            return


CLAIM = Claim(
    id="refused_cancel_changes_nothing",
    meaning="after any refusal (4xx, whatever its reason) the job reads exactly as before",
    source="what a refusal means: RFC 9110 section 15.5",
    check=check,
    stage=Stage.REVIEW,
)
