"""A small Paperboy of its own: the print API of `specs/example`, written from its evidence, on a plain web server.

It shares no code with the mock, has no control API, runs on the real clock, and has jobs that nobody was given.
A defect is a subclass that gets one thing wrong.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BASE = "/example/v1"
ENDED = frozenset({"CANCELLED", "PRINTED", "JAMMED"})
CANCELLABLE = {"QUEUED": "CANCELLED", "PRINTING": "CANCELLING"}
STOPPING_TAKES = 0.15  # seconds


@dataclass(frozen=True)
class User:
    """Who a token stands for."""

    newsroom: str
    may_write: bool = True


TOKENS = {
    "tok-owner-1a2b3c4d": User("daily"),
    "tok-reader-5e6f7a8b": User("daily", may_write=False),
    "tok-stranger-9c0d1e2f": User("weekly"),
}


@dataclass
class Job:
    """A print job. `moves` are planned moments: (time, state), the first in the past."""

    id: str
    newsroom: str
    title: str
    pages: int
    copies: int
    moves: list[tuple[float, str]] = field(default_factory=list)

    def past(self) -> list[tuple[float, str]]:
        """The moments that have come."""
        now = time.time()
        return [move for move in self.moves if move[0] <= now]

    @property
    def state(self) -> str:
        """The state now."""
        return self.past()[-1][1]


@dataclass
class Answer:
    """What goes back."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


@dataclass
class Question:
    """What came in. `user` is set once it is known."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    user: User = field(default_factory=lambda: User("nobody"))


class Refused(Exception):
    """The vendor says no."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        self.answer = Answer(status, {"problem": {"code": code, "message": message}}, headers or {})


