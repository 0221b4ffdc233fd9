"""How things look on the wire, keys in the vendor's order (E4, E5, E44, E54)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from mockserver.systems.cloud_foundry.deployment import Deployment
from mockserver.systems.cloud_foundry.phases import Phase
from mockserver.systems.cloud_foundry.wishes import CANARY, Plan

EMPTY_METADATA: dict[str, Any] = {"labels": {}, "annotations": {}}


def deployment_body(deployment: Deployment, now: float, base_url: str) -> dict[str, Any]:
    """A deployment as it is at `now`."""
    facts, plan, revision = deployment.facts, deployment.plan, deployment.revision
    stage = _, phase = deployment.stage(now)
    labels, annotations = facts["metadata"]
    return {
        "guid": deployment.guid,
        "created_at": timestamp(facts["created_at"]),
        "updated_at": timestamp(deployment.updated_at(now)),
        "status": _status(deployment, stage, plan, now),
        "strategy": plan.strategy,
        "options": _options(plan),
        "droplet": {"guid": facts["droplet"]},
        "previous_droplet": {"guid": facts["previous_droplet"]},
        "new_processes": [{"guid": guid, "type": "web"} for guid in facts["processes"]],
        "revision": {"guid": revision.guid, "version": revision.version} if revision else None,
        "relationships": {"app": {"data": {"guid": facts["app"]}}},
        "metadata": {"labels": labels, "annotations": annotations},
        "links": _links(deployment, phase, base_url),
    }


def _status(deployment: Deployment, stage: tuple[float, Phase], plan: Plan, now: float) -> dict[str, Any]:
    facts, (entered, phase) = deployment.facts, stage
    details = {
        "last_successful_healthcheck": timestamp(deployment.healthy_at(now)),
        "last_status_change": timestamp(entered),
    }
    if facts["error"] and phase.active:  # E14: cleared when it is finished
        details["error"] = facts["error"]
    status: dict[str, Any] = {"value": phase.status, "reason": phase.reason, "details": details}
    if plan.strategy == CANARY:
        status["canary"] = {"steps": {"current": facts["step"], "total": plan.pauses}}
    return status


def _options(plan: Plan) -> dict[str, Any]:
    options: dict[str, Any] = {"max_in_flight": plan.max_in_flight, **plan.scaling}
    if plan.steps is not None:
        options["canary"] = {"steps": [{"instance_weight": weight} for weight in plan.steps]}
    return options


def _links(deployment: Deployment, phase: Phase, base_url: str) -> dict[str, Any]:
    """`cancel` while it may be cancelled, `continue` while it is paused (E44)."""
    own = f"{base_url}/v3/deployments/{deployment.guid}"
    links: dict[str, Any] = {"self": {"href": own}, "app": {"href": f"{base_url}/v3/apps/{deployment.facts['app']}"}}
    if phase.active:
        links["cancel"] = {"href": f"{own}/actions/cancel", "method": "POST"}
    if phase is Phase.PAUSED:
        links["continue"] = {"href": f"{own}/actions/continue", "method": "POST"}
    return links


def timestamp(seconds: float) -> str:
    """A moment as the vendor writes it (E5)."""
    return _timestamp(int(seconds))


@lru_cache(maxsize=4096)  # one body has four, and requests that come together have the same
def _timestamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
