"""Atlas backup restore jobs, v1.0, from its published pages."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.independent.kit import STEP, Job, Refused, Request, Response, Vendor, hex24, iso, json_body

GROUP = "5b6212af90dc76637950a2c6"
OTHER_GROUP = "5b6212af90dc76637950a2c7"
CLUSTER = "MyCluster"
ROUTE = re.compile(r"/api/atlas/v1\.0/groups/([^/]+)/clusters/([^/]+)/backup/restoreJobs(?:/([^/]+))?")
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
}


class Atlas(Vendor):
    scheme = "digest"
    running = ("preparing",)
    cancellable = frozenset({"preparing"})
    ends = "ready expired failed finished cancelled"
    words = ("api", "atlas", "v1.0", "groups", "clusters", "backup", "restoreJobs")
    cancel_method = "DELETE"

    def is_cancel_path(self, path: str) -> bool:
        return re.search(r"/restoreJobs/[^/]+$", path) is not None

    def fill(self) -> None:
        states = ["preparing", "preparing", "ready", "expired", "failed", "finished", "cancelled", "restoring"]
        for index, state in enumerate(states * 2):
            self.held(state, GROUP, "ours", index)
        for state in ("preparing", "restoring", "finished"):
            self.held(state, OTHER_GROUP, "theirs", 1)

    def held(self, state: str, group: str, tenant: str, index: int) -> Job:
        kind = "automated" if state in ("restoring", "finished") else "download"
        fields = {"kind": kind, "snapshot": hex24()}
        return self.add(Job(hex24(), (group, CLUSTER), tenant, [(time.time() - 3600 - index, state)], fields))

    def refuse(self, kind: str, **facts: Any) -> Refused:
        status, code, detail = {
            "unauthenticated": (401, "UNEXPECTED_ERROR", "You are not authorized for this resource."),
            "weak": (401, "USER_UNAUTHORIZED", "Current user is not authorized to perform this action."),
            "stranger": (401, "NOT_IN_GROUP", "The current user is not in the group, or the group does not exist."),
            "unknown": (404, "RESTORE_JOB_NOT_FOUND", "No restore job with that ID exists."),
            "bad_id": (404, "INVALID_JOB_ID", "An invalid restore job ID was specified."),
            "cluster": (404, "CLUSTER_NOT_FOUND", "No cluster with that name exists."),
            "group": (404, "INVALID_GROUP_ID", "An invalid group ID was specified."),
            "route": (404, "RESOURCE_NOT_FOUND", "Cannot find resource."),
            "method": (405, "METHOD_NOT_ALLOWED", "Method not allowed."),
            "invalid": (400, "INVALID_ATTRIBUTE", "Invalid attribute specified."),
            "malformed": (400, "MALFORMED_JSON", "Received JSON is malformed."),
            "missing": (400, "MISSING_ATTRIBUTE", "The required attribute was not specified."),
            "query": (400, "INVALID_QUERY_PARAMETER", "Invalid query parameter specified."),
            "busy": (400, "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY", "One download at a time."),
            "wrong_state": (400, "CANNOT_CANCEL_AUTOMATED_RESTORE", "Automated restore cannot be cancelled."),
            "crash": (500, "UNEXPECTED_ERROR", "Unexpected error."),
        }[kind]
        if kind == "wrong_state" and facts.get("state") != "restoring":
            code, detail = "INVALID_STATE", "The job has ended."
        body: dict[str, Any] = {
            "detail": detail,
            "error": status,
            "errorCode": code,
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
        if self.bug("unknown_says_204") and kind == "unknown":
            return Refused(Response(204))
        return Refused(Response(status, body, headers))

    def with_leak(self, body: dict[str, Any]) -> dict[str, Any]:
        return body | {"detail": "java.lang.NullPointerException\n\tat com.xgen.svc.Foo.bar(Foo.java:42)"}

    def call(self, request: Request) -> Response:
        user = self.need_user(request)
        match = ROUTE.fullmatch(request.path)
        if not match:
            raise self.refuse("route")
        group, cluster, id = match.groups()
        self.check_scope(group, cluster, user)
        if any(
            v not in ("true", "false") for k, v in request.query.items() if k in ("pretty", "envelope", "includeCount")
        ):
            raise self.refuse("query")
        allowed = {"GET", "DELETE"} if id else {"GET", "POST"}
        method = "GET" if request.method == "HEAD" else request.method
        if method not in allowed:
            refused = self.refuse("method")
            refused.response.headers["Allow"] = ", ".join(sorted(allowed))
            raise refused
        return self.wrap(request, self.dispatch(request, method, (group, cluster), id, user))

    def check_scope(self, group: str, cluster: str, user: str) -> None:
        if not re.fullmatch(r"[0-9a-f]{24}", group):
            raise self.refuse("group")
        theirs = self.tenant(user) == "theirs"
        if group != (OTHER_GROUP if theirs else GROUP) and not (self.bug("stranger_may") and theirs):
            raise self.refuse("stranger")
        if cluster != CLUSTER and not self.bug("ignores_cluster"):
            raise self.refuse("cluster")

    def dispatch(self, request: Request, method: str, scope: tuple[str, str], id: str | None, user: str) -> Response:
        if id is None:
            return self.create(request, scope, user) if method == "POST" else self.list(request, scope)
        if not re.fullmatch(r"[0-9a-f]{24}", id):
            raise self.refuse("bad_id")
        job = self.jobs.get(id)
        if job is None or (job.scope != scope and not self.bug("ignores_cluster")):
            raise self.refuse("unknown")
        if method == "GET":
            if self.bug("read_cancels"):
                self.do_cancel(job)
            return Response(200, self.show(job))
        if user == "reader" and not self.bug("reader_may"):
            raise self.refuse("weak")
        self.cancel(job)
        return Response(200, self.show(job)) if self.bug("says_200") else Response(204)

    def lets_through(self, job: Job) -> bool:
        return super().lets_through(job) or (self.bug("automated_may") and job.state == "restoring")

    def create(self, request: Request, scope: tuple[str, str], user: str) -> Response:
        try:
            body = json_body(request)
        except ValueError:
            raise self.refuse("malformed") from None
        if user == "reader":
            raise self.refuse("weak")
        self.check_create(body)
        kind = body["deliveryType"]
        if kind == "download" and any(
            j.fields["snapshot"] == body["snapshotId"] and j.state == "preparing" for j in self.jobs.values()
        ):
            raise self.refuse("busy")
        steps = [(0.0, "preparing"), (STEP * 5, "ready"), (3600.0, "expired")]
        if kind != "download":
            steps = [(0.0, "restoring"), (STEP * 5, "finished")]
        at, moments = time.time(), []
        for seconds, state in steps:
            at += seconds
            moments.append((at, state))
        fields = {"kind": kind, "snapshot": body.get("snapshotId"), "target": body.get("targetClusterName")}
        job = self.add(Job(hex24(), scope, self.tenant(user), moments, fields))
        return Response(200, self.show(job))

    def check_create(self, body: Any) -> None:
        if not isinstance(body, dict) or "deliveryType" not in body:
            raise self.refuse("missing")
        known = {
            "snapshotId",
            "deliveryType",
            "targetClusterName",
            "targetGroupId",
            "oplogTs",
            "oplogInc",
            "pointInTimeUTCSeconds",
        }
        kind = body["deliveryType"]
        if not set(body) <= known or kind not in ("automated", "download", "pointInTime"):
            raise self.refuse("invalid")
        needed = {"automated": {"snapshotId", "targetClusterName", "targetGroupId"}, "download": {"snapshotId"}}
        if not needed.get(kind, {"targetClusterName", "targetGroupId"}) <= set(body):
            raise self.refuse("missing")
        hexes = [body[n] for n in ("snapshotId", "targetGroupId") if n in body]
        numbers = [body[n] for n in ("oplogTs", "oplogInc", "pointInTimeUTCSeconds") if n in body]
        if not all(isinstance(h, str) and re.fullmatch(r"[0-9a-f]{24}", h) for h in hexes):
            raise self.refuse("invalid")
        if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in numbers):
            raise self.refuse("invalid")
        name = body.get("targetClusterName", "a")
        if not isinstance(name, str) or not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9-]*", name):
            raise self.refuse("invalid")
        if kind == "pointInTime" and not ({"oplogTs", "oplogInc"} <= set(body)) != ("pointInTimeUTCSeconds" in body):
            raise self.refuse("missing")

    def list(self, request: Request, scope: tuple[str, str]) -> Response:
        page, size = request.query.get("pageNum", "1"), request.query.get("itemsPerPage", "100")
        if not (page.isdigit() and size.isdigit() and int(page) >= 1 and 1 <= int(size) <= 500):
            raise self.refuse("query")
        jobs = sorted((j for j in self.jobs.values() if j.scope == scope), key=lambda j: -j.moments[0][0])
        shown = [self.show(j) for j in jobs[(int(page) - 1) * int(size) :][: int(size)]]
        if self.bug("list_differs"):
            for item in shown:
                item["cancelled"] = False
        if self.bug("list_drops_cancelled"):
            shown = [item for item in shown if not item["cancelled"]]
        whole = {
            "links": [{"href": self.url + request.target, "rel": "self"}],
            "results": shown,
            "totalCount": len(jobs),
        }
        if request.query.get("includeCount") == "false":
            del whole["totalCount"]
        return Response(200, whole)

    def show(self, job: Job) -> dict[str, Any]:
        state, born = job.state, job.moments[0][0]
        since = job.past()[-1][0]
        here = f"{self.url}/api/atlas/v1.0/groups/{job.scope[0]}/clusters/{job.scope[1]}"
        shown: dict[str, Any] = {
            "cancelled": state == "cancelled",
            "createdAt": iso(born),
            "deliveryType": job.fields["kind"],
            "expired": state == "expired",
            "failed": state.upper() == "FAILED",
            "id": job.id,
            "links": [{"href": f"{here}/backup/restoreJobs/{job.id}", "rel": "self"}],
        }
        if job.fields.get("snapshot"):
            shown |= {"snapshotId": job.fields["snapshot"], "timestamp": iso(born - 60)}
        if job.fields["kind"] == "download":
            shown["deliveryUrl"] = ["https://restore.example/x.tgz"] if state == "ready" else []
        else:
            shown |= {"targetClusterName": CLUSTER, "targetGroupId": job.scope[0]}
        if state == "ready":
            shown["expiresAt"] = iso(since + 3600)
        if state == "finished":
            shown["finishedAt"] = iso(since)
        if self.bug("cancelled_and_failed") and state == "cancelled":
            shown["failed"] = True
        if self.bug("cancelled_keeps_url") and state == "cancelled":
            shown["deliveryUrl"] = ["https://restore.example/x.tgz"]
        if self.bug("wrong_id"):
            shown["id"] = hex24()
        if self.bug("field_missing"):
            del shown["cancelled"]
        if self.bug("number_for_string"):
            shown["cancelled"] = str(shown["cancelled"]).lower()
        return shown

    def wrap(self, request: Request, response: Response) -> Response:
        if request.query.get("envelope") == "true" and isinstance(response.body, dict):
            body = response.body
            response.body = (
                {"status": 200} | body if "results" in body else {"content": body, "status": response.status}
            )
            if self.bug("envelope_loses_content"):
                response.body = {"status": 200}
        return response

    def cancelled_states(self, before: str) -> list[tuple[float, str]]:
        return [(0, "cancelled")]

    def pool(self) -> list[dict[str, str]]:
        mine = [j for j in self.jobs.values() if j.tenant == "ours"]
        return [{"id": j.id, "state": "", "GROUP-ID": GROUP, "CLUSTER-NAME": CLUSTER} for j in mine[: len(mine) // 2]]

    def target(self) -> dict[str, Any]:
        return {
            "parameters": {"GROUP-ID": GROUP, "CLUSTER-NAME": CLUSTER},
            "create": {"deliveryType": "download", "snapshotId": "5b622f7087d9d6039fafe03f"},
        }
