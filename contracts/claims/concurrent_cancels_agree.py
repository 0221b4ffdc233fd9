"""Simultaneous cancels: every answer can be explained by some order, there is one transition and one final state."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from contracts.answer import Answer, Reading
from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.claims.cancel_shows_at_once import shows
from contracts.identity import OWNER, READER, STRANGER
from contracts.journeys import Attempt, cancelled_again, usually_settles
from contracts.notebook import Page
from contracts.races import at_once, ends, explainable
from contracts.refusals import summary
from contracts.supply.job import Job, NotAvailable
from contracts.transitions import repeated_entries

FEW = 2  # rounds where jobs are scarce
NEIGHBOURS = 3  # jobs cancelled at one moment
NOT_YOURS = (401, 403, 404)
CROWD = 2  # how often each of the others tries beside the owner


@dataclass(frozen=True, slots=True)
class Race:
    """Simultaneous cancels of one job that have been answered."""

    job: Job
    state: str  # before
    answers: list[Answer]
    after: Reading
    page: Page


def check(bench: Bench) -> None:
    """Rounds over the states that accept cancel, until the budget is spent; then where each of the jobs ends."""
    races: list[Race] = []
    for number in range(bench.budget.rounds if bench.stock.renewable else FEW):
        with bench.case() as case:
            races.append(_race(case, bench.cancellable[number % len(bench.cancellable)]))
    for race in races:
        with bench.case() as case:
            bench.notebook.page = race.page
            _one_end(case, race)
    with bench.case() as case:
        _side_by_side(case)
    with bench.case() as case:
        _by_several(case)


def _side_by_side(case: Case) -> None:
    """Cancels of different jobs at one moment: each answer is about its own job."""
    jobs = _different_jobs(case)
    before = [case.readable(job) for job in jobs]
    for job in jobs:
        job.spent = True
    answers = at_once(case, [case.call("cancel", job) for job in jobs])
    for job, was, answer in zip(jobs, before, answers, strict=True):
        now = case.read(job)
        if explainable(case, [answer]) and case.accepted(answer, was, now):
            shows(case, Attempt(was, answer, now))


def _different_jobs(case: Case) -> list[Job]:
    jobs: list[Job] = []
    with suppress(NotAvailable):
        for number in range(NEIGHBOURS):
            jobs.append(case.job(case.bench.cancellable[number % len(case.bench.cancellable)], fresh=True))
    still = [job for job in jobs if case.read(job).state in case.bench.cancellable]
    if len(still) < FEW:
        raise NotAvailable("there are no two jobs that could be cancelled side by side")
    return still


def _by_several(case: Case) -> None:
    """The owner reads while others try to cancel: nobody is taken for another."""
    others = [each for each in (READER, STRANGER) if each in case.bench.target.identities]
    if not others:
        raise NotAvailable("the target has no identity but the owner")
    job = case.job()
    for _ in range(case.bench.budget.rounds):
        if _mistaken(case, job, others):
            return


def _mistaken(case: Case, job: Job, others: list[str]) -> bool:
    """One crowd before a job: whether anybody was answered as if somebody else had asked."""
    before = case.readable(job)
    pairs = [pair for each in others for pair in [(case.call("read", job), OWNER), (case.call("cancel", job), each)]]
    pairs *= CROWD
    answers = at_once(case, [call for call, _ in pairs], identities=[identity for _, identity in pairs])
    mistaken = [answer for answer in answers if _mixed_up(answer)]
    for answer in mistaken:
        due = "what the owner may read" if answer.identity == OWNER else f"a refusal for the {answer.identity}"
        case.fails(answer, due, f"the {answer.identity} was taken for somebody else", job=job)
    after = case.read(job)
    if not case.bench.moved_by_itself(before, after):
        case.unchanged(before, after, answers[-1], "others beside the owner")
    return bool(mistaken)


def _mixed_up(answer: Answer) -> bool:
    return answer.status in NOT_YOURS if answer.identity == OWNER else answer.ok


def _race(case: Case, state: str) -> Race:
    bench = case.bench
    job = case.job(state, fresh=True)
    before = case.readable(job)
    job.spent = True
    answers = at_once(case, [case.call("cancel", job)] * bench.budget.senders)
    after = case.read(job)
    _one_transition(case, answers, before, after)
    return Race(job, before.state or "", answers, after, bench.notebook.page)


def _one_transition(case: Case, answers: list[Answer], before: Reading, after: Reading) -> None:
    accepted = [answer for answer in answers if answer.ok]
    refused = [answer for answer in answers if answer.refused]
    if not explainable(case, answers):
        return
    bench, state = case.bench, before.state or ""
    possible = ends(bench, state, len(accepted), len(refused), moving=not bench.patience.virtual)
    counted = f"{len(accepted)} accepted, {len(refused)} refused, then {after.shown}"
    if after.state not in possible:
        expected = "answers and a state that some order of the cancels explains"
        case.fails((accepted or refused)[0], expected, "no order explains the answers", state=state, found=counted)
    if twice := repeated_entries(bench.lifecycle, after.representation):
        expected = "one transition in the history"
        case.fails(answers[0], expected, "more than one transition", state=state, found=f"{counted}; twice: {twice}")
    usual = _usual_refusals(case)
    for answer in refused:
        said = summary(bench.spec, answer.reply)
        if case.refused(answer, "wrong_state", kind="refused in a race") and usual and said not in usual:
            expected = f"the refusal of a repeated cancel: {' or '.join(sorted(usual))}"
            case.fails(answer, expected, "another refusal than without a race", found=said)


def _usual_refusals(case: Case) -> set[str]:
    """What repeated cancels are told when they come one after the other."""
    said = set()
    page = case.bench.notebook.page
    for state in case.bench.cancellable:
        with suppress(NotAvailable):
            repeats = cancelled_again(case, state).attempts[1:]
            said |= {summary(case.bench.spec, each.answer.reply) for each in repeats if each.answer.refused}
    case.bench.notebook.page = page
    return said


def _one_end(case: Case, race: Race) -> None:
    """Jobs that do not settle without a race either are another claim's business."""
    if not any(answer.ok for answer in race.answers):
        raise NotAvailable("none of the cancels was accepted, so there is no end to wait for")
    if race.after.state is None:
        raise NotAvailable(f"{race.job.id} could not be read after the race")
    settled = case.settles(race.job)
    if settled is None and usually_settles(case, race.state):
        expected = "an end, as after a single cancel"
        case.fails(race.answers[0], expected, "no end", state=race.after.state, job=race.job)
    if settled and (settled.state is None or not _follows(case.bench, race.after.state or "", settled.state)):
        expected = f"{race.after.shown} or what follows it by itself"
        case.fails(race.answers[0], expected, "another end", state=race.after.state, found=settled.shown)


def _follows(bench: Bench, state: str, later: str) -> bool:
    return later in ends(bench, state, 0, 0, moving=True)


CLAIM = Claim(
    id="concurrent_cancels_agree",
    meaning="simultaneous cancels answer as if one came after the other: one transition, one final state",
    source="the spec's lifecycle, in any order of the requests",
    check=check,
    stage=Stage.RACES,
)
