"""The family's words for requests that never reached a handler."""

from __future__ import annotations

from mockserver.project_api import errors
from mockserver.system import Rejection, Request, VendorError


def reject(rejection: Rejection, request: Request) -> VendorError:
    """What is said of anything but path parameters: those are every system's own."""
    match rejection.kind:
        case "wrong_method":
            return errors.method_not_allowed(request.method, rejection.allow)
        case "unsupported_media_type":
            return errors.unsupported_media_type(str(rejection.value))
        case "too_large":
            return errors.request_too_large()
        case "unavailable":
            return errors.out_of_service()
        case "invalid_query" | "unknown_query":
            return errors.invalid_query_parameter(rejection.where)
        case "invalid_body":
            return invalid_body(rejection)
        case "malformed_json" | "missing_body":
            return errors.invalid_json()
    return errors.resource_not_found(request.path)


def invalid_body(rejection: Rejection) -> VendorError:
    """What is said of a body, by the first keyword of its schema that failed."""
    if not rejection.where:
        return errors.invalid_json()
    match rejection.keyword:
        case "required":
            return errors.missing_attribute(rejection.where)
        case "type":
            return errors.invalid_json_attribute(rejection.where)
        case "enum":
            return errors.invalid_enum_value(rejection.value)
    return errors.invalid_attribute(rejection.where)
