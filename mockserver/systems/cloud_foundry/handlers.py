"""The operations on deployments: wire in, one model call, wire out. Wire names of requests appear here only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.errors import MalformedJson
from mockserver.system import Rejection, Reply, Request, VendorError
from mockserver.systems.cloud_foundry import errors, wishes
from mockserver.systems.cloud_foundry.deployment import Deployment
from mockserver.systems.cloud_foundry.errors import JSON
from mockserver.systems.cloud_foundry.metadata import Metadata
from mockserver.systems.cloud_foundry.model import Deployments
from mockserver.systems.cloud_foundry.paging import Part, Where, page_of, part_of
from mockserver.systems.cloud_foundry.people import Caller
from mockserver.systems.cloud_foundry.presenting import deployment_body, timestamp
from mockserver.systems.cloud_foundry.queries import Query, Reader
from mockserver.systems.cloud_foundry.refusals import AppNotUsable, DeploymentsDisabled, Refusal, Unprocessable
from mockserver.systems.cloud_foundry.roles import Actor
from mockserver.systems.cloud_foundry.wishes import Wish
from mockserver.wire import parse_json

PATH = "/v3/deployments"
FILTERS = ("guids", "app_guids", "states", "status_reasons", "status_values")


class Handlers:
    """One method an operationId.

    `silent_success` is the other reading of C1: cancel and continue succeed without a body.
    """

    def __init__(self, deployments: Deployments, *, silent_success: bool = False, disabled: bool = False) -> None:
        self._deployments = deployments
        self._silent_success = silent_success
        self._disabled = disabled
        self._reader = Reader(FILTERS)

    def list_deployments(self, request: Request) -> Reply:
        """One page of the deployments that the caller may see."""
        query, now = self._reader.read(request.target), self._deployments.now()
        part, where = self._listed(actor_of(request), query, now), Where(request.base_url, PATH)
        body = page_of(part, query, where, lambda each: deployment_body(each, now, request.base_url))
        return Reply(200, body, media_type=JSON)

    def _listed(self, actor: Actor, query: Query, now: float) -> Part[Deployment]:
        """What is on the page. With filters or an order all is looked at: phases are not stored, but computed."""
        if query.takes_all:
            page = self._deployments.visible(actor, query.offset, query.per_page)
            return Part(page, self._deployments.count(actor))
        suiting = self._deployments.visible_of(actor, lambda guid, app: _is_named(query, guid, app))
        return part_of(_ordered(_filtered(suiting, query, now), query, now), query)

    def create_deployment(self, request: Request) -> Reply:
        """Start to deploy.

        Not imitated: quotas, audit events, the processes that come and go.
        """
        self._check_wish(request)
        wish = Wish.of(body_of(request) or {})
        return self._shown(request, self._deployments.create(actor_of(request), wish), 201)

    def get_deployment(self, request: Request) -> Reply:
        """One deployment."""
        return self._shown(request, self._deployments.get(actor_of(request), request.path_params["guid"]))

    def update_deployment(self, request: Request) -> Reply:
        """Merge metadata."""
        self._check_change(request)
        change = Metadata.of(request.body.get("metadata") or {})
        updated = self._deployments.update(actor_of(request), request.path_params["guid"], change)
        return self._shown(request, updated)

    def cancel_deployment(self, request: Request) -> Reply:
        """Stop a deployment.

        Not imitated: audit events, the destruction of its processes.
        """
        _refuse_malformed_json(request)
        return self._done(request, self._deployments.cancel(actor_of(request), request.path_params["guid"]))

    def continue_deployment(self, request: Request) -> Reply:
        """Let a paused canary go on."""
        _refuse_malformed_json(request)
        return self._done(request, self._deployments.resume(actor_of(request), request.path_params["guid"]))

    def refuse_body(self, request: Request) -> VendorError:
        """The vendor's refusal of a body that the spec does not allow: what comes before it in order is said first."""
        try:
            if request.operation_id == "create_deployment":
                self._check_wish(request)
                return errors.worded(AppNotUsable())
            self._check_change(request)
        except Refusal as refusal:
            return errors.worded(refusal)
        return errors.unprocessable("The request is semantically invalid: invalid request body")  # A7

    def _check_wish(self, request: Request) -> None:
        if self._disabled:
            raise DeploymentsDisabled
        _refuse(wishes.complaints(body_of(request)))

    def _check_change(self, request: Request) -> None:
        self._deployments.check_updatable(actor_of(request), request.path_params["guid"])  # E38: before the body
        _refuse(wishes.update_complaints(body_of(request)))

    def _shown(self, request: Request, deployment: Deployment, status: int = 200) -> Reply:
        body = deployment_body(deployment, self._deployments.now(), request.base_url)
        return Reply(status, body, media_type=JSON)

    def _done(self, request: Request, deployment: Deployment) -> Reply:
        if not self._silent_success:
            return self._shown(request, deployment)
        wants_json = "application/json" in request.headers.get("accept", "")
        return Reply(200, headers={"Content-Type": JSON if wants_json else "text/html"})  # A20


