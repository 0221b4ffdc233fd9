"""Schemathesis as it comes, to compare with: no claims, no guard. Only for a mock of our own: it cancels what it finds.

Tuned as a fair user would: the spec's links, two users' credentials, the statuses that valid requests may meet, and
jobs in every state, whose ids are examples in the spec and data for generated requests. All checks and phases are on.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import schemathesis
from schemathesis import hooks
from schemathesis.auths import AuthProvider, RequestsAuth
from schemathesis.engine import events
from schemathesis.wfc.escalation import EscalatingAuthProvider

from contracts.bench import Bench
from contracts.calls import example_body, with_member
from contracts.identity import OWNER, STRANGER
from contracts.suite.cast import Cast
from contracts.suite.configuration import OFF, Settings, answers_to_valid_requests
from contracts.suite.driver import OPTIONS, launch, signed_and_heard
from specs.model import IdLocation, Operation

OUR_JOBS = 0.8  # how often a generated id is one of the jobs: the rest is for unknown ids


@dataclass(frozen=True, slots=True)
class Stock:
    """A run of at most so many seconds; where `alarms` are given, it ends at the first failure that is none of them."""

    bench: Bench
    settings: Settings
    seconds: int
    alarms: frozenset[str] | None = None
    found: set[str] = field(default_factory=set)

    def failures(self) -> set[str]:
        """The distinct failures, as `operation: check, kind of failure`."""
        cast = Cast.of(self.bench)
        spec = replace(self.bench.spec, document=_document(self.bench, cast))
        with signed_and_heard(self.bench.requests_auth(), self._hear), _two_users(self.bench):
            launch(spec, _configuration(self.bench, self.settings, cast), [*OPTIONS, "--max-time", str(self.seconds)])
        return self.found

    def _hear(self, event: events.EngineEvent) -> None:
        self.found.update(_failures(event))
        if self.alarms is not None and not self.found <= self.alarms:
            raise SystemExit


def _failures(event: events.EngineEvent) -> list[str]:
    if not isinstance(event, events.ScenarioFinished):
        return []
    return [
        f"{event.recorder.cases[id].value.operation.label}: {check.name}, {type(check.failure_info.failure).__name__}"
        for id, checks in event.recorder.checks.items()
        for check in checks
        if check.failure_info
    ]


@contextlib.contextmanager
def _two_users(bench: Bench) -> Iterator[None]:
    """A second user, for the check that reads one user's objects as another. Its file format knows no Digest."""
    names = [OWNER, STRANGER]
    users: list[AuthProvider[Any]] = [RequestsAuth(bench.requests_auth(name)) for name in names]

    def after_load_schema(context: Any, schema: Any) -> None:
        schema.auth.providers.append(EscalatingAuthProvider(users, names, peers=(OWNER, STRANGER), pinned=OWNER))

    schemathesis.hook(after_load_schema)
    try:
        yield
    finally:
        hooks.unregister(after_load_schema)


def _document(bench: Bench, cast: Cast) -> dict[str, Any]:
    """The spec with jobs of ours as the examples of ids, one a state."""
    document = copy.deepcopy(dict(bench.spec.document))
    for operation in bench.job_operations:
        assert operation.effect and operation.effect.id
        jobs = {state: several[0].id for state, several in cast.own.items() if several}
        _exemplify(document, operation, operation.effect.id, jobs)
    return document


def _exemplify(document: Any, operation: Operation, place: IdLocation, jobs: Mapping[str, str]) -> None:
    if place.where == "body":
        examples = {
            state: {"value": with_member(example_body(operation), place.name, id)} for state, id in jobs.items()
        }
        for content in document["paths"][operation.path][operation.method.lower()]["requestBody"]["content"].values():
            content["examples"] = examples
        return
    for parameter in _parameters(document, place):
        parameter.pop("example", None)
        parameter["examples"] = {state: {"value": id} for state, id in jobs.items()}


def _parameters(node: Any, place: IdLocation) -> Iterator[dict[str, Any]]:
    """Every parameter object with this name and place."""
    if isinstance(node, dict) and (node.get("name"), node.get("in")) == (place.name, place.where) and "schema" in node:
        yield node
        return
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _parameters(inner, place)


def _configuration(bench: Bench, settings: Settings, cast: Cast) -> dict[str, Any]:
    return {
        "base-url": bench.target.url + bench.spec.base_path,
        "seed": settings.seed,
        "continue-on-failure": True,
        "warnings": False,
        "cache": OFF,
        "auth": {"auto-signup": False},
        "generation": {"max-examples": settings.max_examples, "database": "none", "no-shrink": True},
        "dictionaries": {"jobs": {"values": _ids(cast)}},
        "operations": [_operation(bench, operation) for operation in bench.spec.operations.values()],
    }


def _ids(cast: Cast) -> Sequence[str]:
    return [job.id for jobs in cast.own.values() for job in jobs] + cast.unknown


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
