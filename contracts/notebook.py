"""Where a claim writes down what it did and what was wrong: steps for a replay, findings with their evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.answer import Answer
from contracts.exchange import NO_JSON, Outgoing, Reply
from contracts.secret import scrub
from contracts.supply.job import Job
from contracts.verdict import Finding

SHOWN = 2000  # characters of a body in a finding
FRAMING = frozenset({"Host", "Content-Length"})  # headers that a replay makes itself


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the steps that lead to it, for the replay file.

    Steps are JSON objects, in order: `{"job": "job1", "state": S}` (have such a job),
    `{"send": {method, target, headers, body, identity}}` and `{"wait_for": [states], "job": "job1"}`.
    In a target or body, `{job1}` stands for that job's id and `{job1.PROJECT-ID}` for another wire parameter.
    """

    finding: Finding
    steps: tuple[Mapping[str, Any], ...] = ()


@dataclass(slots=True)
class Page:
    """One case: its steps so far and the names its jobs go by."""

    steps: list[Mapping[str, Any]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # by job id
    jobs: list[Job] = field(default_factory=list)

    def lease(self, job: Job) -> None:
        """A job came into the case."""
        if job.id not in self.names:
            self.names[job.id] = f"job{len(self.names) + 1}"
            self.jobs.append(job)
            self.steps.append({"job": self.names[job.id], "state": job.state})

    def send(self, outgoing: Outgoing, identity: str | None) -> None:
        """A request went out in the case."""
        request = {
            "method": outgoing.method,
            "target": self._templated(outgoing.target),
            "headers": {name: scrub(value) for name, value in outgoing.headers.items() if name not in FRAMING},
            "body": self._templated(scrub(outgoing.body.decode("utf-8", "replace"))) if outgoing.body else None,
            "identity": identity,
        }
        self.steps.append({"send": request})

    def wait(self, job: Job, states: Sequence[str]) -> None:
        """The case waited until a job had one of these states."""
        self.steps.append({"wait_for": list(states), "job": self.names.get(job.id, job.id)})

    def _templated(self, text: str) -> str:
        for job in self.jobs:
            name = self.names[job.id]
            text = text.replace(job.id, f"{{{name}}}")
            for wire, value in job.parameters.items():
                text = text.replace(value, f"{{{name}.{wire}}}") if value else text
        return text


@dataclass(slots=True)
class Notebook:
    """The findings of a run, one a cause, by claim."""

    found: dict[str, list[Found]] = field(default_factory=dict)
    page: Page = field(default_factory=Page)
    _causes: set[tuple[str, str]] = field(default_factory=set)

    def turn(self) -> Page:
        """Begin a new case."""
        self.page = Page()
        return self.page

    def record(self, finding: Finding) -> None:
        """Keep a finding unless one of the same cause is there already."""
        if (finding.claim, finding.cause) in self._causes:
            return
        self._causes.add((finding.claim, finding.cause))
        self.found.setdefault(finding.claim, []).append(Found(finding, tuple(self.page.steps)))


def received_of(reply: Reply | None) -> dict[str, Any]:
    """A reply as a finding shows it, secrets masked."""
    if reply is None:
        return {"status": None}
    text = reply.body.decode("utf-8", "replace")
    body = (
        reply.json if reply.json is not NO_JSON and len(text) <= SHOWN and scrub(text) == text else scrub(text)[:SHOWN]
    )
    return {"status": reply.status, "body": body}


def cause_of(answer: Answer | None, kind: str, state: str) -> str:
    """What makes two findings of a claim the same: operation, state and kind of difference."""
    label = answer.call.label if answer and answer.call.operation else ""
    return " | ".join(part for part in (label, state, kind) if part)
