"""Refusals that the family's error lists have in common: status, code and words. One function an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from mockserver.jackson import indented
from mockserver.system import VendorError

LIMIT, MINUTES = 100, 1  # requests, and in how long; ours
REASONS = {413: "Request Entity Too Large"}  # where Python's word is newer than the family's


def refusal(
    status: int, code: str, detail: str, *parameters: Any, headers: Mapping[str, str] | None = None
) -> VendorError:
    """A refusal in the family's form: five fields in alphabetical order."""
    body = {
        "detail": detail,
        "error": status,
        "errorCode": code,
        "parameters": list(parameters),
        "reason": REASONS.get(status) or HTTPStatus(status).phrase,
    }
    return VendorError(status, body, headers)


def not_authenticated(challenge: str) -> VendorError:
    """Credentials are missing or wrong. The one body that is pretty without being asked, in an order of its own."""
    body = {
        "error": 401,
        "reason": "Unauthorized",
        "detail": "You are not authorized for this resource.",
        "errorCode": "UNEXPECTED_ERROR",
    }
    return VendorError(401, indented(body), {"WWW-Authenticate": challenge})


def user_unauthorized() -> VendorError:
    """The key's role is too low."""
    return refusal(401, "USER_UNAUTHORIZED", "Current user is not authorized to perform this action.")


def not_in_group() -> VendorError:
    """The key belongs to another project."""
    return refusal(401, "NOT_IN_GROUP", "The current user is not in the group, or the group does not exist.")


def address_not_listed(address: str) -> VendorError:
    """The key may not be used from there."""
    detail = f"IP address {address} is not allowed to access this resource."
    return refusal(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", detail, address)


def resource_not_found(path: str) -> VendorError:
    """A path that leads nowhere."""
    return refusal(404, "RESOURCE_NOT_FOUND", f"Cannot find resource {path}.", path)


def invalid_group_id(group_id: str) -> VendorError:
    """A project's id that cannot be one."""
    return refusal(404, "INVALID_GROUP_ID", f"An invalid group ID {group_id} was specified.", group_id)


def invalid_query_parameter(name: str) -> VendorError:
    """A query parameter with a value it does not take."""
    return refusal(400, "INVALID_QUERY_PARAMETER", f"Invalid query parameter {name} specified.", name)


def missing_attribute(name: str) -> VendorError:
    """A body without a field it needs."""
    return refusal(400, "MISSING_ATTRIBUTE", f"The required attribute {name} was not specified.", name)


def invalid_attribute(name: str) -> VendorError:
    """A field that does not exist, or with a value it does not take."""
    return refusal(400, "INVALID_ATTRIBUTE", f"Invalid attribute {name} specified.", name)


def invalid_json_attribute(name: str) -> VendorError:
    """A field with a value of the wrong type."""
    detail = f"Received JSON for the {name} attribute does not match expected format."
    return refusal(400, "INVALID_JSON_ATTRIBUTE", detail, name)


def invalid_enum_value(value: Any) -> VendorError:
    """A word that is not in the enumeration."""
    return refusal(400, "INVALID_ENUM_VALUE", f"An invalid enumeration value {value} was specified.", value)


def invalid_json() -> VendorError:
    """A body of the wrong form."""
    return refusal(400, "INVALID_JSON", "Received JSON does not match expected format.")


def method_not_allowed(method: str, allow: Iterable[str]) -> VendorError:
    """A path that exists, but not with this method. The code is ours: none is documented."""
    detail = f"Method {method} is not allowed for this resource."
    return refusal(405, "METHOD_NOT_ALLOWED", detail, method, headers={"Allow": ", ".join(allow)})


def request_too_large() -> VendorError:
    """More than is read. The code is ours: none is documented."""
    return refusal(413, "REQUEST_TOO_LARGE", "The request is too large.")


def unsupported_media_type(media_type: str) -> VendorError:
    """A body that is not announced as JSON. The code is ours: none is documented."""
    return refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"Media type {media_type} is not supported.", media_type)


def rate_limited(resource: str) -> VendorError:
    """Too many requests. The numbers are ours."""
    detail = f"Resource {resource} is limited to {LIMIT} requests every {MINUTES} minutes."
    return refusal(429, "RATE_LIMITED", detail, resource, LIMIT, MINUTES, headers={"Retry-After": f"{60 * MINUTES}"})


def crash() -> VendorError:
    """Something went wrong inside."""
    return refusal(500, "UNEXPECTED_ERROR", "Unexpected error.")


def out_of_service() -> VendorError:
    """The store behind does not answer; nothing was changed."""
    return refusal(503, "UNEXPECTED_ERROR", "Unexpected error.")
