"""One system checked from beginning to end: every claim in its turn, then a result, however it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

from contracts.bench import Bench, Unreachable
from contracts.claim import Claim, Outcome, Stage, discover, run
from contracts.notebook import Found
from contracts.promises import PROMISES
from contracts.suite import Settings, generate
from contracts.supply.job import NotAvailable
from contracts.verdict import ClaimResult, RunResult, TargetFacts, Verdict, conclude
from contracts.wire import NoAnswer

GENERATED_AFTER = Stage.JOURNEYS  # by then jobs in many states are ours, and races have not yet shuffled them
GENERATION_WEIGHS = 12.0  # as much time as so many claims, for the progress

Tell = Callable[[float, str], None]
"""Told the share of the run that is done, and what is going on."""


class Enough(Exception):
    """What the run was for was found."""


@dataclass(slots=True)
class Session:
    """Checks one system. `wanted` holds claim ids; empty: all. `outcomes` fills as the run goes on."""

    bench: Bench
    settings: Settings
    wanted: frozenset[str]
    tell: Tell
    claims: tuple[Claim, ...] = field(default_factory=discover)
    outcomes: list[Outcome] = field(default_factory=list)
    enough: frozenset[str] = frozenset()  # claims; once one of them is broken, the run ends
    open_ended: bool = False  # one round of many: to be stopped is how it ends
    stopped: str = ""  # why the run ended early
    _whole: bool = True
    _done: float = 0.0

    def run(self) -> RunResult:
        """Check everything wanted. Unreachable if the target cannot be tested at all."""
        started = time.monotonic()
        with self.bench.guard.installed(), closing(self.bench):
            self.bench.prepare()
            try:
                self._check()
            except KeyboardInterrupt:
                self.stopped, self._whole = "the run was stopped", self.open_ended
            except Enough:
                self.stopped = "what the run was for was found"
            except (Unreachable, NoAnswer) as gone:
                self.stopped, self._whole = f"the target stopped answering: {gone}", False
        return self._result(time.monotonic() - started)

    @property
    def found(self) -> list[Found]:
        """Every finding with its steps, in the order of the claims."""
        return [found for outcome in self._all() for found in outcome.findings]

    def _check(self) -> None:
        chosen = [each for each in self.claims if self._is_wanted(each.id)]
        before = [each for each in chosen if each.stage <= GENERATED_AFTER]
        self._run(before)
        self._generate()
        self._run(each for each in chosen if each not in before)

    def _run(self, chosen: Iterable[Claim]) -> None:
        for claim in chosen:
            self._progress(0.0, claim.id)
            self.outcomes.append(run(claim, self.bench))
            self._done += 1.0
            self._stop_at_enough()

    def _stop_at_enough(self) -> None:
        broken = {outcome.result.id for outcome in self._all() if outcome.findings}
        if broken & self.enough:
            raise Enough

    def _generate(self) -> None:
        wanted = [promise.id for promise in PROMISES if self._is_wanted(promise.id)]
        if not wanted:
            return
        started, sent = time.monotonic(), self.bench.guard.requests
        try:
            generated = generate(self.bench, self.settings, self._progress_of_generation)
        except NotAvailable as lacking:
            self.outcomes += [_untested(id, str(lacking)) for id in wanted]
            return
        self._done += GENERATION_WEIGHS
        took, requests = round(time.monotonic() - started, 3), self.bench.guard.requests - sent
        for outcome in generated.outcomes:
            if outcome.result.id in wanted:
                result = replace(outcome.result, duration_s=took, requests=requests)
                self.outcomes.append(replace(outcome, result=result))
        if generated.stopped:
            raise KeyboardInterrupt
        self._stop_at_enough()

    def _progress_of_generation(self, share: float, doing: str) -> None:
        self._progress(share * GENERATION_WEIGHS, doing)

    def _progress(self, more: float, doing: str) -> None:
        total = len(self.claims) + GENERATION_WEIGHS
        self.tell(min(1.0, (self._done + more) / total), doing)

    def _result(self, duration: float) -> RunResult:
        guard, target = self.bench.guard, self.bench.target
        results = [outcome.result for outcome in self._all()]
        return RunResult(
            target=TargetFacts(target.name, target.system, target.url, target.variant, self.bench.is_mock),
            seed=self.settings.seed,
            conclusion=conclude(results, len(guard.kept_back), whole=self._whole),
            duration_s=round(duration, 3),
            requests=guard.requests,
            touched=list(guard.touched),
            refused_by_guard=len(guard.kept_back),
            claims=results,
            findings=[found.finding for found in self.found],
        )

    def _all(self) -> list[Outcome]:
        """What was found out, what every answer on the way showed, and what the run did not come to."""
        known = {outcome.result.id: outcome for outcome in self.outcomes}
        for id in (*(claim.id for claim in self.claims), *(promise.id for promise in PROMISES)):
            if id not in known and self._is_wanted(id):
                known[id] = self._unfinished(id)
        return [self._with_observed(outcome) for outcome in known.values()]

    def _is_wanted(self, claim: str) -> bool:
        return not self.wanted or claim in self.wanted

    def _unfinished(self, claim: str) -> Outcome:
        """A claim that the run did not come to, or was stopped in: what was found by then counts."""
        found = tuple(self.bench.notebook.found.get(claim, ()))
        if found:
            return Outcome(ClaimResult(claim, Verdict.BROKEN, len(found), self.stopped), found)
        return _untested(claim, self.stopped)

    def _with_observed(self, outcome: Outcome) -> Outcome:
        """The claims' own requests count for the generated ones' promises, too."""
        causes = {found.finding.cause for found in outcome.findings}
        more = tuple(self._observed(outcome.result.id, causes))
        if not more:
            return outcome
        cases = max(outcome.result.cases, len(outcome.findings) + len(more))
        return Outcome(replace(outcome.result, verdict=Verdict.BROKEN, cases=cases), outcome.findings + more)

    def _observed(self, claim: str, known: set[str]) -> Iterator[Found]:
        if claim in {promise.id for promise in PROMISES}:
            yield from (f for f in self.bench.observed if f.finding.claim == claim and f.finding.cause not in known)


def _untested(claim: str, reason: str) -> Outcome:
    return Outcome(ClaimResult(claim, Verdict.NOT_TESTED, reason=reason))
