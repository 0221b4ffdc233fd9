"""Cloud Foundry v3 deployments, from its published documents and the cloud controller's source."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

from tests.independent.kit import SETTLE, STEP, Job, Refused, Request, Response, Vendor, iso, json_body

ROUTE = re.compile(r"/v3/deployments(?:/([^/]+)(?:/actions/(cancel|continue))?)?")
LIST_PARAMETERS = {
    "page", "per_page", "order_by", "created_ats", "updated_ats", "guids", "app_guids", "states", "status_reasons",
    "status_values", "label_selector",
}  # fmt: skip


class CloudFoundry(Vendor):
    running = ("DEPLOYING", "PAUSED")
    cancellable = frozenset({"DEPLOYING", "PAUSED", "CANCELING"})
    ends = "DEPLOYED CANCELED SUPERSEDED"
    words = ("v3", "deployments", "actions", "cancel", "continue")

    def fill(self) -> None:
        self.apps = {"ours": [str(uuid.uuid4()) for _ in range(3)], "theirs": [str(uuid.uuid4())]}
        states = ["DEPLOYING", "DEPLOYED", "CANCELED", "SUPERSEDED", "PAUSED", "CANCELING"]
        for index, state in enumerate(states * 4):
            self.held(state, "ours", index)
        for state in ("DEPLOYING", "DEPLOYED"):
            self.held(state, "theirs", 0)

    def held(self, state: str, tenant: str, index: int) -> Job:
        born = time.time() - 3600 - index
        moments = [(born, "DEPLOYING")] + ([(born + 60, state)] if state != "DEPLOYING" else [])
        return self.add(
            Job(str(uuid.uuid4()), (), tenant, moments, self.new_fields(str(uuid.uuid4()), state == "PAUSED"))
        )

    def new_fields(self, app: str, canary: bool = False) -> dict[str, Any]:
        guids = {name: str(uuid.uuid4()) for name in ("droplet", "previous", "process")}
        return guids | {
            "app": app,
            "strategy": "canary" if canary else "rolling",
            "labels": {},
            "annotations": {},
            "changed": 0.0,
        }

    def refuse(self, kind: str, **facts: Any) -> Refused:
        status, code, title, detail = {
            "no_token": (401, 10002, "CF-NotAuthenticated", "Authentication error"),
            "bad_token": (401, 1000, "CF-InvalidAuthToken", "Invalid Auth Token"),
            "forbidden": (403, 10003, "CF-NotAuthorized", "You are not authorized to perform the requested action"),
            "unknown": (404, 10010, "CF-ResourceNotFound", "Deployment not found"),
            "route": (404, 10000, "CF-NotFound", "Unknown request"),
            "query": (400, 10005, "CF-BadQueryParameter", "The query parameter is invalid"),
            "malformed": (
                400,
                1001,
                "CF-MessageParseError",
                "Request invalid due to parse error: invalid request body",
            ),
            "invalid": (422, 10008, "CF-UnprocessableEntity", facts.get("detail", "Unknown field(s)")),
            "app": (
                422,
                10008,
                "CF-UnprocessableEntity",
                "Unable to use app. Ensure that the app exists and you have access to it.",
            ),
            "wrong_state": (422, 10008, "CF-UnprocessableEntity", ""),
            "crash": (500, 10001, "UnknownError", "An unknown error occurred."),
        }[self.which(kind, facts)]
        if kind == "wrong_state":
            state = facts["state"]
            value = "ACTIVE" if state in self.cancellable else "FINALIZED"
            detail = f"Cannot {facts.get('verb', 'cancel')} a deployment with status: {value} and reason: {state}"
        error: dict[str, Any] = {"detail": detail, "title": title, "code": code}
        if self.bug("no_error_code"):
            del error["code"]
        if self.bug("wrong_state_says_409") and kind == "wrong_state":
            status = 409
        if self.bug("wrong_code") and kind == "wrong_state":
            error["code"] = 10010
        if self.bug("crash_on_unknown") and kind == "unknown":
            status = 500
        if self.bug("unknown_says_403") and kind == "unknown":
            status, error["code"], error["title"] = 403, 10003, "CF-NotAuthorized"
        body: Any = error if self.bug("bare_error") else {"errors": [error]}
        return Refused(Response(status, body, {}, "application/json; charset=utf-8"))

    def which(self, kind: str, facts: dict[str, Any]) -> str:
        if kind == "unauthenticated":
            return "bad_token" if facts.get("given") else "no_token"
        return kind

    def with_leak(self, body: dict[str, Any]) -> dict[str, Any]:
        leak = "app/controllers/v3/deployments_controller.rb:42:in `cancel': undefined method"
        return {"errors": [error | {"detail": leak} for error in body.get("errors", [])]}

    def need_user(self, request: Request) -> str:
        if self.route(request) is None:
            raise self.refuse("route")
        header = request.headers.get("authorization", "")
        user = self.who(request)
        if user is None and self.bug("no_login_needed"):
            return "owner"
        if user is None:
            if self.bug("refusal_acts"):
                self.act_anyway(request)
            raise self.refuse("unauthenticated", given=header.lower().startswith("bearer"))
        return user

    def route(self, request: Request) -> tuple[str | None, str | None, str] | None:
        match = ROUTE.fullmatch(request.path)
        if not match:
            return None
        id, action = match.groups()
        method = "GET" if request.method == "HEAD" else request.method
        allowed = {"POST"} if action else ({"GET", "PATCH"} if id else {"GET", "POST"})
        return (id, action, method) if method in allowed else None

    def call(self, request: Request) -> Response:
        user = self.need_user(request)
        route = self.route(request)
        assert route is not None
        id, action, method = route
        body = self.body(request, method)
        if id is None:
            return self.create(body, user) if method == "POST" else self.list(request, user)
        job = self.jobs.get(id)
        if job is None or (job.tenant != self.tenant(user) and not self.bug("stranger_may")):
            raise self.refuse("unknown")
        if method == "GET":
            if self.bug("read_cancels"):
                self.do_cancel(job)
            return Response(200, self.show(job))
        if action:
            return self.act(job, action, user)
        if user == "reader":
            raise self.refuse("forbidden")
        return self.patch(job, body)

    def body(self, request: Request, method: str) -> Any:
        if method == "GET" or "json" not in request.headers.get("content-type", ""):
            return None
        try:
            return json_body(request)
        except ValueError:
            raise self.refuse("malformed") from None

    def act(self, job: Job, action: str, user: str) -> Response:
        if user == "reader" and not self.bug("reader_may"):
            raise self.refuse("unknown")
        if action == "continue":
            if job.state != "PAUSED":
                raise self.refuse("wrong_state", state=job.state, verb="continue")
            job.turn((0, "DEPLOYING"), (STEP * 5, "DEPLOYED"))
            return Response(200)
        self.cancel(job)
        return Response(202) if self.bug("says_202") else Response(200)

    def cancel(self, job: Job) -> None:
        if job.state == "CANCELING" and self.bug("repeat_refused"):
            raise self.refuse("wrong_state", state="CANCELING")
        if job.state == "PAUSED" and self.bug("paused_refused"):
            raise self.refuse("wrong_state", state="PAUSED")
        if job.state == "CANCELING" and not self.bug("repeat_restarts"):
            return
        super().cancel(job)

    def create(self, body: Any, user: str) -> Response:
        if not isinstance(body, dict):
            body = {}
        unknown = set(body) - {"relationships", "strategy", "droplet", "revision", "options", "metadata"}
        if unknown:
            raise self.refuse("invalid", detail=f"Unknown field(s): {', '.join(map(repr, sorted(unknown)))}")
        self.check_create(body)
        app = self.dig(body, "relationships", "app", "data", "guid")
        if app not in self.apps[self.tenant(user)] or user == "reader":
            raise self.refuse("app")
        for other in self.jobs.values():
            if other.fields["app"] == app and other.state in self.cancellable:
                other.turn((0, "SUPERSEDED"))
        now = time.time()
        job = Job(
            str(uuid.uuid4()),
            (),
            self.tenant(user),
            [(now, "DEPLOYING"), (now + STEP * 5, "DEPLOYED")],
            self.new_fields(app),
        )
        metadata = body.get("metadata") or {}
        job.fields |= {"labels": metadata.get("labels", {}), "annotations": metadata.get("annotations", {})}
        return Response(201, self.show(self.add(job)))

    def dig(self, body: Any, *names: str) -> Any:
        for name in names:
            body = body.get(name) if isinstance(body, dict) else None
        return body

    def check_create(self, body: dict[str, Any]) -> None:
        if body.get("strategy") not in (None, "rolling", "canary"):
            raise self.refuse("invalid", detail="Strategy is not a supported deployment strategy")
        options = body.get("options")
        known = {
            "max_in_flight",
            "web_instances",
            "memory_in_mb",
            "disk_in_mb",
            "log_rate_limit_in_bytes_per_second",
            "canary",
        }
        if options is not None and (not isinstance(options, dict) or not set(options) <= known):
            raise self.refuse("invalid", detail="Options must be an object")
        least = {
            "max_in_flight": 1,
            "web_instances": 0,
            "memory_in_mb": 1,
            "disk_in_mb": 1,
            "log_rate_limit_in_bytes_per_second": -1,
        }
        for name, value in (options or {}).items():
            if name == "canary" and (body.get("strategy") != "canary" or not isinstance(value, dict)):
                raise self.refuse("invalid", detail="Options canary are only valid for Canary deployments")
            if name in least and value is not None and (type(value) is not int or value < least[name]):
                raise self.refuse("invalid", detail=f"{name} is not valid")
        self.check_steps(self.dig(body, "options", "canary", "steps"))
        for name in ("droplet", "revision"):
            if name in body and not isinstance(self.dig(body, name, "guid"), str):
                raise self.refuse("invalid", detail=f"{name} is not valid")
        self.check_metadata(body.get("metadata"))

    def check_steps(self, steps: Any) -> None:
        if steps is None:
            return
        good = isinstance(steps, list) and all(
            isinstance(s, dict)
            and set(s) == {"instance_weight"}
            and type(s["instance_weight"]) is int
            and 1 <= s["instance_weight"] <= 100
            for s in steps
        )
        if not good or steps != sorted(steps, key=lambda s: s["instance_weight"]):
            raise self.refuse("invalid", detail="Options canary steps are not valid")

    def check_metadata(self, metadata: Any) -> None:
        if metadata is None:
            return
        if not isinstance(metadata, dict) or not set(metadata) <= {"labels", "annotations"}:
            raise self.refuse("invalid", detail="Metadata must be an object")
        for name, entries in metadata.items():
            if not isinstance(entries, dict):
                raise self.refuse("invalid", detail=f"Metadata '{name}' is not an object")
            for key, value in entries.items():
                good = re.fullmatch(r"([\w.-]+/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?", key, re.A)
                fits = value is None or (
                    isinstance(value, str)
                    and (name != "labels" or re.fullmatch(r"[A-Za-z0-9]?([\w.-]{0,61}[A-Za-z0-9])?", value, re.A))
                )
                if not good or not fits or (isinstance(value, str) and len(value) > 5000):
                    raise self.refuse("invalid", detail=f"Metadata {name} error")

    def patch(self, job: Job, body: Any) -> Response:
        body = body if isinstance(body, dict) else ({} if body is None else {"_json": body})
        if set(body) - {"metadata"}:
            raise self.refuse("invalid")
        self.check_metadata(body.get("metadata"))
        for name in ("labels", "annotations"):
            merged = job.fields[name] | (self.dig(body, "metadata", name) or {})
            job.fields[name] = {k: v for k, v in merged.items() if v is not None}
        job.fields["changed"] = time.time()
        return Response(200, self.show(job))

    def list(self, request: Request, user: str) -> Response:
        query = request.query
        numbers = [query.get("page", "1"), query.get("per_page", "50")]
        good = {re.sub(r"\[.*", "", k) for k in query} <= LIST_PARAMETERS and all(
            n.isdigit() and 1 <= int(n) <= 5000 for n in numbers
        )
        if not good or query.get("order_by", "created_at").lstrip("+-") not in ("created_at", "updated_at"):
            raise self.refuse("query")
        jobs = [j for j in self.visible(user) if self.matches(j, query)]
        shown = [self.show(j) for j in jobs]
        if self.bug("list_differs"):
            for item in shown:
                item["status"]["reason"], item["status"]["value"] = "DEPLOYED", "FINALIZED"
        size, page = int(numbers[1]), int(numbers[0])
        end = {"href": f"{self.url}/v3/deployments?page=1&per_page={size}"}
        pagination = {
            "total_results": len(jobs),
            "total_pages": max(1, -(-len(jobs) // size)),
            "first": end,
            "last": end,
            "next": None,
            "previous": None,
        }
        return Response(200, {"pagination": pagination, "resources": shown[(page - 1) * size :][:size]})

    def matches(self, job: Job, query: dict[str, str]) -> bool:
        value = "ACTIVE" if job.state in self.cancellable else "FINALIZED"
        facts = {"guids": job.id, "app_guids": job.fields["app"], "status_reasons": job.state, "status_values": value}
        return all(facts[name] in query[name].split(",") for name in facts if name in query)

    def show(self, job: Job) -> dict[str, Any]:
        past = job.past()
        state, since = past[-1][1], past[-1][0]
        active = state in self.cancellable
        here = f"{self.url}/v3/deployments/{job.id}"
        links: dict[str, Any] = {"self": {"href": here}, "app": {"href": f"{self.url}/v3/apps/{job.fields['app']}"}}
        if active or self.bug("link_stays"):
            links["cancel"] = {"href": f"{here}/actions/cancel", "method": "POST"}
        if state == "PAUSED":
            links["continue"] = {"href": f"{here}/actions/continue", "method": "POST"}
        status: dict[str, Any] = {
            "value": "ACTIVE" if active else "FINALIZED",
            "reason": state,
            "details": {"last_successful_healthcheck": iso(past[0][0]), "last_status_change": iso(since)},
        }
        if self.bug("value_stays_active") and state == "CANCELED":
            status["value"] = "ACTIVE"
        if self.bug("two_ls") and state == "CANCELING":
            status["reason"] = "CANCELLING"
        options: dict[str, Any] = {"max_in_flight": 1}
        if job.fields["strategy"] == "canary":
            status["canary"] = {"steps": {"current": 1, "total": 1}}
        shown = {
            "guid": str(uuid.uuid4()) if self.bug("wrong_id") else job.id,
            "created_at": iso(past[0][0]),
            "updated_at": iso(past[0][0] - 60 if self.bug("time_goes_back") else max(since, job.fields["changed"])),
            "status": status,
            "strategy": job.fields["strategy"],
            "options": options,
            "droplet": {"guid": job.fields["droplet"]},
            "previous_droplet": {"guid": job.fields["previous"]},
            "new_processes": [{"guid": job.fields["process"], "type": "web"}],
            "revision": None,
            "relationships": {"app": {"data": {"guid": job.fields["app"]}}},
            "metadata": {"labels": job.fields["labels"], "annotations": job.fields["annotations"]},
            "links": links,
        }
        if self.bug("forgets_labels") and state in ("CANCELING", "CANCELED"):
            shown["droplet"] = {"guid": job.fields["previous"]}
        if self.bug("field_missing"):
            del shown["status"]["details"]
        if self.bug("number_for_string"):
            shown["strategy"] = 1
        return shown

    def touch(self, job: Job) -> None:
        job.fields["changed"] = time.time()
        job.fields["labels"] = job.fields["labels"] | {"touched": "yes"}

    def cancelled_states(self, before: str) -> list[tuple[float, str]]:
        if self.bug("never_settles"):
            return [(0, "CANCELING")]
        if self.bug("settles_deployed"):
            return [(0, "CANCELING"), (SETTLE, "DEPLOYED")]
        return [(0, "CANCELING"), (SETTLE, "CANCELED")]

    def pool(self) -> list[dict[str, str]]:
        mine = [j for j in self.jobs.values() if j.tenant == "ours"]
        return [{"id": j.id, "state": j.state, "guid": j.id} for j in mine[: len(mine) // 2]]

    def target(self) -> dict[str, Any]:
        return {"parameters": {}, "create": {"relationships": {"app": {"data": {"guid": self.apps["ours"][0]}}}}}
