"""Sending a cancel again after its answer was lost changes nothing more."""

from __future__ import annotations

from functools import partial

from contracts.answer import Reading
from contracts.bench import Bench
from contracts.calls import Call
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.claims.cancel_shows_at_once import shows
from contracts.guard import GuardRefused
from contracts.journeys import Attempt, attempt, usual_journeys, usually_settles
from contracts.notebook import Page
from contracts.supply.job import Job, NotAvailable
from contracts.transitions import repeated_entries
from contracts.wire import NoAnswer
from specs.lifecycle import accepts, reachable_by_itself

PACE = 8  # cancels in the time that one takes to settle a job
TAKES_EFFECT_WITHIN = 0.5  # seconds; a server may also drop a request whose sender has gone


def check(bench: Bench) -> None:
    """One case a state that accepts cancel: the connection is cut once the request is out. Then one a job's end.

    At last one of a job that is asked to cancel until it has.
    """
    retried: list[tuple[Job, Reading, Attempt, Page]] = []
    for state in bench.cancellable:
        with bench.case() as case:
            job = case.job(state, fresh=True)
            before = case.readable(job)
            _lose_answer(case, case.call("cancel", job))
            _after_loss(case, job, before)
            again = attempt(case, job)
            _judge(case, again)
            retried.append((job, before, again, bench.notebook.page))
    for job, before, again, page in retried:
        with bench.case() as case:
            bench.notebook.page = page
            _one_end(case, job, before, again)
    with bench.case() as case:
        _is_not_put_off(case)


def _lose_answer(case: Case, call: Call) -> None:
    if call.job:
        call.job.spent = True
    try:
        held = case.bench.sender.hold(call)
        case.bench.notebook.page.send(held.exchange.outgoing, "owner")
        held.abandon()
    except (NoAnswer, GuardRefused) as error:
        raise NotAvailable(f"the cancel could not be sent: {error}") from error


def _after_loss(case: Case, job: Job, before: Reading) -> None:
    """Give the lost cancel time to take effect, and judge that it led nowhere else.

    One that is dropped with its connection, or comes even later, is as good.
    """
    case.bench.patience.really(lambda: case.read(job).state != before.state or None, TAKES_EFFECT_WITHIN)
    reading = case.readable(job)
    allowed = {before.state, *case.bench.by_itself(before.state or "")}
    for following in case.bench.after(before.state or "", "cancel"):
        allowed |= reachable_by_itself(case.bench.spec, case.bench.lifecycle, following)
    if reading.state not in allowed:
        expected = " or ".join(sorted(str(each) for each in allowed))
        case.fails(reading.answer, expected, "a lost cancel led elsewhere", state=before.state, read_as=reading.shown)


def _judge(case: Case, again: Attempt) -> None:
    bench, state = case.bench, again.before.state or ""
    late = again.answer.refused and again.after.state in bench.after(state, "cancel")
    if accepts(bench.lifecycle, state, "cancel") and not late:
        if case.accepted(again.answer, again.before, again.after):
            shows(case, again)
        return
    states = bench.by_itself(state) if not late else bench.after(state, "cancel")
    case.refused(again.answer, "wrong_state", states=states, kind=f"again in {state}")
    if not late and not bench.moved_by_itself(again.before, again.after):
        case.unchanged(again.before, again.after, again.answer, "a cancel sent again")


def _one_end(case: Case, job: Job, before: Reading, again: Attempt) -> None:
    if again.after.state in case.bench.cancellable and again.answer.refused:
        raise NotAvailable("no cancel was accepted, so there is no end to wait for")
    settled = case.settles(job)
    shown = settled or again.after
    if settled is None and usually_settles(case, before.state or ""):
        case.fails(again.answer, "an end, as after any other cancel", "a lost cancel has no end", job=job)
    if twice := repeated_entries(case.bench.lifecycle, shown.representation):
        case.fails(again.answer, "one transition in the history", "more than one transition", job=job, twice=twice)


def _is_not_put_off(case: Case) -> None:
    """Whoever keeps sending a cancel does not put off the end that it leads to."""
    usual = next((each for each in usual_journeys(case) if each.settling > 0), None)
    if usual is None:
        raise NotAvailable("no cancelled job was seen to settle a while after its cancel")
    job = case.job(usual.first.before.state, fresh=True)
    first = case.cancel(job)
    again = partial(case.cancel, job)
    if first.ok and case.settles(job, again, pause=usual.settling / PACE) is None:
        expected = f"an end, as after {usual.settling:.1f} s where cancel is sent once"
        case.fails(first, expected, "repeated cancels put the end off", job=job)


CLAIM = Claim(
    id="retry_is_safe",
    meaning="resending a cancel after its answer was lost changes nothing more",
    source="the spec's lifecycle; RFC 9110 section 9.2.2 on retries",
    check=check,
    stage=Stage.RACES,
)
