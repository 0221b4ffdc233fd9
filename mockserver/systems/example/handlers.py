"""Paperboy's operations: wire in, one model call, wire out. Wire names appear here and in the spec only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mockserver.system import Identity, Rejection, Reply, Request, VendorError
from mockserver.systems.example import errors
from mockserver.systems.example.model import Job, JobNotFound, Jobs, NotCancellable, Order

EDITOR = "editor"  # may print and cancel; a viewer may only look (E12)


class Handlers:
    """One method an operationId.

    Not imitated: paper, price and delivery; nothing of them shows in the API.
    """

    def __init__(self, jobs: Jobs, base_path: str) -> None:
        self._jobs = jobs
        self._base_path = base_path

    def create_job(self, request: Request) -> Reply:
        """Put a job into the queue."""
        body = request.body
        order = Order(body["title"], body["pages"], body.get("copies", 1))
        job = self._jobs.create(_editor(request).tenant, order)
        return Reply(201, _represented(job), {"Location": f"{self._base_path}/jobs/{job.id}"})

    def list_jobs(self, request: Request) -> Reply:
        """One page of the newsroom's jobs."""
        number = request.query.get("page", 1)
        page = self._jobs.page(_reader(request).tenant, number, request.query.get("status"))
        return Reply(200, {"items": [_represented(job) for job in page.jobs], "page": number, "total": page.total})

    def get_job(self, request: Request) -> Reply:
        """One job."""
        job_id = request.path_params["jobId"]
        try:
            return Reply(200, _represented(self._jobs.get(_reader(request).tenant, job_id)))
        except JobNotFound:
            raise errors.job_not_found(job_id) from None

    def cancel_job(self, request: Request) -> Reply:
        """Stop a job."""
        job_id = request.path_params["jobId"]
        try:
            return Reply(200, _represented(self._jobs.cancel(_editor(request).tenant, job_id)))
        except JobNotFound:
            raise errors.job_not_found(job_id) from None
        except NotCancellable as refusal:
            raise errors.job_not_cancellable(job_id, refusal.job.status) from None


def reject(rejection: Rejection, request: Request) -> VendorError:
    """What Paperboy says to a request that never reached a handler (E10, E14, E15)."""
    fields = sorted({each.where or "body" for each in (rejection, *rejection.all)})
    match rejection.kind:
        case "unknown_route":
            return errors.no_such_page()
        case "wrong_method":
            return errors.method_not_allowed(request.method, rejection.allow)
        case "unsupported_media_type":
            return errors.not_json()
        case "too_large":
            return errors.too_large()
        case "unavailable":
            return errors.out_of_order()
        case "invalid_body":
            return errors.invalid_job(fields)
    return errors.bad_request(fields)


def _reader(request: Request) -> Identity:
    """Who asks. Every operation is authenticated, so there is somebody."""
    assert request.identity is not None
    return request.identity


def _editor(request: Request) -> Identity:
    identity = _reader(request)
    if identity.role != EDITOR:
        raise errors.read_only_token()
    return identity


def _represented(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "title": job.order.title,
        "pages": job.order.pages,
        "copies": job.order.copies,
        "status": job.status,
        "pagesPrinted": job.pages_printed,
        "createdAt": _timestamp(job.created_at),
        "finishedAt": _timestamp(job.finished_at) if job.finished_at is not None else None,
        "history": [{"status": moment.state, "at": _timestamp(moment.at)} for moment in job.history],
    }


def _timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
