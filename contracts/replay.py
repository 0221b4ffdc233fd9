"""`contracts replay`: is a recorded failure still there?

Findings about single replies are sent again request by request. A finding about a job's life is checked by
checking its claim again: only the claim knows what to compare, and in a race there is nothing to repeat literally.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

import specs
from contracts import claim as claims
from contracts import exit as codes
from contracts.answer import Answer
from contracts.bench import Bench, Unreachable
from contracts.calls import Call
from contracts.exchange import Outgoing
from contracts.guard import Guard
from contracts.identity import OWNER
from contracts.mockprocess import MockOptions, serving
from contracts.order import MOCK
from contracts.promises import INVALID_IS_REFUSED, NO_SERVER_ERRORS, PROMISES, REPLIES_MATCH, VALID_IS_ACCEPTED
from contracts.report.replay import Recording
from contracts.sender import Unanswered
from contracts.supply.job import Job, NotAvailable
from contracts.target import Target, mock_target
from contracts.verdict import Verdict
from contracts.wanted import Unusable, named_target

FRAMING = frozenset({"host", "content-length", "authorization", "connection", "accept-encoding", "user-agent"})
_PLACE = re.compile(r"\{(job\d+)(?:\.([^{}]+))?\}")


@dataclass(slots=True)
class Replay:
    """One recording on one target."""

    output: Console
    recording: Recording
    target: str
    targets_file: str
    jobs: dict[str, Job] = field(default_factory=dict)

    def run(self) -> int:
        """Say whether it is fixed: 0, still broken: 1, or cannot be told: 3."""
        finding = self.recording.finding
        self.output.print(f"{finding.claim}: {finding.operation} {finding.state}".rstrip(), markup=False)
        try:
            with ExitStack() as stack:
                bench = self._bench(stack)
                bench.prepare()
                verdict, words = self._judge(bench)
        except (NotAvailable, Unreachable) as lacking:
            verdict, words = Verdict.NOT_TESTED, str(lacking)
        said = {Verdict.BROKEN: "still broken", Verdict.HELD: "fixed", Verdict.NOT_TESTED: "cannot be told"}
        self.output.print(f"{said[verdict]}: {words}", markup=False, soft_wrap=True)
        return {Verdict.BROKEN: codes.BROKEN, Verdict.HELD: codes.CONFORMS}.get(verdict, codes.INCONCLUSIVE)

    def _bench(self, stack: ExitStack) -> Bench:
        target = self._target(stack)
        if target.system != self.recording.system:
            raise Unusable(
                f"`{target.name}` is a target of {target.system}, and this was recorded on {self.recording.system}. "
                "Name a target of that system."
            )
        spec = specs.load(target.system, target.variant)
        guard = stack.enter_context(Guard(spec, target).installed())
        return stack.enter_context(closing(Bench(spec, target, guard, seed=self.recording.seed)))

    def _target(self, stack: ExitStack) -> Target:
        if self.target != MOCK:
            return named_target(self.targets_file, self.target)
        system, variant = self.recording.system, self.recording.variant
        address = stack.enter_context(serving([system], MockOptions(variant=variant, seed=self.recording.seed)))
        return mock_target(address, system, variant=variant)

    def _judge(self, bench: Bench) -> tuple[Verdict, str]:
        if self.recording.finding.claim in {promise.id for promise in PROMISES}:
            return self._sent_again(bench)
        return self._checked_again(bench)

    def _checked_again(self, bench: Bench) -> tuple[Verdict, str]:
        finding = self.recording.finding
        claim = next((each for each in claims.discover() if each.id == finding.claim), None)
        if claim is None:
            raise NotAvailable(f"there is no claim {finding.claim} any more")
        outcome = claims.run(claim, bench)
        same = [found.finding for found in outcome.findings if found.finding.cause == finding.cause]
        if same:
            return Verdict.BROKEN, f"{same[0].expected} was expected again, and not met"
        if outcome.findings:
            return Verdict.BROKEN, f"otherwise than before: {outcome.findings[0].finding.expected} was expected"
        return outcome.result.verdict, outcome.result.reason or f"{outcome.result.cases} cases held"

    def _sent_again(self, bench: Bench) -> tuple[Verdict, str]:
        answer = None
        for step in self.recording.steps:
            if "job" in step and "wait_for" not in step:
                self.jobs[step["job"]] = bench.job(step.get("state"))
            elif "send" in step:
                try:
                    answer = self._send(bench, step["send"])
                except Unanswered as silence:
                    return Verdict.BROKEN, str(silence)
        if answer is None:
            raise NotAvailable("the recording holds no request")
        words = f"{answer.call.label} was answered {answer.status}"
        return (Verdict.BROKEN if self._still_wrong(bench, answer) else Verdict.HELD), words

    def _send(self, bench: Bench, request: Mapping[str, Any]) -> Answer:
        headers = {name: value for name, value in request["headers"].items() if name.lower() not in FRAMING}
        body = self._filled(request["body"]).encode("utf-8") if request["body"] is not None else None
        method, target = request["method"], self._filled(request["target"])
        outgoing = Outgoing(method, bench.target.url, target, headers, body or b"")
        operation = bench.guard.operation_of(outgoing)
        call = Call(method, target, headers, body, operation, next(iter(self.jobs.values()), None))
        return bench.send(call, request["identity"] or None if "identity" in request else OWNER)

    def _filled(self, text: str) -> str:
        """Jobs of now in the places of those recorded."""

        def found(match: re.Match[str]) -> str:
            job = self.jobs.get(match[1])
            if job is None:
                return match[0]
            return job.parameters.get(match[2], match[0]) if match[2] else job.id

        return _PLACE.sub(found, text)

    def _still_wrong(self, bench: Bench, answer: Answer) -> bool:
        judged = {
            NO_SERVER_ERRORS.id: lambda: answer.status >= 500,
            REPLIES_MATCH.id: lambda: any(f.finding.claim == REPLIES_MATCH.id for f in bench.observed),
            INVALID_IS_REFUSED.id: lambda: not answer.refused,
            VALID_IS_ACCEPTED.id: lambda: answer.status == self.recording.finding.received.get("status"),
        }
        return judged[self.recording.finding.claim]()
