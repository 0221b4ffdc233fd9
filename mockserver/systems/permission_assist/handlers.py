"""Permission Assist's operations: wire in, one model call, wire out. Wire names appear here and in the spec."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from mockserver.system import Identity, Rejection, Reply, Request, VendorError
from mockserver.systems.permission_assist import errors
from mockserver.systems.permission_assist.applications import Application
from mockserver.systems.permission_assist.errors import Errors
from mockserver.systems.permission_assist.identities import TOKEN_NAMES
from mockserver.systems.permission_assist.model import (
    PAGE_SIZE,
    ArchivedApplication,
    File,
    Import,
    Imports,
    Kind,
    NotCancelable,
    Status,
    UnknownApplication,
    UnknownImport,
    UnscheduledApplication,
)
from mockserver.systems.permission_assist.readings import Reading

SUMMARY = ("id", "kind", "number", "type", "status", "buildStart", "buildEnd", "application")  # E16


class Handlers:
    """One method an operationId."""

    def __init__(self, imports: Imports, errors: Errors, reading: Reading) -> None:
        self._imports = imports
        self._errors = errors
        self._reading = reading

    def stage_import(self, request: Request) -> Reply:
        """Stage an import by an application's schedule.

        Not imitated: the files of the schedule are not looked for.
        """
        identity, application_id = _asking(request), request.body["applicationId"]
        try:
            staged = self._imports.stage(identity.tenant, application_id, TOKEN_NAMES[identity.name])
        except UnknownApplication:
            raise self._errors.unknown_application(application_id) from None
        except ArchivedApplication:
            raise self._errors.archived_application() from None
        except UnscheduledApplication:
            raise self._errors.unscheduled_application() from None
        return Reply(201, _only(self._reading.staged_members, self._represented(staged)))

    def list_imports(self, request: Request) -> Reply:
        """One page of imports, slimmer than on their own."""
        number = request.query.get("page", 1)
        page = self._imports.page(_asking(request).tenant, number, request.query.get("applicationId"))
        body = {
            "items": [_only(SUMMARY, self._represented(each)) for each in page.imports],
            "totalCount": page.total,
            "page": number,
            "pageSize": PAGE_SIZE,
            "totalPages": page.count,
        }
        return Reply(200, body)

    def get_import(self, request: Request) -> Reply:
        """One import, whole.

        Not imitated: the members of `metrics`, which no document names; a finished import has an empty object.
        """
        import_id = request.path_params["id"]
        try:
            return Reply(200, self._represented(self._imports.get(_asking(request).tenant, import_id)))
        except UnknownImport:
            raise self._errors.import_not_found(import_id) from None

    def cancel_import(self, request: Request) -> Reply:
        """Ask an import to stop."""
        import_id = request.body["applicationImportId"]
        try:
            return Reply(200, self._represented(self._imports.cancel(_asking(request).tenant, import_id)))
        except UnknownImport:
            raise self._errors.unknown_import(import_id) from None
        except NotCancelable as refusal:
            raise self._errors.not_cancelable(refusal.refused.status) from None

    def reject(self, rejection: Rejection, request: Request) -> VendorError:
        """What is said to a request that never reached a method above (A3, A4, A15, A20, A21)."""
        match rejection.kind:
            case "unknown_route":
                return errors.no_such_route()
            case "wrong_method":
                return errors.wrong_method(rejection.allow)
            case "too_large":
                return errors.too_large()
            case "unavailable":
                return errors.unavailable()
            case "invalid_path":
                return self._errors.malformed_path()
        faults = {each.where: each.value is None or each.keyword == "required" for each in (rejection, *rejection.all)}
        if "" in faults or rejection.kind not in ("invalid_body", "invalid_query"):
            return self._errors.unreadable_body()
        return self._errors.invalid(faults.items())

    def _represented(self, seen: Import) -> dict[str, Any]:
        return {
            "id": seen.id,
            "kind": "Application Import",
            "number": seen.number,
            "type": self._reading.api_type if seen.origin.kind == Kind.API else seen.origin.kind,
            "status": seen.status,
            "createdBy": seen.origin.created_by,
            "buildStart": self._time(seen.started),
            "buildEnd": self._time(seen.ended),
            "log": seen.log,
            "files": [_represented_file(each) for each in seen.files],
            "metrics": {} if seen.status == Status.FINISHED else None,
            "application": self._represented_application(seen.origin.application),
        }

    def _represented_application(self, application: Application) -> dict[str, Any]:
        return {
            "id": application.id,
            "kind": "Application",
            "name": application.name,
            "priority": application.priority,
            "isArchived": application.archived,
            "lastUpdated": self._time(application.updated),
        }

    def _time(self, seconds: float | None) -> str | None:
        """Whole seconds of UTC, with or without saying so (C5)."""
        if seconds is None:
            return None
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + self._reading.zone


def _asking(request: Request) -> Identity:
    """Who asks. Every operation is authenticated, so there is somebody."""
    assert request.identity is not None
    return request.identity


def _only(members: Iterable[str], whole: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in whole.items() if name in members}


def _represented_file(file: File) -> dict[str, Any]:
    return {"id": file.id, "fileGroupId": file.group_id, "fileGroup": file.group, "name": file.name}
