"""The next read after an accepted cancel shows the documented next state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.journeys import Attempt, Journey, cancelled_again, cancelled_once
from contracts.supply.job import NotAvailable
from specs.lifecycle import next_states, reachable_by_itself, value_at

AT_ONCE = 0.25  # seconds from the reading before to the one after: no documented settling is that quick
NOT_MODIFIED = 304
SUSPICIOUS = 2  # jobs that have all skipped a documented state before it counts as a rule


def check(bench: Bench) -> None:
    """One case a state that accepts cancel; then whether a documented state in between was ever seen."""
    for state in bench.cancellable:
        with bench.case() as case:
            first = cancelled_once(case, state).first
            shows(case, first)
            _shows_to_caches(case, first)
    with bench.case() as case:
        _shown_at_least_once(case)


def shows(case: Case, attempt: Attempt) -> None:
    """Judge the reading after an accepted cancel: its state, its id, and that it agrees with the reply."""
    if not attempt.answer.ok:
        raise NotAvailable("the cancel was not accepted (see running_job_accepts_cancel)")
    bench, after, answer = case.bench, attempt.after, attempt.answer
    state = attempt.before.state or ""
    allowed = _allowed(bench, state)
    if after.state not in allowed:
        expected = f"{' or '.join(sorted(allowed))} in the next read"
        case.fails(answer, expected, f"reads as {after.shown}", state=state, read_as=after.shown)
        return
    job = answer.call.job
    if job and value_at(after.representation, bench.lifecycle.id) != job.id:
        case.fails(after.answer, f"the job {job.id}", "another id in the read", state=state)
    reply = bench.reader.reading(answer)
    if reply.state == after.state and (differences := bench.differences(reply, after)):
        expected = "the same job in the reply to cancel and in the next read"
        case.fails(answer, expected, "reply and read differ", state=state, differences=differences)


def _shows_to_caches(case: Case, attempt: Attempt) -> None:
    """Who has kept the job as it was before, and asks by its ETag whether it is still that, is told that it is not."""
    tag, job = attempt.before.answer.reply.headers.get("etag"), attempt.answer.call.job
    if tag is None or job is None or not attempt.after.answer.ok:
        return
    call = case.call("read", job)
    answer = case.send(call.to(call.target).wearing(If_None_Match=tag))
    if answer.status == NOT_MODIFIED:
        expected = "the job as it is now: a cancel has changed it"
        case.fails(answer, expected, "not modified", state=attempt.before.state, read_as=attempt.after.shown)


def _allowed(bench: Bench, state: str) -> frozenset[str]:
    return frozenset(later for following in bench.after(state, "cancel") for later in bench.by_itself(following))


def _shown_at_least_once(case: Case) -> None:
    """A state that every client is told to expect must not be one that no job ever shows right after its cancel."""
    bench = case.bench
    journeys = [walk for state in bench.cancellable for walk in _walks(case, state) if walk.first.answer.ok]
    skipped = [each for each in journeys if _skips(bench, each.first)]
    if len(skipped) < max(SUSPICIOUS, sum(_lingers(bench, each.first) for each in journeys)):
        return
    journey = skipped[0]
    bench.notebook.page = journey.page
    promised = next_states(bench.lifecycle, journey.first.before.state or "", "cancel")
    expected = f"{' or '.join(promised)} in the next read of at least one job"
    found = journey.first.after.shown
    case.fails(journey.first.answer, expected, "skips a documented state", job=journey.job, read_as=found)


def _walks(case: Case, state: str) -> Iterator[Journey]:
    for walk in (cancelled_once, cancelled_again):
        with suppress(NotAvailable):
            yield walk(case, state)


def _lingers(bench: Bench, attempt: Attempt) -> bool:
    """Whether the documented next state is one that a job stays in for a while."""
    promised = next_states(bench.lifecycle, attempt.before.state or "", "cancel")
    return not bench.lifecycle.terminal.intersection(promised)


def _skips(bench: Bench, attempt: Attempt) -> bool:
    """Whether a job was beyond that state before it could be read."""
    promised = next_states(bench.lifecycle, attempt.before.state or "", "cancel")
    beyond = {each for one in promised for each in reachable_by_itself(bench.spec, bench.lifecycle, one)} - {*promised}
    return _lingers(bench, attempt) and attempt.after.state in beyond and attempt.seconds < AT_ONCE


CLAIM = Claim(
    id="cancel_shows_at_once",
    meaning="the next read shows the documented next state",
    source="the spec's lifecycle: where cancel leads from each state",
    check=check,
    stage=Stage.JOURNEYS,
)
