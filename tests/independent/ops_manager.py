"""Ops Manager import deployments, from its published pages."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from tests.independent.kit import STEP, Job, Refused, Request, Response, Vendor, hex24, iso, json_body

PROJECT = "5b6212af90dc76637950a2c6"
OTHER_PROJECT = "5b6212af90dc76637950a2c7"
WALK = [
    "PENDING",
    "AWAIT_SEED_HOST_CONNECTED",
    "AWAIT_HOSTS_DISCOVERED",
    "AWAIT_AUTOMATION_IMPORTED",
    "AWAIT_GOAL_STATE",
]
ROUTE = re.compile(r"/api/public/v1\.0/automation/importDeployment/([^/]+)(?:/([^/]+)(/cancel)?)?")
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    500: "Internal Server Error",
}


class OpsManager(Vendor):
    scheme = "digest"
    running = tuple(WALK)
    cancellable = frozenset(WALK)
    ends = "SUCCESS FAILED CANCELLED"
    words = ("api", "public", "v1.0", "automation", "importDeployment", "cancel")

    def fill(self) -> None:
        for index, state in enumerate([*WALK, "SUCCESS", "FAILED", "CANCELLED"] * 2):
            self.held(state, PROJECT, "ours", index)
        for state in ("PENDING", "AWAIT_GOAL_STATE", "SUCCESS"):
            self.held(state, OTHER_PROJECT, "theirs", 1)

    def held(self, state: str, project: str, tenant: str, index: int = 0) -> Job:
        """A job that stays in a state, with the history that leads there."""
        steps = WALK[: WALK.index(state) + 1] if state in WALK else [*WALK[:2], state]
        start = time.time() - 3600 - index
        moments = [(start + 60 * n, s) for n, s in enumerate(steps)]
        return self.add(Job(hex24(), (project,), tenant, moments, {"user": hex24()}))

    def refuse(self, kind: str, **facts: Any) -> Refused:
        status, code, detail = {
            "unauthenticated": (401, None, "You are not authorized for this resource."),
            "weak": (401, "USER_UNAUTHORIZED", "Current user is not authorized to perform this action."),
            "stranger": (401, "NOT_IN_GROUP", "The current user is not in the group, or the group does not exist."),
            "unknown": (404, "RESOURCE_NOT_FOUND", "Cannot find resource."),
            "route": (404, "RESOURCE_NOT_FOUND", "Cannot find resource."),
            "method": (405, "METHOD_NOT_ALLOWED", "Method not allowed."),
            "invalid": (400, "INVALID_ATTRIBUTE", "Invalid attribute specified."),
            "malformed": (400, "MALFORMED_JSON", "Received JSON is malformed."),
            "missing": (400, "MISSING_ATTRIBUTE", "The required attribute was not specified."),
            "query": (400, "INVALID_QUERY_PARAMETER", "Invalid query parameter specified."),
            "wrong_state": (409, "INVALID_STATE", "The request is not in progress."),
            "crash": (500, "UNEXPECTED_ERROR", "Unexpected error."),
        }[kind]
        body: dict[str, Any] = {
            "detail": detail,
            "error": status,
            "errorCode": code or "UNEXPECTED_ERROR",
            "parameters": [],
            "reason": REASONS[status],
        }
        if self.bug("no_error_code"):
            del body["errorCode"]
            del body["detail"]
        if self.bug("status_in_body_differs"):
            body["error"] = 500
        headers = {"WWW-Authenticate": self.digest.challenge()} if kind == "unauthenticated" else {}
        if self.bug("crash_on_unknown") and kind == "unknown":
            status = 500
        if self.bug("refusals_say_200") and kind == "wrong_state":
            status = 200
        return Refused(Response(status, body, headers))

    def with_leak(self, body: dict[str, Any]) -> dict[str, Any]:
        return body | {"detail": "com.xgen.svc.mms.api.ApiException\n\tat com.xgen.Foo.bar(Foo.java:42)"}

    def call(self, request: Request) -> Response:
        user = self.need_user(request)
        match = ROUTE.fullmatch(request.path)
        if not match:
            raise self.refuse("route")
        project, id, action = match.groups()
        self.check_project(project, user)
        self.check_query(request)
        allowed = {"POST"} if action else ({"GET", "DELETE"} if id else {"GET", "POST"})
        method = "GET" if request.method == "HEAD" else request.method
        if method not in allowed:
            raise self.with_allow(allowed)
        return self.wrap(request, self.dispatch(request, method, project, id, action, user))

    def with_allow(self, allowed: set[str]) -> Refused:
        refused = self.refuse("method")
        refused.response.headers["Allow"] = ", ".join(sorted(allowed))
        return refused

    def check_project(self, project: str, user: str) -> None:
        theirs = self.tenant(user) == "theirs"
        if project == (OTHER_PROJECT if theirs else PROJECT):
            return
        if self.bug("stranger_may") and theirs:
            return
        raise self.refuse("stranger")

    def check_query(self, request: Request) -> None:
        for name, value in request.query.items():
            if name in ("pretty", "envelope") and value not in ("true", "false"):
                raise self.refuse("query")

    def dispatch(
        self, request: Request, method: str, project: str, id: str | None, action: str | None, user: str
    ) -> Response:
        if id is None:
            return self.create(request, project, user) if method == "POST" else self.list(project)
        job = self.jobs.get(id)
        if job is None or job.scope != (project,):
            raise self.refuse("unknown")
        if method == "GET":
            if self.bug("read_cancels") and job.state in WALK:
                self.do_cancel(job)
            return Response(200, self.show(job))
        if user == "reader" and not self.bug("reader_may"):
            raise self.refuse("weak")
        if action:
            self.check_cancel_body(request)
            self.cancel(job)
            return Response(204 if self.bug("says_204") else 200, None if self.bug("says_204") else {})
        if job.state != "FAILED":
            raise self.refuse("wrong_state")
        del self.jobs[job.id]
        return Response(200, {})

    def check_cancel_body(self, request: Request) -> None:
        if request.body and "json" in request.headers.get("content-type", "json"):
            try:
                json_body(request)
            except ValueError:
                raise self.refuse("malformed") from None

    def create(self, request: Request, project: str, user: str) -> Response:
        try:
            body = json_body(request)
        except ValueError:
            raise self.refuse("malformed") from None
        if user == "reader":
            raise self.refuse("weak")
        self.check_create(body)
        moments = [(time.time() + STEP * n, s) for n, s in enumerate([*WALK, "SUCCESS"])]
        self.add(Job(hex24(), (project,), self.tenant(user), moments, {"user": hex24()}))
        return Response(200, {})

    def check_create(self, body: Any) -> None:
        known = {
            "seedHostport",
            "requiredProcesses",
            "timeouts",
            "authMechanism",
            "username",
            "password",
            "adminDb",
            "pemKeyFilePath",
            "pemKeyFilePassword",
            "adminKerberosKeytab",
            "adminLdapGroupDn",
            "saslServiceName",
            "caFilePath",
            "clusterCaFilePath",
            "clientCertificateMode",
        }
        if not isinstance(body, dict) or not {"seedHostport", "requiredProcesses"} <= set(body):
            raise self.refuse("missing")
        processes, timeouts = body["requiredProcesses"], body.get("timeouts", {})
        strings = [v for k, v in body.items() if k not in ("requiredProcesses", "timeouts")]
        good = (
            set(body) <= known
            and isinstance(processes, list)
            and all(
                isinstance(p, str) and re.fullmatch(r"[^:\s]+:\d{1,5}", p) for p in [*processes, body["seedHostport"]]
            )
            and bool(processes)
            and all(isinstance(s, str) for s in strings)
            and body.get("authMechanism", "NONE") in ("MONGODB_CR", "GSSAPI", "PLAIN", "MONGODB_X509", "NONE")
            and isinstance(timeouts, dict)
            and set(timeouts)
            <= {"seedHostConnectionSec", "processesDiscoverySec", "automationImported", "goalStateSec"}
            and all(
                isinstance(t, int | float) and not isinstance(t, bool) and 60 <= t <= 86400 for t in timeouts.values()
            )
        )
        if not good:
            raise self.refuse("invalid")

    def list(self, project: str) -> Response:
        jobs = [j for j in self.jobs.values() if j.scope == (project,)]
        shown = [self.show(j) for j in jobs]
        if self.bug("list_differs"):
            for item in shown:
                item["state"] = "PENDING"
        if self.bug("list_drops_cancelled"):
            shown = [item for item in shown if item["state"] != "CANCELLED"]
        return Response(200, {"results": shown})

    def show(self, job: Job) -> dict[str, Any]:
        past = job.past()
        history = [{"state": s, "transitionedAt": iso(at, True)} for at, s in past]
        if self.bug("history_backwards"):
            history.reverse()
        if self.bug("history_forgets"):
            history = history[-1:] if past[-1][1] == "CANCELLED" else history
        state = past[-1][1]
        if self.bug("other_word") and state == "CANCELLED":
            state = "CANCELED"
        shown = {
            "groupId": job.scope[0],
            "id": job.id,
            "state": state,
            "transitionsHistory": history,
            "userId": job.fields["user"],
        }
        if self.bug("wrong_id"):
            shown["id"] = hex24()
        if self.bug("field_missing"):
            del shown["transitionsHistory"]
        if self.bug("number_for_string"):
            shown["userId"] = 7
        return shown

    def wrap(self, request: Request, response: Response) -> Response:
        if request.query.get("envelope") == "true" and response.body is not None:
            body = response.body if isinstance(response.body, dict) else {}
            whole = (
                {"status": response.status} | body
                if "results" in body
                else {"content": body, "status": response.status}
            )
            if self.bug("envelope_loses_content"):
                whole = {"status": response.status}
            response.body = whole
        if request.query.get("pretty") == "true" and response.body is not None:
            if self.bug("pretty_breaks"):
                response.body = json.dumps(response.body, indent=2).replace("CANCELLED", "cancelled") + ","
            else:
                response.body = json.dumps(response.body, indent=2)
        return response

    def cancelled_states(self, before: str) -> list[tuple[float, str]]:
        return [(0, "CANCELLED")]

    def pool(self) -> list[dict[str, str]]:
        """Half of what is visible is ours to use."""
        mine = [j for j in self.jobs.values() if j.tenant == "ours"][::2]
        ends = [j for j in self.jobs.values() if j.tenant == "ours" and j.state in self.ends.split()][::2]
        chosen = {j.id: j for j in mine + ends}
        return [{"id": j.id, "state": j.state, "PROJECT-ID": PROJECT} for j in chosen.values()]

    def target(self) -> dict[str, Any]:
        return {
            "parameters": {"PROJECT-ID": PROJECT},
            "create": {"seedHostport": "h:27017", "requiredProcesses": ["h:27017"]},
        }
