"""The next read after an accepted cancel shows the documented next state."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.journeys import Attempt, Journey, cancelled_once
from contracts.supply.job import NotAvailable
from specs.lifecycle import next_states, reachable_by_itself, value_at

AT_ONCE = 0.25  # seconds from the reading before to the one after: no documented settling is that quick
SUSPICIOUS = 2  # jobs that have all skipped a documented state before it counts as a rule


def check(bench: Bench) -> None:
    """One case a state that accepts cancel; then whether the documented state in between was ever seen."""
    skipped: list[Journey] = []
    seen = False
    for state in bench.cancellable:
        with bench.case() as case:
            journey = cancelled_once(case, state)
            shows(case, journey.first)
            promised = next_states(bench.lifecycle, journey.first.before.state or "", "cancel")
            seen = seen or journey.first.after.state in promised
            if journey.first.after.state not in promised and journey.first.seconds < AT_ONCE:
                skipped.append(journey)
    if len(skipped) >= SUSPICIOUS and not seen:
        _never_shown(bench, skipped[0])


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


def _allowed(bench: Bench, state: str) -> frozenset[str]:
    return frozenset(later for following in bench.after(state, "cancel") for later in bench.by_itself(following))


def _never_shown(bench: Bench, journey: Journey) -> None:
    """A state that every client is told to expect, and that no job ever showed right after its cancel."""
    state = journey.first.before.state or ""
    promised = next_states(bench.lifecycle, state, "cancel")
    later = frozenset(each for one in promised for each in reachable_by_itself(bench.spec, bench.lifecycle, one))
    if journey.first.after.state in later:
        with bench.case() as case:
            bench.notebook.page = journey.page
            expected = f"{' or '.join(promised)} in the next read of at least one job"
            found = journey.first.after.shown
            case.fails(journey.first.answer, expected, "skips a documented state", state=state, read_as=found)


CLAIM = Claim(
    id="cancel_shows_at_once",
    meaning="the next read shows the documented next state",
    source="the spec's lifecycle: where cancel leads from each state",
    check=check,
    stage=Stage.JOURNEYS,
)