class FakeVendor:
    """The correct vendor. Defects override one method each."""

    queue_takes = 3600.0  # seconds until a new job is printed
    printing_takes = 3600.0

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.log: list[Question] = []
        self.lock = threading.RLock()

    # -- jobs that are there from the start ------------------------------------------------------------------------

    def place(self, state: str, newsroom: str = "daily") -> Job:
        """A job that is in `state` and stays there."""
        job = self.new_job({"title": "Placed", "pages": 8}, newsroom)
        order = {
            "QUEUED": ["QUEUED"],
            "PRINTING": ["QUEUED", "PRINTING"],
            "CANCELLING": ["QUEUED", "PRINTING", "CANCELLING"],
            "CANCELLED": ["QUEUED", "CANCELLED"],
            "PRINTED": ["QUEUED", "PRINTING", "PRINTED"],
            "JAMMED": ["QUEUED", "PRINTING", "JAMMED"],
        }[state]
        start = time.time() - 100
        job.moves = [(start + 10 * index, each) for index, each in enumerate(order)]
        return job

    def new_job(self, facts: Mapping[str, Any], newsroom: str) -> Job:
        """A job put into the queue now."""
        job = Job(f"pj-{secrets.token_hex(6)}", newsroom, facts["title"], facts["pages"], facts.get("copies", 1))
        now = time.time()
        job.moves = [(now, "QUEUED"), (now + self.queue_takes, "PRINTING")]
        job.moves.append((now + self.queue_takes + self.printing_takes, "PRINTED"))
        self.jobs[job.id] = job
        return job

    # -- one request -----------------------------------------------------------------------------------------------

    def respond(self, question: Question) -> Answer:
        """Credentials first, then the path, then the method, then the rest."""
        try:
            question.user = self.authenticate(question)
            return self.route(question)
        except Refused as refused:
            return refused.answer

    def authenticate(self, question: Question) -> User:
        """A bearer token of ours."""
        scheme, _, token = question.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in TOKENS:
            raise self.not_signed_in()
        return TOKENS[token]

    def not_signed_in(self) -> Refused:
        """The 401."""
        headers = {"WWW-Authenticate": 'Bearer realm="Paperboy"'}
        return Refused(401, "not_signed_in", "Sign in with a valid token.", headers)

    def route(self, question: Question) -> Answer:
        """Exact paths only."""
        rest = question.path.removeprefix(BASE) if question.path.startswith(BASE) else ""
        if rest == "/jobs":
            return self.by_method(question, GET=self.list, POST=self.create)
        if match := re.fullmatch(r"/jobs/([^/]+)", rest):
            return self.by_method(question, match[1], GET=self.read)
        if match := re.fullmatch(r"/jobs/([^/]+)/cancel", rest):
            return self.by_method(question, match[1], POST=self.cancel)
        raise Refused(404, "no_such_page", "There is no such page.")

    def by_method(self, question: Question, *arguments: str, **handlers: Any) -> Answer:
        """The handler for the method, or 405."""
        if question.method not in handlers:
            allow = {"Allow": ", ".join(handlers)}
            raise Refused(405, "method_not_allowed", f"{question.method} is not possible here.", allow)
        answer: Answer = handlers[question.method](question, *arguments)
        return answer

    # -- operations ------------------------------------------------------------------------------------------------

    def create(self, question: Question) -> Answer:
        """POST /jobs."""
        self.may_write(question)
        job = self.new_job(self.new_job_facts(question), question.user.newsroom)
        return Answer(201, self.shown(job), {"Location": f"{BASE}/jobs/{job.id}"})

    def new_job_facts(self, question: Question) -> Mapping[str, Any]:
        """The body of a create, checked."""
        try:
            facts = json.loads(question.body)
        except ValueError:
            raise Refused(400, "bad_request", "The body is not JSON.") from None
        if not isinstance(facts, dict) or not {"title", "pages"} <= set(facts) <= {"title", "pages", "copies"}:
            raise Refused(422, "invalid_job", "title and pages, please.")
        if not isinstance(facts["title"], str) or not isinstance(facts["pages"], int):
            raise Refused(422, "invalid_job", "title and pages are not acceptable.")
        return facts

    def list(self, question: Question) -> Answer:
        """GET /jobs."""
        mine = self.visible(question)
        page = int(re.sub(r"\D", "", question.query.partition("page=")[2].partition("&")[0]) or "1")
        shown = [self.entry(job) for job in mine[20 * (page - 1) : 20 * page]]
        return Answer(200, {"items": shown, "page": page, "total": len(mine)})

    def visible(self, question: Question) -> list[Job]:
        """The newsroom's jobs, newest first."""
        with self.lock:
            return [job for job in reversed(self.jobs.values()) if job.newsroom == question.user.newsroom]

    def read(self, question: Question, id: str) -> Answer:
        """GET /jobs/{jobId}."""
        return Answer(200, self.shown(self.find(question, id)))

    def cancel(self, question: Question, id: str) -> Answer:
        """POST /jobs/{jobId}/cancel."""
        self.well_formed(id)
        self.may_write(question)
        with self.lock:
            job = self.find(question, id)
            self.turn(job, self.cancels_to(job))
            return Answer(200, self.shown(job))

    def cancels_to(self, job: Job) -> str:
        """The state a cancel leads to, if it is accepted."""
        if job.state not in CANCELLABLE:
            raise self.not_cancellable(job)
        return CANCELLABLE[job.state]

    def not_cancellable(self, job: Job) -> Refused:
        """The 409."""
        return Refused(409, "job_not_cancellable", f"Job {job.id} is {job.state}.")

    def turn(self, job: Job, state: str) -> None:
        """From now on a job is in `state`; one that stops is stopped a little later."""
        now = time.time()
        job.moves = [*job.past(), (now, state)]
        if state == "CANCELLING":
            job.moves.append((now + STOPPING_TAKES, "CANCELLED"))

    # -- what the operations share ---------------------------------------------------------------------------------

    def may_write(self, question: Question) -> None:
        """Read-only tokens may not."""
        if not question.user.may_write:
            raise Refused(403, "read_only_token", "This token can only read.")

    def find(self, question: Question, id: str) -> Job:
        """The newsroom's job with this id."""
        self.well_formed(id)
        job = self.jobs.get(id)
        if job is None or job.newsroom != question.user.newsroom:
            raise Refused(404, "job_not_found", f"There is no job {id}.")
        return job

    def well_formed(self, id: str) -> None:
        """What cannot be an id is not looked for."""
        if not re.fullmatch(r"pj-[0-9a-f]{12}", id):
            raise Refused(400, "bad_request", "jobId is malformed.")

    def shown(self, job: Job) -> dict[str, Any]:
        """A job as its representation."""
        past = job.past()
        return {
            "id": job.id,
            "title": job.title,
            "pages": job.pages,
            "copies": job.copies,
            "status": past[-1][1],
            "pagesPrinted": 0,
            "createdAt": moment(past[0][0]),
            "finishedAt": moment(past[-1][0]) if past[-1][1] in ENDED else None,
            "history": [{"status": state, "at": moment(at)} for at, state in past],
        }

    def entry(self, job: Job) -> dict[str, Any]:
        """A job in the list."""
        return self.shown(job)


def moment(at: float) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def serving(vendor: FakeVendor) -> Iterator[str]:
    """Serve a vendor on a free port of this machine; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            question = Question(self.command, path, query, headers, self.rfile.read(length))
            vendor.log.append(question)
            self.give(vendor.respond(question))

        def give(self, answer: Answer) -> None:
            text = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            body = b"" if answer.body is None else text
            self.send_response(answer.status)
            for name, value in {"Content-Type": answer.media_type, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = answer

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Quiet: clients of ours hang up on purpose."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
