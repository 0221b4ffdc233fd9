"""Schemathesis as it comes, to compare with: no claims, no guard. Only for a mock of our own: it cancels what it finds.

Tuned as a fair user would: the spec's links, credentials, ids of jobs in every state, and the statuses that valid
requests may meet; checks that cannot fit a cancel by DELETE are off.
"""

from __future__ import annotations

from typing import Any

from schemathesis.engine import events

from contracts.bench import Bench
from contracts.suite.cast import Cast
from contracts.suite.configuration import OFF, Settings, answers_to_valid_requests
from contracts.suite.driver import OPTIONS, launch, signed_and_heard
from specs.model import Operation

OUR_JOBS = 0.8  # how often a generated id is one of the jobs: the rest is for unknown ids


def stock_failures(bench: Bench, settings: Settings, seconds: int) -> set[str]:
    """The distinct failures that a run of at most so many seconds found, as `operation: check, kind of failure`."""
    found: set[str] = set()
    with signed_and_heard(bench.requests_auth(), lambda event: found.update(_failures(event))):
        launch(bench.spec, _configuration(bench, settings), [*OPTIONS, "--max-time", str(seconds)])
    return found


def _failures(event: events.EngineEvent) -> list[str]:
    if not isinstance(event, events.ScenarioFinished):
        return []
    return [
        f"{event.recorder.cases[id].value.operation.label}: {check.name}, {type(check.failure_info.failure).__name__}"
        for id, checks in event.recorder.checks.items()
        for check in checks
        if check.failure_info
    ]


def _configuration(bench: Bench, settings: Settings) -> dict[str, Any]:
    cancel = bench.reader.operation("cancel")
    cast = Cast.of(bench)
    jobs = [job.id for jobs in cast.own.values() for job in jobs] + cast.unknown
    return {
        "base-url": bench.target.url + bench.spec.base_path,
        "seed": settings.seed,
        "continue-on-failure": True,
        "warnings": False,
        "cache": OFF,
        "auth": {"auto-signup": False},
        "generation": {"max-examples": settings.max_examples, "database": "none", "no-shrink": True},
        "checks": {"use_after_free": OFF} if cancel and cancel.method == "DELETE" else {},
        "dictionaries": {"jobs": {"values": jobs}},
        "operations": [_operation(bench, operation) for operation in bench.spec.operations.values()],
    }


def _operation(bench: Bench, operation: Operation) -> dict[str, Any]:
    id = operation.effect.id if operation.effect else None
    names = {f"path.{each.name}" for each in operation.parameters if each.where == "path"}
    scope = {f"path.{name}": value for name, value in bench.scope.items()}
    parameters: dict[str, Any] = {name: value for name, value in scope.items() if name in names}
    if id and id.where != "response":
        parameters[f"{id.where}.{id.name}"] = {"dictionary": "jobs", "probability": OUR_JOBS}
    statuses = sorted(answers_to_valid_requests(operation))
    return {
        "include-operation-id": operation.operation_id,
        "parameters": parameters,
        "checks": {"positive_data_acceptance": {"expected-statuses": statuses}},
    }
