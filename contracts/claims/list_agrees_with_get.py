"""A job's entry in the list tells the same as the job itself, once, and the list counts right.

However the list is cut into pages, they make up the whole; asked for one state, it shows the jobs in that state.
"""

from __future__ import annotations

from contracts.answer import Reading
from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.comparison import differences, overlap
from contracts.journeys import Journey, cancelled_once
from contracts.reader import Listing
from contracts.supply.job import Job, NotAvailable
from specs.lifecycle import state_of

MOST = 12  # jobs looked at
ATTEMPTS = 3  # looks at a job that moves on between list and read, or at a list that changes between two pages
PAGES, SMALLEST = 3, 2  # that a list is cut into; jobs a page


def check(bench: Bench) -> None:
    """One case a job that was just cancelled; one a job of ours, of as many states as there are; one for the list."""
    for state in bench.cancellable:
        with bench.case() as case:
            _shows_at_once(case, cancelled_once(case, state))
    for job in _jobs(bench):
        with bench.case() as case:
            bench.notebook.page.lease(job)
            _agrees(case, job)
    with bench.case() as case:
        listing = bench.reader.listing()
        _each_once(case, listing)
        _counts(case, listing)
    with bench.case() as case:
        _makes_up_the_whole(case)
    with bench.case() as case:
        _filters(case, cancelled_once(case, bench.cancellable[0]))


def _shows_at_once(case: Case, journey: Journey) -> None:
    """The list that was fetched after the first reading after a cancel is no older than that reading."""
    bench, read = case.bench, journey.first.after
    entry = journey.after.listed.get(journey.job.id) if journey.after else None
    if entry is None or read.state is None:
        raise NotAvailable("the job was not read, or not listed, right after its cancel")
    listed = state_of(bench.lifecycle, entry)
    if listed is not None and listed not in bench.by_itself(read.state):
        expected = f"{read.state}, as it was just read, in the list as well"
        case.fails(read.answer, expected, "the list lags behind", state=read.state, job=journey.job, listed=listed)


def _jobs(bench: Bench) -> list[Job]:
    """Jobs that lie idle, of different states first; a running and a cancelled one where there is none."""
    if not bench.stock.idle:
        with bench.case() as case:
            cancelled_once(case, bench.cancellable[0])
            case.job(fresh=True)
    ours = [job for job in bench.stock.idle if job.tenant == "owner"]
    first = {job.state: job for job in ours}
    rest = [job for job in ours if first[job.state] is not job]
    return [*first.values(), *rest][:MOST]


def _agrees(case: Case, job: Job) -> None:
    for _ in range(ATTEMPTS):
        before = case.readable(job)
        listing = case.bench.reader.listing()
        after = case.read(job)
        if before.state == after.state and not case.bench.differences(before, after):
            _compare(case, job, after, listing)
            return
    raise NotAvailable(f"{job.id} reads differently each time")


def _compare(case: Case, job: Job, reading: Reading, listing: Listing) -> None:
    entry, answer = listing.items.get(job.id), listing.answers[-1]
    if not listing.ok:
        raise NotAvailable(f"the list was answered {answer.status}")
    if entry is None:
        case.fails(answer, "the job in the list", "not listed", state=reading.state, job=job)
        return
    if job.id in listing.repeated:
        case.fails(answer, "the job once in the list", "listed twice", state=reading.state, job=job)
    volatile = case.bench.lifecycle.volatile
    if found := differences(*overlap(reading.representation, entry), volatile):
        expected = "the same in the list as in the job itself"
        case.fails(answer, expected, "differs", state=reading.state, job=job, differences=found)


def _each_once(case: Case, listing: Listing) -> None:
    """A new job may push another onto the next page, and so into the list twice: but not that one once more."""
    if not listing.repeated:
        return
    again = case.bench.reader.listing()
    if twice := set(listing.repeated) & set(again.repeated):
        case.fails(again.answers[-1], "each job once in the list", "jobs are listed twice", found=f"{len(twice)} twice")


def _counts(case: Case, listing: Listing) -> None:
    """What the list says its number of jobs is, against the jobs it shows."""
    if not listing.ok or listing.total is None:
        raise NotAvailable("the list does not say how many jobs there are")
    if listing.total != len(listing.items) + len(listing.repeated):
        found = f"{len(listing.items)} jobs, said to be {listing.total}"
        case.fails(listing.answers[-1], "as many jobs as the list says", "counts wrong", found=found)


def _makes_up_the_whole(case: Case) -> None:
    """The list in small pages: the same jobs as in large ones, each once."""
    size = case.bench.reader.size_parameter()
    if size is None:
        raise NotAvailable("how many jobs a page holds cannot be chosen")
    for _ in range(ATTEMPTS):
        before = case.bench.reader.listing()
        if len(before.items) < PAGES or len(before.items) != before.total:
            raise NotAvailable("too few jobs for several pages, or too many to see them all")
        paged = case.bench.reader.listing(**{size: str(max(SMALLEST, len(before.items) // PAGES))})
        if list(before.items) == list(case.bench.reader.listing().items):
            _same_jobs(case, before, paged)
            return
    raise NotAvailable("the list changes between two pages each time")


def _same_jobs(case: Case, whole: Listing, paged: Listing) -> None:
    if not paged.ok or paged.total is None:
        raise NotAvailable(f"a page was answered {paged.answers[-1].status}, or does not say how many jobs there are")
    lost, more = set(whole.items) - set(paged.items), set(paged.items) - set(whole.items)
    wrong = [("lost", lost), ("repeated", set(paged.repeated)), ("not in the whole list", more)]
    found = {what: len(ids) for what, ids in wrong if ids}
    if found:
        case.fails(paged.answers[-1], "pages that make up the list", "pages lose or repeat jobs", found=str(found))


def _filters(case: Case, journey: Journey) -> None:
    """A cancelled job is found under the state that it is in, and no longer under the one that it was in."""
    bench, job, name = case.bench, journey.job, case.bench.reader.state_parameter()
    if name is None:
        raise NotAvailable("the list cannot be asked for one state")
    now, before = case.readable(job).state or "", journey.first.before.state or ""
    if now not in bench.lifecycle.terminal or before == now:
        raise NotAvailable(f"{job.id} is {now}: it may move on")
    if _pays_no_heed(bench, job, name, {now, before}):
        raise NotAvailable(f"the list does not go by `{name}`")
    for state, wanted in ((before, False), (now, True)):
        listing = bench.reader.listing(**{name: _word(bench, state)})
        if listing.ok and (job.id in listing.items) is not wanted:
            kind = f"{'not listed' if wanted else 'still listed'} by its state"
            expected = f"the {now} job {'among' if wanted else 'not among'} those that are {state}"
            case.fails(listing.answers[-1], expected, kind, state=now, job=job)


def _pays_no_heed(bench: Bench, job: Job, name: str, states: set[str]) -> bool:
    """Whether a job is listed under a state that it never was in: some servers pass over what they do not know."""
    passed = states.union(*(bench.after(state, "cancel") for state in states))
    never = next((each.name for each in bench.lifecycle.states if each.name not in passed), None)
    if never is None:
        return True
    listing = bench.reader.listing(**{name: _word(bench, never)})
    return not listing.ok or job.id in listing.items


def _word(bench: Bench, state: str) -> str:
    """How a state is written."""
    when = next(each.when for each in bench.lifecycle.states if each.name == state)
    return str(when[bench.lifecycle.field or ""])


CLAIM = Claim(
    id="list_agrees_with_get",
    meaning="list and get tell the same facts about a job",
    source="the spec: both show the same resource",
    check=check,
    stage=Stage.REVIEW,
)
