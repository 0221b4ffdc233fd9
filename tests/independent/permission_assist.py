"""Permission Assist application imports, from its published pages."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

from tests.independent.kit import SETTLE, STEP, Job, Refused, Request, Response, Vendor, iso, json_body

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
APPLICATION = "b8c1d2e3-4f5a-6b7c-8d9e-0f1a2b3c4d5e"
MESSAGES = {
    "unauthorized": (401, "Invalid or expired authentication token"),
    "forbidden": (403, "The token may not do this"),
    "not_found": (404, "Application import not found"),
    "conflict": (409, "The import cannot be canceled in its present state"),
    "validation_error": (400, "One or more validation errors occurred"),
    "server_error": (500, "An unexpected error occurred"),
}


class PermissionAssist(Vendor):
    running = ("Pending", "Running")
    cancellable = frozenset({"Pending", "Running"})
    ends = "Finished Failed Canceled"
    words = ("api", "application-imports", "cancel", "stage")

    def fill(self) -> None:
        self.number = 0
        states = ["Pending", "Running", "Canceling", "Finished", "Failed", "Canceled"]
        for index, state in enumerate(states * 4):
            self.held(state, index)

    def held(self, state: str, index: int) -> Job:
        born = time.time() - 3600 - index
        walk = {
            "Pending": ["Pending"],
            "Running": ["Pending", "Running"],
            "Canceling": ["Pending", "Running", "Canceling"],
            "Canceled": ["Pending", "Running", "Canceling", "Canceled"],
        }.get(state, ["Pending", "Running", state])
        self.number += 1
        moments = [(born + 30 * n, s) for n, s in enumerate(walk)]
        return self.add(Job(str(uuid.uuid4()), (), "ours", moments, {"number": self.number}))

    def tenant(self, user: str) -> str:
        return "ours"

    def who(self, request: Request) -> str | None:
        user = super().who(request)
        return None if user == "stranger" and not self.bug("stranger_may") else user

    def refuse(self, kind: str, **facts: Any) -> Refused:
        word = {
            "unauthenticated": "unauthorized",
            "unknown": "not_found",
            "route": "not_found",
            "wrong_state": "validation_error" if self.bug("wrong_state_says_422") else "conflict",
            "crash": "server_error",
        }.get(kind, kind)
        status, message = MESSAGES[word]
        body: dict[str, Any] = {"error": word, "message": message, "correlationId": uuid.uuid4().hex}
        if "field" in facts:
            body["errors"] = [{"field": facts["field"], "message": "is not valid"}]
        if self.bug("no_error_code"):
            del body["error"]
        if self.bug("no_correlation"):
            del body["correlationId"]
        if self.bug("wrong_word") and kind == "wrong_state":
            body["error"] = "oops"
        if self.bug("wrong_state_says_422") and kind == "wrong_state":
            status = 422
        if self.bug("crash_on_unknown") and kind == "unknown":
            status = 500
        if self.bug("refusals_say_200") and status == 409:
            status = 200
        return Refused(Response(status, body))

    def with_leak(self, body: dict[str, Any]) -> dict[str, Any]:
        return body | {"message": "System.NullReferenceException\n   at SyCorr.Api.Cancel() in C:\\src\\Api.cs:line 42"}

    def call(self, request: Request) -> Response:
        user = self.need_user(request)
        method = "GET" if request.method == "HEAD" else request.method
        path = request.path.removeprefix("/api/application-imports")
        if path == request.path:
            raise self.refuse("route")
        if path == "/cancel" and method == "POST":
            return self.post_cancel(request, user)
        if path == "/stage" and method == "POST":
            return self.stage(request, user)
        if path == "" and method == "GET":
            return self.list(request)
        if re.fullmatch(r"/[^/]+", path) and method == "GET" and path not in ("/cancel", "/stage"):
            return self.get(path[1:])
        raise self.refuse("route")

    def guid_in(self, request: Request, field: str) -> str:
        try:
            body = json_body(request)
        except ValueError:
            raise self.refuse("validation_error", field="body") from None
        value = body.get(field) if isinstance(body, dict) else None
        if self.bug("takes_query_id") and value is None:
            value = request.query.get(field)
        if self.bug("missing_id_takes_first") and value is None and self.jobs:
            value = next((j.id for j in self.jobs.values() if j.state in self.cancellable), None)
        if self.bug("trims_id") and isinstance(value, str):
            value = value.strip().strip("{}")
        if not isinstance(value, str) or not GUID.fullmatch(value):
            raise self.refuse("validation_error", field=field)
        return value.lower()

    def post_cancel(self, request: Request, user: str) -> Response:
        if "json" not in request.headers.get("content-type", "json"):
            raise self.refuse("validation_error", field="body")
        id = self.guid_in(request, "applicationImportId")
        if user == "reader" and not self.bug("reader_may"):
            raise self.refuse("forbidden")
        job = self.jobs.get(id)
        if job is None:
            raise self.refuse("unknown")
        self.cancel(job)
        if self.bug("says_204"):
            return Response(204)
        return Response(200, self.show(job, stale=self.bug("answers_old_state")))

    def stage(self, request: Request, user: str) -> Response:
        if self.guid_in(request, "applicationId") != APPLICATION:
            raise self.refuse("unknown")
        if user == "reader":
            raise self.refuse("forbidden")
        now = time.time()
        self.number += 1
        moments = [(now, "Pending"), (now + STEP, "Running"), (now + STEP * 5, "Finished")]
        return Response(201, self.show(self.add(Job(str(uuid.uuid4()), (), "ours", moments, {"number": self.number}))))

    def list(self, request: Request) -> Response:
        page, application = request.query.get("page", "1"), request.query.get("applicationId")
        if not page.isdigit() or int(page) < 1 or (application is not None and not GUID.fullmatch(application)):
            raise self.refuse("validation_error", field="page")
        jobs = [] if application and application.lower() != APPLICATION else list(self.jobs.values())
        jobs.sort(key=lambda j: -j.moments[0][0])
        slim = ("id", "kind", "number", "type", "status", "buildStart", "buildEnd", "application")
        items = [{k: v for k, v in self.show(j).items() if k in slim} for j in jobs[(int(page) - 1) * 50 :][:50]]
        if self.bug("list_differs"):
            for item in items:
                item["status"] = "Running"
        if self.bug("list_drops_canceled"):
            items = [i for i in items if i["status"] != "Canceled"]
        pages = max(1, -(-len(jobs) // 50))
        return Response(
            200, {"items": items, "totalCount": len(jobs), "page": int(page), "pageSize": 50, "totalPages": pages}
        )

    def get(self, id: str) -> Response:
        if not GUID.fullmatch(id):
            raise self.refuse("validation_error", field="id")
        job = self.jobs.get(id.lower())
        if job is None:
            raise self.refuse("unknown")
        if self.bug("read_cancels"):
            self.do_cancel(job)
        return Response(200, self.show(job))

    def show(self, job: Job, stale: bool = False) -> dict[str, Any]:
        past = job.past()
        state = past[-1][1] if not stale or len(past) < 2 else past[-2][1]
        started = next((at for at, s in past if s == "Running"), None)
        ended = past[-1][0] if state in self.ends.split() else None
        if self.bug("two_ls") and state == "Canceling":
            state = "Cancelling"
        shown: dict[str, Any] = {
            "id": str(uuid.uuid4()) if self.bug("wrong_id") else job.id,
            "kind": "Application Import",
            "number": job.fields["number"],
            "type": "API",
            "status": state,
            "createdBy": "Permission Assist",
            "buildStart": iso(started) if started else None,
            "buildEnd": iso(ended) if ended else None,
            "log": None if not started else "Import started.",
            "files": [],
            "metrics": {"newUsers": 1} if state == "Finished" or self.bug("metrics_always") else None,
            "application": {
                "id": APPLICATION,
                "kind": "Application",
                "name": "Jack Henry Symitar",
                "priority": "Critical",
                "isArchived": False,
                "lastUpdated": "2025-12-01T08:45:00Z",
            },
        }
        if self.bug("field_missing"):
            del shown["kind"]
        if self.bug("number_for_string"):
            shown["createdBy"] = 7
        return shown

    def touch(self, job: Job) -> None:
        job.fields["number"] += 1000

    def cancelled_states(self, before: str) -> list[tuple[float, str]]:
        if self.bug("never_settles"):
            return [(0, "Canceling")]
        if self.bug("settles_pending"):
            return [(0, "Canceling"), (SETTLE, "Pending")]
        return [(0, "Canceling"), (SETTLE, "Canceled")]

    def pool(self) -> list[dict[str, str]]:
        mine = list(self.jobs.values())
        return [{"id": j.id, "state": j.state, "applicationImportId": j.id} for j in mine[: len(mine) // 2]]

    def target(self) -> dict[str, Any]:
        return {"parameters": {}, "create": {"applicationId": APPLICATION}}
