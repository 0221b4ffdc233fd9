"""What Schemathesis is told about a spec and a target.

The same for the mock and for a deployment: what runs every day on the one is what dares to run on the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contracts.target import Target
from specs import Spec
from specs.model import READ_TRIGGERS, Operation

SCENARIO_SHARE = 0.6  # stateful scenarios per example of the other phases; each is up to `STEPS` requests
STEPS = 6

ACCEPTED_ANYWAY = ("2xx", "3xx", "401", "403", "404", "409", "429", "5xx")
"""What Schemathesis takes for an answer to a valid request; server errors are another claim's business."""

OFF = {"enabled": False}
JUDGED_BY_OUR_CLAIMS = {
    "ignored_auth": OFF,  # missing_ and wrong_credentials_are_refused; this one would send cancels again
    "unsupported_method": OFF,  # wrong_methods_are_refused
    "allow_header_conformance": OFF,  # wrong_methods_are_refused
    "use_after_free": OFF,  # takes a cancel by DELETE for the end of the resource, which stays readable
    "ensure_resource_availability": OFF,  # judges ids that were rewritten as if they had been created
    "object_level_authorization": OFF,  # other_tenants_job_is_out_of_reach
}


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is generated, and from which seed."""

    seed: int = 0
    max_examples: int = 60
    verbose: bool = False

    @property
    def scenarios(self) -> int:
        """How many stateful scenarios."""
        return max(1, round(self.max_examples * SCENARIO_SHARE))


def configuration(spec: Spec, target: Target, settings: Settings) -> dict[str, Any]:
    """The content of a `schemathesis.toml`."""
    return {
        "base-url": target.url + spec.base_path,
        "seed": settings.seed,
        "workers": 1,  # more would be slower on one system, and no two runs alike
        "continue-on-failure": True,
        "request-timeout": target.timeout,
        "request-retries": 0,
        "max-redirects": 0,
        "tls-verify": str(target.tls_ca) if target.tls_ca else True,
        "warnings": False,
        "cache": OFF,
        "auth": {"auto-signup": False},
        "generation": {"max-examples": settings.max_examples, "database": "none", "no-shrink": True},
        "checks": JUDGED_BY_OUR_CLAIMS,
        "phases": _phases(settings, linked=_are_linked(spec, target)),
        "operations": [_operation(operation, target) for operation in spec.operations.values()],
    }


def _are_linked(spec: Spec, target: Target) -> bool:
    """Whether some link leads from one operation that may be called to another: without one there are no scenarios."""
    allowed = {operation.operation_id for operation in spec.operations.values() if may_be_called(operation, target)}
    return any(
        link.get("operationId") in allowed
        for name in allowed
        for response in spec.operations[name].definition["responses"].values()
        for link in response.get("links", {}).values()
    )


def _phases(settings: Settings, *, linked: bool) -> dict[str, Any]:
    no_pool = {"extra-data-sources": {"responses": False}}  # ids of other people's jobs are no test data
    return {
        "examples": no_pool,
        "coverage": {**no_pool, "unexpected-methods": []},
        "fuzzing": no_pool,
        "stateful": {
            "enabled": linked,
            "max-steps": STEPS,
            "inference": {"algorithms": []},  # the spec's own links only: guessed ones lead from lists to cancel
            "generation": {"max-examples": settings.scenarios},
        },
    }


def _operation(operation: Operation, target: Target) -> dict[str, Any]:
    return {
        "include-operation-id": operation.operation_id,
        "enabled": may_be_called(operation, target),
        "checks": {"positive_data_acceptance": {"expected-statuses": sorted(answers_to_valid_requests(operation))}},
    }


def may_be_called(operation: Operation, target: Target) -> bool:
    """Whether the target allows what the operation does; one that says nothing about its effect must be a GET."""
    if operation.effect is None:
        return operation.method == "GET"
    return operation.effect.trigger in READ_TRIGGERS | target.may


def answers_to_valid_requests(operation: Operation) -> set[str]:
    """Statuses a request that fits the schema may meet: it names jobs in any state, and bodies that make no sense."""
    reasons = {"wrong_state", "unknown", "other_tenant", "forbidden"}
    if "requestBody" in operation.definition:
        reasons.add("invalid")
    refused = operation.effect.refused if operation.effect else {}
    return set(ACCEPTED_ANYWAY).union(_statuses(refused.get(reason, ()) for reason in reasons))


def _statuses(refusals: Iterable[Iterable[Any]]) -> set[str]:
    return {str(status) for several in refusals for refusal in several for status in refusal.statuses}
