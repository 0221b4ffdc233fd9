"""A job's entry in the list tells the same as the job itself, once, and the list counts right."""

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
ATTEMPTS = 3  # looks at a job that moves on between list and read


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


CLAIM = Claim(
    id="list_agrees_with_get",
    meaning="list and get tell the same facts about a job",
    source="the spec: both show the same resource",
    check=check,
    stage=Stage.REVIEW,
)
