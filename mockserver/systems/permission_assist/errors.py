"""Every refusal of Permission Assist's: status, code and words (E19, E20). One function an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.ids import Ids
from mockserver.system import VendorError
from mockserver.systems.permission_assist.readings import Reading

INVALID = "One or more validation errors occurred"  # E24
LABELS = {
    "id": "Application import ID",
    "applicationImportId": "Application import ID",
    "applicationId": "Application ID",
}
"""What fields are called in messages; the second is the vendor's (E24)."""


class Errors:
    """The application's own refusals. Each carries a correlation id that no other has."""

    def __init__(self, ids: Ids, reading: Reading) -> None:
        self._ids = ids
        self._reading = reading

    def invalid(self, faults: Iterable[tuple[str, bool]]) -> VendorError:
        """Fields at fault, each with whether it is absent rather than malformed (E24, A3)."""
        return self._invalid(
            {field: f"{_label(field)} is {'required' if absent else 'not valid'}" for field, absent in faults}
        )

    def unreadable_body(self) -> VendorError:
        """A body that is no JSON object at all (A4)."""
        return self._error(400, "validation_error", "The request body is not a valid JSON object")

    def unauthorized(self) -> VendorError:
        """No token, or not a good one (E6). No challenge goes with it (A16)."""
        return self._error(401, "unauthorized", "Invalid or expired authentication token")

    def forbidden(self) -> VendorError:
        """A good token, yet not for this (E20, C9)."""
        return self._error(403, "forbidden", "The API token is not authorized to perform this action")

    def import_not_found(self, import_id: str) -> VendorError:
        """A path that names no import (E20, A2)."""
        return self._error(404, "not_found", f"Application import with id {import_id} not found")

    def unknown_import(self, import_id: str) -> VendorError:
        """A body that names no import (C3)."""
        if self._reading.unknown_status == 400:
            return self._invalid({"applicationImportId": "Application import does not exist"})
        return self.import_not_found(import_id)

    def unknown_application(self, application_id: str) -> VendorError:
        """A body that names no application (C3)."""
        if self._reading.unknown_status == 400:
            return self._invalid({"applicationId": "Application does not exist"})
        return self._error(404, "not_found", f"Application with id {application_id} not found")

    def archived_application(self) -> VendorError:
        """An application that is imported no more (E25)."""
        return self._invalid({"applicationId": "Application is archived"})

    def unscheduled_application(self) -> VendorError:
        """An application without an import schedule (C2)."""
        message = "Application has no import schedule configured"
        if self._reading.unscheduled_status == 400:
            return self._invalid({"applicationId": message})
        return self._error(422, "unprocessable_entity", message)

    def not_cancelable(self, status: str) -> VendorError:
        """An import that is Canceling, or at its end (C1)."""
        message = f"Application import is already {status}"
        if self._reading.past_cancelling_status == 400:
            return self._invalid({"applicationImportId": message})
        return self._error(409, "conflict", message)

    def malformed_path(self) -> VendorError:
        """A path whose id is none (A21)."""
        if self._reading.malformed_path_status == 404:
            return self._error(404, "not_found", "Resource not found")
        return self.invalid([("id", False)])

    def server_error(self) -> VendorError:
        """Something went wrong inside (E20); the words are ours."""
        return self._error(500, "server_error", "An unexpected error occurred")

    def creation_failed(self) -> VendorError:
        """What was to be made could not be made (E20); the words are ours."""
        return self._error(500, "creation_failed", "The resource could not be created")

    def _invalid(self, faults: Mapping[str, str]) -> VendorError:
        errors = [{"field": field, "message": message} for field, message in faults.items()]
        return self._error(400, "validation_error", INVALID, errors=errors)

    def _error(self, status: int, code: str, message: str, **more: Any) -> VendorError:
        return VendorError(status, {"error": code, "message": message, "correlationId": self._correlation_id(), **more})

    def _correlation_id(self) -> str:
        return self._ids.guid() if self._reading.dashed_correlation else self._ids.hex(32)


def no_such_route() -> VendorError:
    """A path the web server knows nothing of (A15)."""
    return _page(404, "File or directory not found.")


def wrong_method(allow: Iterable[str]) -> VendorError:
    """A path that exists, with a method it does not have (A15)."""
    return _page(405, "HTTP verb used to access this page is not allowed.", {"Allow": ", ".join(allow)})


def too_large() -> VendorError:
    """More than the web server takes (A15)."""
    return _page(413, "Request entity too large.")


def unavailable() -> VendorError:
    """The application does not answer the web server (A15)."""
    return _page(503, "Service unavailable.")


def _label(field: str) -> str:
    return LABELS.get(field, field)


def _page(status: int, title: str, headers: Mapping[str, str] | None = None) -> VendorError:
    text = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h2>{status} - {title}</h2></body></html>"
    return VendorError(status, text.encode(), headers, media_type="text/html")
