"""Every refusal of Ops Manager's (E16): its own here, those of its family by name. One function an error."""

from __future__ import annotations

from mockserver.project_api.errors import (
    address_not_listed,  # E26
    invalid_group_id,  # E38
    not_in_group,  # E25, A5
    refusal,
    resource_not_found,  # E27, A3, A4
    user_unauthorized,  # E24
)
from mockserver.system import VendorError

__all__ = [
    "address_not_listed",
    "import_as_seen_not_found",
    "invalid_group_id",
    "invalid_host_port",
    "missing_credentials",
    "not_failed",
    "not_in_group",
    "not_in_progress",
    "resource_not_found",
    "user_unauthorized",
]


def import_as_seen_not_found(path: str) -> VendorError:
    """An unknown request as a client saw it (E29, C5): the status under another name."""
    error = resource_not_found(path)
    body = {**error.reply.body, "status": error.reply.status}
    return VendorError(error.reply.status, {name: body[name] for name in sorted(body) if name != "error"})


def invalid_host_port(host_port: str) -> VendorError:
    """A seed or process that is not `host:port` (E37, A9); the words are ours."""
    return refusal(400, "INVALID_HOST_PORT", f"Invalid host and port {host_port} specified.", host_port)


def missing_credentials(mechanism: str) -> VendorError:
    """An authentication mechanism without what it needs (E37)."""
    detail = f"Authentication mechanism {mechanism} requires username and password."
    return refusal(400, "MISSING_CREDENTIALS_FOR_AUTH_MECHANISM", detail, mechanism)


def not_in_progress(status: int, import_id: str) -> VendorError:
    """Too late to cancel (A6): the code and the words are ours."""
    detail = f"Import deployment request {import_id} is not in progress."
    return refusal(status, "IMPORT_DEPLOYMENT_NOT_IN_PROGRESS", detail, import_id)


def not_failed(status: int, import_id: str) -> VendorError:
    """Nothing to clean up (A7): the code and the words are ours."""
    detail = f"Import deployment request {import_id} has not failed."
    return refusal(status, "IMPORT_DEPLOYMENT_NOT_FAILED", detail, import_id)
