"""Listens to Schemathesis and keeps what matters: cases, answers, failures by cause, what it could not test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from schemathesis import Case
from schemathesis.core.errors import HookExecutionError
from schemathesis.core.failures import Failure
from schemathesis.engine import StopReason, events
from schemathesis.engine.recorder import CheckNode, ScenarioRecorder

from contracts.admission import READING
from contracts.exchange import Exchange
from contracts.guard import GuardRefused
from contracts.promises import INVALID_IS_REFUSED, PROMISE_OF_CHECK
from contracts.suite.judgement import difference
from contracts.suite.leniency import left_open, may_be_empty
from specs import Spec, state_of
from specs.lifecycle import value_at

EXAMPLES_KEPT = 3  # failures kept of each cause; the rest are only counted


@dataclass(frozen=True, slots=True)
class Sent:
    """A generated request as it went over the wire. `state`: what the job it is about last showed before."""

    exchange: Exchange
    state: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A check that failed."""

    check: str
    failure: Failure
    sent: Sent


@dataclass(slots=True)
class Collector:
    """What one run of Schemathesis showed. Hooks tell it of calls, events of everything else."""

    spec: Spec
    states: dict[str, str] = field(default_factory=dict)  # job id -> the state it last showed
    cases: Counter[str] = field(default_factory=Counter)  # by promise
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)  # by operationId and status
    failed: dict[str, list[Failed]] = field(default_factory=dict)  # by cause
    errors: list[str] = field(default_factory=list)  # what kept Schemathesis from testing something
    interrupted: bool = False
    outage: bool = False
    finished: bool = False  # whether the engine came to its end, in whatever way
    _sent: dict[str, Sent] = field(default_factory=dict)  # by case id

    def answered(self, case: Case[Any], exchange: Exchange) -> None:
        """A case was answered in this exchange."""
        assert exchange.reply is not None
        job = exchange.ids[0] if exchange.ids else ""
        self._sent[case.id] = Sent(exchange, self.states.get(job, ""))
        self.answers[exchange.operation_id, exchange.reply.status] += 1
        self._remember(exchange, job)

    def _remember(self, exchange: Exchange, job: str) -> None:
        """Note the state that a reply shows; forget one that may have changed unseen."""
        assert exchange.reply is not None
        effect = self.spec.operations[exchange.operation_id].effect
        lifecycle = self.spec.lifecycles.get(effect.resource) if effect else None
        if lifecycle is None:
            return
        shown, state = value_at(exchange.reply.json, lifecycle.id), state_of(lifecycle, exchange.reply.json)
        if isinstance(shown, str) and state:
            self.states[shown] = state
        elif exchange.reply.ok and exchange.trigger not in READING:
            self.states.pop(job, None)

    def note(self, event: events.EngineEvent) -> None:
        """Take in one event of the engine."""
        match event:
            case events.ScenarioFinished(recorder=recorder):
                self._scenario(recorder)
            case events.NonFatalError(value=error, label=label):
                self._error(error, label)
            case events.FatalError(exception=error):
                self._error(error, "Schemathesis")
            case events.Interrupted():
                self.interrupted = True
            case events.EngineFinished(stop_reason=reason):
                self.finished, self.outage = True, reason is StopReason.SERVER_UNAVAILABLE

    def _error(self, error: Exception, label: str) -> None:
        """Requests that were kept back or not answered are in the guard's journal; anything else is an error."""
        cause = error.original_error if isinstance(error, HookExecutionError) else error
        if not isinstance(cause, requests.RequestException | GuardRefused):
            self.errors.append(f"{label}: {type(cause).__name__}: {' '.join(str(cause).split())}")

    def _scenario(self, recorder: ScenarioRecorder) -> None:
        for id, checks in recorder.checks.items():
            case = recorder.cases[id].value
            judged = [check for check in checks if self._is_judged(check, case)]
            self.cases.update({PROMISE_OF_CHECK[check.name].id for check in judged if _counts(check, case)})
            for check in judged:
                if check.failure_info and id in self._sent:
                    self._fail(Failed(check.name, check.failure_info.failure, self._sent[id]))

    def _is_judged(self, check: CheckNode, case: Case[Any]) -> bool:
        """Whether a check is one of ours to report, and its request none that may be answered either way."""
        promise = PROMISE_OF_CHECK.get(check.name)
        if promise is not INVALID_IS_REFUSED:
            return promise is not None
        return not left_open(self.spec.operations[case.operation.definition.raw["operationId"]], case)

    def _fail(self, failed: Failed) -> None:
        reply = failed.sent.exchange.reply
        operation = self.spec.operations[failed.sent.exchange.operation_id]
        if reply and may_be_empty(operation, failed.check, reply):
            return
        cause = f"{operation.label}: {difference(failed.check, failed.failure, reply.status if reply else None)}"
        kept = self.failed.setdefault(cause, [])
        if len(kept) < EXAMPLES_KEPT:
            kept.append(failed)

    def reached(self) -> Mapping[str, Counter[int]]:
        """How often each operation answered each status."""
        found: dict[str, Counter[int]] = {}
        for (operation, status), times in self.answers.items():
            found.setdefault(operation, Counter())[status] += times
        return found


def _counts(check: CheckNode, case: Case[Any]) -> bool:
    """Whether a check was a case of its promise: valid data say nothing about how invalid data are refused."""
    negative = case.meta is not None and case.meta.generation.mode.is_negative
    return negative or PROMISE_OF_CHECK[check.name] is not INVALID_IS_REFUSED