def reject(handlers: Handlers, rejection: Rejection, request: Request) -> VendorError:
    """What the vendor says to a request that never reached a handler."""
    match rejection.kind:
        case "invalid_query" | "unknown_query":
            return _refused_query(rejection, request)
        case "malformed_json" if "content-type" not in request.headers:
            return handlers.refuse_body(request)
        case "malformed_json" | "too_large":
            return errors.message_parse_error()
        case "invalid_body" | "missing_body" | "unsupported_media_type":
            return handlers.refuse_body(request)
        case "invalid_path" if request.operation_id:
            return errors.deployment_not_found()
        case "unavailable":
            return errors.service_unavailable()
    return errors.unknown_request()


def actor_of(request: Request) -> Actor:
    """Who asks, as far as permissions go. Every operation is authenticated, so there is somebody."""
    assert isinstance(request.identity, Caller)
    return request.identity.actor


def body_of(request: Request) -> Any:
    """The body, if the request says what it is: any other counts as none (E56)."""
    return request.body if "content-type" in request.headers else None


def _refused_query(rejection: Rejection, request: Request) -> VendorError:
    try:
        Reader(FILTERS).read(request.target)
    except Refusal as refusal:
        return errors.worded(refusal)
    return errors.bad_query_parameter(f"{rejection.where.capitalize().replace('_', ' ')} is invalid")  # A9


def _refuse(complaints: Iterable[str]) -> None:
    """One error for all broken rules (E35)."""
    if detail := ", ".join(complaints):
        raise Unprocessable(detail)


def _refuse_malformed_json(request: Request) -> None:
    """A body is not needed, and read only to see whether it is JSON where it says so (E29, E30)."""
    if not request.raw_body or "json" not in request.headers.get("content-type", ""):
        return
    try:
        parse_json(request.raw_body)
    except MalformedJson:
        raise errors.message_parse_error() from None


def _filtered(deployments: Iterable[Deployment], query: Query, now: float) -> list[Deployment]:
    return [each for each in deployments if _passes(each, query, now)]


def _is_named(query: Query, guid: str, app: str) -> bool:
    return query.wanted("guids", guid) and query.wanted("app_guids", app)


def _passes(each: Deployment, query: Query, now: float) -> bool:
    phase = each.phase(now)
    return (
        query.wanted("states", phase.state)
        and query.wanted("status_reasons", phase.reason)
        and query.wanted("status_values", phase.status)
        and query.selects(each.metadata.labels)
        and query.within("created_ats", timestamp(each.facts["created_at"]))
        and query.within("updated_ats", timestamp(each.updated_at(now)))
    )


def _ordered(deployments: list[Deployment], query: Query, now: float) -> list[Deployment]:
    """In the order asked for; the guid breaks ties (E42)."""
    if not query.order:
        return deployments
    moment = Deployment.updated_at if query.order == "updated_at" else _created_at
    return sorted(deployments, key=lambda each: (int(moment(each, now)), each.guid), reverse=query.descending)


def _created_at(deployment: Deployment, now: float) -> float:
    return deployment.facts["created_at"]
