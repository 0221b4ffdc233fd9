"""One case of a claim: the jobs it has, what it sends, and how it judges what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts.admission import Probe
from contracts.answer import Answer, Reading
from contracts.calls import Call
from contracts.conformance import documented_response
from contracts.curl import curl
from contracts.guard import GuardRefused
from contracts.identity import OWNER
from contracts.notebook import cause_of, received_of
from contracts.patience import LONGEST_PAUSE
from contracts.refusals import described, documented, evidence_of, met, summary
from contracts.supply.job import Job, NotAvailable
from contracts.verdict import Finding
from specs.lifecycle import open_to_refusal, value_at
from specs.model import Effect, Refusal

if TYPE_CHECKING:
    from contracts.bench import Bench

IMPATIENCE = 3.0  # seconds to wait for a job to settle once another has not
ATTEMPTS = 3  # times a job may have moved on by itself while it was looked at


@dataclass(slots=True)
class Tally:
    """What a claim has done so far: cases judged, reasons for those that could not be, open answers met."""

    cases: int = 0
    reasons: list[str] = field(default_factory=list)
    met: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Case:
    """A case. Jobs leased here are given back when it ends."""

    bench: Bench
    claim: str
    tally: Tally

    def job(self, state: str | None = None, *, fresh: bool = False, patient: bool = False, tenant: str = OWNER) -> Job:
        """A job that reads in `state` now (default: any state that accepts cancel).

        `fresh`: rather one that no claim has had before. `patient`: if need be, wait for a new one to get there.
        """
        job = self.bench.job(state, fresh=fresh, patient=patient, tenant=tenant)
        self.bench.notebook.page.lease(job)
        return job

    def call(self, trigger: str, job: Job | None = None, *, id: str | None = None, body: Any = None) -> Call:
        """The documented call that pulls a trigger. NotAvailable where the vendor has none."""
        return self.bench.call(trigger, job, id=id, body=body)

    def send(self, call: Call, identity: str | None = OWNER, *, authorization: str | None = None) -> Answer:
        """Send a call; one that is no operation's is announced to the guard as a probe.

        A job that accepted a change is no fresh job any more.
        """
        probes = () if call.operation else (Probe(call.method, call.target),)
        try:
            with self.bench.guard.probing(*probes):
                answer = self.bench.sender.send(call, identity, authorization=authorization)
        except GuardRefused as refusal:
            raise NotAvailable(f"the guard kept it back: {refusal}") from refusal
        if call.job and call.operation and answer.ok and self.bench.changes_something(call):
            call.job.spent = True
        return answer

    def cancel(self, job: Job, identity: str | None = OWNER) -> Answer:
        """Send the documented cancel."""
        return self.send(self.call("cancel", job), identity)

    def read(self, job: Job, identity: str | None = None) -> Reading:
        """Read a job, as its owner unless another identity is named."""
        return self.bench.read(job, identity or job.tenant)

    def readable(self, job: Job) -> Reading:
        """Read a job that has to be there for the case to make sense."""
        reading = self.read(job)
        if reading.state is None:
            raise NotAvailable(f"{job.id} is {reading.shown} where it has to be read")
        return reading

    def fails(
        self,
        answer: Answer,
        expected: str,
        kind: str,
        *,
        state: str | None = None,
        job: Job | None = None,
        evidence: Iterable[str] = (),
        **received: Any,
    ) -> None:
        """Write down that a promise is broken. `kind` tells causes apart."""
        job = job or answer.call.job
        operation = answer.call.operation
        shown = state if state is not None else (job.state or "" if job else "")
        self.bench.notebook.record(
            Finding(
                claim=self.claim,
                operation=answer.call.label,
                state=shown,
                expected=expected,
                received={**received_of(answer.reply), **received},
                evidence=tuple(dict.fromkeys([*evidence, *(operation.evidence if operation else ())])),
                curl=curl(answer.outgoing),
                path=tuple(job.path) if job else (),
                ids=(job.id,) if job else (),
                cause=cause_of(answer, kind, shown),
            )
        )

    def refused(self, answer: Answer, *reasons: str, states: Iterable[str] = (), kind: str = "") -> bool:
        """Judge that an answer is a documented refusal for one of these reasons (any 4xx where none is documented)."""
        effect = self.bench.effect_of(answer.call)
        refusals = refusals_for(effect, reasons, tuple(states))
        return self.one_of(answer, refusals, kind or "/".join(reasons))

    def one_of(self, answer: Answer, refusals: tuple[Refusal, ...], kind: str) -> bool:
        """Judge that an answer is one of these refusals; with none of them given, that it is any refusal."""
        spec = self.bench.spec
        if answer.refused and (not refusals or met(spec, refusals, answer.reply)):
            self._note(refusals, answer, kind)
            return True
        found = summary(spec, answer.reply)
        problem = "accepted" if answer.ok else "not refused" if not answer.refused else "another refusal"
        expected = f"a refusal: {described(refusals)}"
        self.fails(answer, expected, f"{kind} {problem}", evidence=evidence_of(refusals), found=found)
        return False

    def _note(self, refusals: tuple[Refusal, ...], answer: Answer, kind: str) -> None:
        """Remember which of several documented answers was met."""
        if len(refusals) > 1 or any(len(each.statuses) > 1 for each in refusals):
            what = answer.call.label if answer.call.operation else kind
            self.tally.met.add(f"{what}: {summary(self.bench.spec, answer.reply)}")

    def left_alone(
        self, job: Job, call: Call, kind: str, identity: str | None = OWNER, *, authorization: str | None = None
    ) -> Answer:
        """Send what must not change a job and judge that it has not (documented reads are taken at their word).

        A running job may move on by itself meanwhile. That is looked at again; one that moves each time is moved by us.
        """
        if call.operation and not self.bench.changes_something(call):
            return self.send(call, identity, authorization=authorization)
        for _ in range(ATTEMPTS):
            before = self.readable(job)
            answer = self.send(call, identity, authorization=authorization)
            after = self.read(job)
            if not self.bench.moved_by_itself(before, after):
                self.unchanged(before, after, answer, kind)
                return answer
        self.fails(answer, "a job that this request does not move", f"{kind} moves it", state=before.state, job=job)
        return answer

    def unchanged(self, before: Reading, after: Reading, answer: Answer, kind: str) -> bool:
        """Judge that two readings of a job are alike; `answer` is what came between."""
        differences = self.bench.differences(before, after)
        if not differences:
            return True
        job = before.answer.call.job
        if job:
            job.spent = True
        expected = f"the job as it was ({before.shown})"
        kind = f"{kind} changes it"
        self.fails(answer, expected, kind, state=before.state, job=job, changed=differences, state_after=after.shown)
        return False

    def accepted(self, answer: Answer, before: Reading, after: Reading) -> bool:
        """Judge that a cancel was accepted as documented in the state before; False where it was not.

        Where documents leave open whether a state accepts, a documented refusal is right as well.
        """
        if answer.ok:
            self._says_so(answer, before)
            return True
        lifecycle, effect, state = self.bench.lifecycle, self.bench.effect_of(answer.call), before.state or ""
        refusals = documented(effect, "wrong_state", state=state)
        if open_to_refusal(lifecycle, effect, state) and met(self.bench.spec, refusals, answer.reply):
            self.tally.met.add(f"{answer.call.label} in {state}: {summary(self.bench.spec, answer.reply)}")
            return False
        if after.state in lifecycle.terminal and self.bench.moved_by_itself(before, after):
            raise NotAvailable(f"the job ended by itself ({after.state}) before its cancel arrived")
        found = summary(self.bench.spec, answer.reply)
        self.fails(answer, f"2xx: {state} accepts cancel", "not accepted", state=state, found=found)
        return False

    def _says_so(self, answer: Answer, before: Reading) -> None:
        """Judge the reply to an accepted cancel: its status, and what it shows of the job if it shows the job."""
        shown = self.bench.reader.reading(answer)
        job, operation = answer.call.job, answer.call.operation
        if operation and documented_response(operation, answer.status) is None:
            self.fails(answer, "a documented success", f"undocumented success {answer.status}", state=before.state)
        id = value_at(shown.representation, self.bench.lifecycle.id)
        if shown.state is None or job is None:
            return
        if id != job.id:
            self.fails(answer, f"the job {job.id} in the reply", "another job in the reply", state=before.state)
        allowed = self.bench.after(before.state or "", "cancel")
        if shown.state not in allowed:
            expected = f"{' or '.join(sorted(allowed))} in the reply to an accepted cancel"
            self.fails(answer, expected, "another state in the reply", state=before.state, found=shown.state)

    def settles(
        self, job: Job, meanwhile: Callable[[], object] | None = None, pause: float = LONGEST_PAUSE
    ) -> Reading | None:
        """Wait until a job reads in a terminal state (or cannot be read any more); None if neither comes in time.

        `meanwhile` is done before every look, and looks come `pause` seconds apart in the end.
        Once a job has not settled in time, the next ones get less: one finding is enough.
        """
        goal = self.bench.lifecycle.terminal

        def look() -> Reading | None:
            if meanwhile:
                meanwhile()
            reading = self.read(job)
            return reading if reading.state in goal or reading.state is None else None

        self.bench.notebook.page.wait(job, sorted(goal))
        settled = self.bench.patience.until(look, pause=pause)
        if settled is None:
            self.bench.patience.limit = min(self.bench.patience.limit, IMPATIENCE)
        return settled


def refusals_for(effect: Effect, reasons: Iterable[str], states: tuple[str, ...]) -> tuple[Refusal, ...]:
    """What a spec documents for these reasons, in any of these states."""
    if not states:
        return documented(effect, *reasons)
    found = [refusal for state in states for refusal in documented(effect, *reasons, state=state)]
    return tuple(dict.fromkeys(found))
