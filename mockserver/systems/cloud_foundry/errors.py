"""Every error of the Cloud Controller that the mock sends: status, code, title, detail (E20). One function an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from mockserver.system import Reply, Request, VendorError
from mockserver.systems.cloud_foundry import refusals
from mockserver.systems.cloud_foundry.refusals import Refusal

JSON = "application/json; charset=utf-8"  # A11
TEXT = "text/plain; charset=utf-8"


def not_authenticated() -> VendorError:
    """No bearer token (E21)."""
    return _error(401, 10002, "NotAuthenticated", "Authentication error")


def invalid_auth_token() -> VendorError:
    """A bearer token that is not valid (E22)."""
    return _error(401, 1000, "InvalidAuthToken", "Invalid Auth Token")


def not_authorized() -> VendorError:
    """The token's scopes or the caller's role do not reach that far (E23)."""
    return _error(403, 10003, "NotAuthorized", "You are not authorized to perform the requested action")


def deployment_not_found() -> VendorError:
    """There is none that the caller may know of (E24)."""
    return _error(404, 10010, "ResourceNotFound", "Deployment not found")


def unknown_request() -> VendorError:
    """No such path, or not with this method (E28)."""
    return _error(404, 10000, "NotFound", "Unknown request")


def organization_suspended() -> VendorError:
    """Nothing may change in a suspended organization (E26)."""
    return _error(403, 10017, "OrgSuspended", "The organization is suspended")


def space_suspended() -> VendorError:
    """Nothing may change in a suspended space (E26)."""
    return _error(403, 10019, "SpaceSuspended", "The space is suspended")


def resource_being_deleted(detail: str) -> VendorError:
    """Organization or space are on their way out (E27)."""
    return _error(422, 10020, "ResourceBeingDeleted", detail)


def deployments_disabled() -> VendorError:
    """The operator's switch (E48)."""
    setting = "temporary_disable_deployments"
    return _error(
        403, 390014, "DeploymentsDisabled", f"Deployments cannot be created due to manifest property '{setting}'"
    )


def unprocessable(detail: str) -> VendorError:
    """Understood, and against the rules (E35)."""
    return _error(422, 10008, "UnprocessableEntity", detail)


def label_limit_exceeded(detail: str) -> VendorError:
    """Too many labels (E37)."""
    return _error(422, 390020, "LabelLimitExceeded", detail)


def annotation_limit_exceeded(detail: str) -> VendorError:
    """Too many annotations (E37)."""
    return _error(422, 390023, "AnnotationLimitExceeded", detail)


def message_parse_error() -> VendorError:
    """A body that claims to be JSON and is not (E29)."""
    return _error(400, 1001, "MessageParseError", "Request invalid due to parse error: invalid request body")


def bad_query_parameter(detail: str) -> VendorError:
    """A list was asked for wrongly (E41)."""
    return _error(400, 10005, "BadQueryParameter", f"The query parameter is invalid: {detail}")


def service_unavailable() -> VendorError:
    """The database cannot be reached (E49)."""
    return _error(503, 10015, "ServiceUnavailable", "Database connection failure")


def uaa_unavailable() -> VendorError:
    """The UAA cannot be reached (E49, C6)."""
    return _error(502, 20004, "UaaUnavailable", "The UAA service is currently unavailable")


def uaa_rate_limited() -> VendorError:
    """The UAA has had enough (E49)."""
    return _error(429, 20008, "UaaRateLimited", "The UAA is currently rate limited. Please try again later")


def unknown_error() -> VendorError:
    """A crash: the one title without a prefix (E49)."""
    body = {"errors": [{"detail": "An unknown error occurred.", "title": "UnknownError", "code": 10001}]}
    return VendorError(500, body, media_type=JSON)


def rate_limit_exceeded(headers: Mapping[str, str]) -> VendorError:
    """A user has used up its requests (E33)."""
    return _as_text(_error(429, 10013, "RateLimitExceeded", "Rate Limit Exceeded"), headers)


def ip_rate_limit_exceeded(headers: Mapping[str, str]) -> VendorError:
    """An address without a token has used up its requests (E33)."""
    detail = "Unauthenticated requests from this IP address have exceeded the limit. Please log in."
    return _as_text(_error(429, 10014, "IPBasedRateLimitExceeded", f"Rate Limit Exceeded: {detail}"), headers)


def worded(refusal: Refusal) -> VendorError:
    """The vendor's words for a refusal of the model's."""
    match refusal:
        case refusals.DeploymentNotFound():
            return deployment_not_found()
        case refusals.NotAuthorized():
            return not_authorized()
        case refusals.OrganizationSuspended():
            return organization_suspended()
        case refusals.SpaceSuspended():
            return space_suspended()
        case refusals.OrganizationBeingDeleted():
            return resource_being_deleted("The organization is being deleted")
        case refusals.SpaceBeingDeleted():
            return resource_being_deleted("The space is being deleted")
        case refusals.DeploymentsDisabled():
            return deployments_disabled()
        case refusals.TooMuchMetadata(kind="labels"):
            return label_limit_exceeded(str(refusal))
        case refusals.TooMuchMetadata():
            return annotation_limit_exceeded(str(refusal))
        case refusals.BadQuery():
            return bad_query_parameter(str(refusal))
    return unprocessable(str(refusal))


def in_vendor_words(call: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """A handler whose refusals are the vendor's errors."""

    @wraps(call)
    def answer(request: Request) -> Reply:
        try:
            return call(request)
        except Refusal as refusal:
            raise worded(refusal) from None

    return answer


def _error(status: int, code: int, name: str, detail: str) -> VendorError:
    body: dict[str, Any] = {"errors": [{"detail": detail, "title": f"CF-{name}", "code": code}]}
    return VendorError(status, body, media_type=JSON)


def _as_text(error: VendorError, headers: Mapping[str, str]) -> VendorError:
    """The rate limiter sends JSON under a text content type (E33)."""
    return VendorError(error.reply.status, json.dumps(error.reply.body).encode(), headers, TEXT)
