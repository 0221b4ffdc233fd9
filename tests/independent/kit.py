"""A vendor server on plain sockets and wall-clock time: no control API, strangers' jobs in its lists, a log as judge.

Nothing here knows the mock or the suite. Bugs are switches (`self.bug("name")`), off by default.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

STEP = 6.0  # seconds a created job stays in each running state
SETTLE = 0.6  # seconds an accepted cancel takes where it is asynchronous


@dataclass
class Job:
    """A job with its planned moments (time, state)."""

    id: str
    scope: tuple[str, ...]
    tenant: str
    moments: list[tuple[float, str]]
    fields: dict[str, Any] = field(default_factory=dict)

    def past(self) -> list[tuple[float, str]]:
        now = time.time()
        return [m for m in self.moments if m[0] <= now] or self.moments[:1]

    @property
    def state(self) -> str:
        return self.past()[-1][1]

    def turn(self, *steps: tuple[float, str]) -> None:
        self.moments = self.past()
        at = time.time()
        for seconds, state in steps:
            at += seconds
            self.moments.append((at, state))


@dataclass
class Request:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    signed: tuple[str, str] = ("", "")  # method and target as they were sent, which is what a client signs
    socket: socket.socket | None = None  # what it came by

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass
class Response:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


class Refused(Exception):
    """A refusal on its way to the client."""

    def __init__(self, response: Response) -> None:
        super().__init__(str(response.status))
        self.response = response


@dataclass
class LogEntry:
    """One request as the server saw it; `ids` are the job ids its path or body named."""

    method: str
    target: str
    ids: tuple[str, ...]
    status: int


class Digest:
    """MD5 digest with qop=auth as a server checks it."""

    def __init__(self, passwords: Mapping[str, str], bug: Callable[[str], bool]) -> None:
        self.passwords, self.bug = passwords, bug
        self.nonces: dict[str, tuple[float, int]] = {}
        self.lock = threading.Lock()

    def challenge(self, stale: bool = False) -> str:
        nonce = base64.b64encode(os.urandom(24)).decode()
        with self.lock:
            self.nonces[nonce] = (time.time(), 0)
        return (
            f'Digest realm="MMS Public API", domain="", nonce="{nonce}", algorithm=MD5, '
            f'qop="auth", stale={"true" if stale else "false"}'
        )

    def user(self, request: Request) -> str | None:
        header = request.headers.get("authorization", "")
        if not header.startswith("Digest "):
            return None
        parts = {k: q or p for k, q, p in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}
        name = parts.get("username", "")
        if name not in self.passwords or (parts.get("uri") != request.signed[1] and not self.bug("digest_any_uri")):
            return None
        expected = self._expected(parts, name, request.signed[0])
        if parts.get("response") != expected and not self.bug("wrong_password_ok"):
            return None
        return name if self._fresh(parts) else None

    def _expected(self, parts: Mapping[str, str], name: str, method: str) -> str:
        def md5(text: str) -> str:
            return hashlib.md5(text.encode("utf-8", "replace")).hexdigest()

        ha1 = md5(f"{name}:MMS Public API:{self.passwords[name]}")
        ha2 = md5(f"{method}:{parts.get('uri', '')}")
        if "qop" not in parts:
            return md5(f"{ha1}:{parts.get('nonce')}:{ha2}")
        return md5(f"{ha1}:{parts.get('nonce')}:{parts.get('nc')}:{parts.get('cnonce')}:{parts['qop']}:{ha2}")

    def _fresh(self, parts: Mapping[str, str]) -> bool:
        with self.lock:
            entry = self.nonces.get(parts.get("nonce", ""))
            if entry is None:
                return self.bug("digest_any_nonce")
            born, last = entry
            nc = int(parts.get("nc", "0") or "0", 16)
            known = nc == last if self.bug("digest_last_count_only") else nc <= last
            if "qop" in parts and known and not self.bug("digest_replay"):
                return False
            self.nonces[parts["nonce"]] = (born, nc if self.bug("digest_last_count_only") else max(last, nc))
            return time.time() - born < 60


class Vendor:
    """What the four servers share. A vendor gives names, routes, words and rules."""

    base = ""
    id_pattern = r"[^/]+"
    scheme = "bearer"
    running: tuple[str, ...] = ()
    ends = ""
    cancellable: frozenset[str] = frozenset()

    def __init__(self, bugs: frozenset[str] = frozenset()) -> None:
        self.bugs = bugs
        self.lock = threading.RLock()
        self.jobs: dict[str, Job] = {}
        self.log: list[LogEntry] = []
        self.users = {name: f"{name}-{uuid.uuid4().hex}" for name in ("owner", "reader", "stranger")}
        self.digest = Digest(self.users, self.bug)
        self.url = ""
        self.door: Callable[[Request], Response] = self.straight
        self.fill()

    # -- what a vendor says ------------------------------------------------------------------------------

    def fill(self) -> None: ...

    def call(self, request: Request) -> Response:
        raise NotImplementedError

    def refuse(self, kind: str, **facts: Any) -> Refused:
        raise NotImplementedError

    # -- what they share ---------------------------------------------------------------------------------

    def bug(self, name: str) -> bool:
        return name in self.bugs

    def add(self, job: Job) -> Job:
        with self.lock:
            self.jobs[job.id] = job
        return job

    def who(self, request: Request) -> str | None:
        if self.scheme == "digest":
            return self.digest.user(request)
        header = request.headers.get("authorization", "")
        token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else None
        if token is None:
            return None
        if self.bug("wrong_password_ok"):
            return next((n for n, t in self.users.items() if t == token), "owner")
        return next((n for n, t in self.users.items() if t == token), None)

    def answer(self, request: Request) -> Response:
        return self.door(replace(request, signed=(request.method, request.target)))

    def straight(self, request: Request) -> Response:
        try:
            return self.mangle(request, self.call(self.bent(request)))
        except Refused as refused:
            return self.mangle(request, refused.response)
        except Exception:
            if self.bug("crash_shows_trace"):
                return Response(
                    500, 'Traceback (most recent call last):\n  File "/srv/app.py", line 7', {}, "text/plain"
                )
            return self.refuse("crash").response

    def bent(self, request: Request) -> Request:
        """Bugs of the front door: what arrives is not what was sent."""
        method, target = request.method, request.target
        path = urlsplit(target).path
        if self.bug("override_header"):
            method = request.headers.get("x-http-method-override", request.headers.get("x-http-method", method)).upper()
        if self.bug("head_is_action") and method == "HEAD":
            method = self.cancel_method
        if self.bug("get_cancels") and method == "GET" and self.is_cancel_path(path):
            method = self.cancel_method
        if self.bug("put_cancels") and method == "PUT" and self.is_cancel_path(path):
            method = self.cancel_method
        if self.bug("trailing_slash"):
            target = re.sub(r"(?<=.)/+(?=$|\?)", "", target)
        if self.bug("double_slash"):
            target = re.sub(r"/{2,}", "/", target)
        if self.bug("dot_segments"):
            target = re.sub(r"/[^/]+/\.\.(?=/)", "", target.replace("/./", "/"))
        if self.bug("any_case"):
            target = self.lower_words(target)
        return replace(request, method=method, target=target)

    cancel_method = "POST"
    words: tuple[str, ...] = ()  # of the vendor's paths

    def is_cancel_path(self, path: str) -> bool:
        return path.endswith("/cancel")

    def lower_words(self, target: str) -> str:
        """The path with the case of its words mended; ids have no capitals anyway."""
        path, mark, query = target.partition("?")
        for word in self.words:
            path = re.sub(rf"(?<=/){re.escape(word)}(?=/|$)", word, path, flags=re.IGNORECASE)
        return path + mark + query

    def mangle(self, request: Request, response: Response) -> Response:
        """Bugs of the way out."""
        if response.status >= 400:
            if self.bug("plain_errors"):
                return Response(response.status, "refused", response.headers, "text/plain")
            if self.bug("html_errors"):
                return Response(response.status, "<html><body>error</body></html>", response.headers, "text/html")
            if self.bug("no_challenge"):
                response.headers.pop("WWW-Authenticate", None)
            if self.bug("leaky_errors") and isinstance(response.body, dict):
                response.body = self.with_leak(response.body)
        elif self.bug("html_success") and response.body is not None:
            response.media_type = "text/html"
        return response

    def with_leak(self, body: dict[str, Any]) -> dict[str, Any]:
        return body

    def need_user(self, request: Request) -> str:
        user = self.who(request)
        if user is None and self.bug("no_login_needed"):
            return "owner"
        if user is None:
            if self.bug("refusal_acts"):
                self.act_anyway(request)
            raise self.refuse("unauthenticated", given="authorization" in request.headers)
        return user

    def act_anyway(self, request: Request) -> None:
        """The request is refused, and done all the same."""
        for job in self.named(request):
            if job.state in self.cancellable and self.is_cancel(request):
                self.do_cancel(job)

    def is_cancel(self, request: Request) -> bool:
        return request.method == self.cancel_method and self.is_cancel_path(request.path)

    def named(self, request: Request) -> list[Job]:
        text = unquote(request.target) + request.body.decode("utf-8", "replace")
        return [job for id, job in list(self.jobs.items()) if id in text]

    def cancel(self, job: Job) -> None:
        """The transition, under the lock, with the bugs of the state machine."""
        if self.bug("race") and job.state in self.cancellable:
            time.sleep(0.05)  # decide now, write later, with no lock held
            self.do_cancel(job)
            return
        with self.lock:
            if job.state not in self.cancellable and not self.lets_through(job):
                self.after_refusal(job)
                raise self.refuse("wrong_state", state=job.state, job=job)
            if self.bug("cancel_does_nothing") or (
                self.bug("cancel_of_ended_says_ok") and job.state not in self.cancellable
            ):
                return
            self.do_cancel(job)
            self.spill(job)

    def lets_through(self, job: Job) -> bool:
        return (
            self.bug("cancels_ended")
            or self.bug("cancel_of_ended_says_ok")
            or (self.bug("cancels_failed") and job.state.upper() == "FAILED")
            or (self.bug("repeat_ok") and job.state.upper().startswith("CANCEL"))
        )

    def after_refusal(self, job: Job) -> None:
        if self.bug("refusal_touches"):
            self.touch(job)

    def touch(self, job: Job) -> None:
        job.moments.append((time.time(), job.state))

    def spill(self, job: Job) -> None:
        """Bugs that reach other jobs."""
        others = [j for j in self.jobs.values() if j is not job and j.state in self.cancellable]
        same = [j for j in others if j.tenant == job.tenant]
        if self.bug("cancels_sibling") and same:
            self.do_cancel(same[-1])
        if self.bug("cancels_all"):
            for other in same:
                self.do_cancel(other)

    def do_cancel(self, job: Job) -> None:
        before = job.state
        if self.bug("cancel_is_late"):
            job.turn((1.5, self.cancelled_states(before)[0][1]))
        elif self.bug("comes_back"):
            job.turn(*self.cancelled_states(before), (0.5, before))
        elif self.bug("ends_failed"):
            job.turn((0, "FAILED" if "FAILED" in self.ends else "Failed"))
        else:
            job.turn(*self.cancelled_states(before))
        if self.bug("job_vanishes"):
            del self.jobs[job.id]

    def cancelled_states(self, before: str) -> list[tuple[float, str]]:
        raise NotImplementedError

    def visible(self, user: str) -> list[Job]:
        return [j for j in self.jobs.values() if j.tenant == self.tenant(user)]

    def tenant(self, user: str) -> str:
        return "theirs" if user == "stranger" else "ours"

    # -- running -----------------------------------------------------------------------------------------

    @contextmanager
    def serving(self) -> Iterator[Vendor]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        server.daemon_threads = True
        server.handle_error = lambda request, address: None  # type: ignore[method-assign] # clients hang up on purpose
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()

    def _handler(vendor) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20

            def log_message(self, *args: Any) -> None: ...

            def handle_any(self) -> None:
                length = self.headers.get("content-length", "0")
                body = self.rfile.read(int(length)) if length.isdigit() else b""
                headers = {k.lower(): v for k, v in self.headers.items()}
                request = Request(self.command, self.path, headers, body, socket=self.connection)
                ids = tuple(j.id for j in vendor.named(request))
                response = vendor.answer(request)
                vendor.log.append(LogEntry(self.command, self.path, ids, response.status))
                self.reply(response)

            def reply(self, response: Response) -> None:
                payload = b""
                if response.body is not None:
                    text = response.body if isinstance(response.body, str) else json.dumps(response.body)
                    payload = text.encode()
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                if response.body is not None:
                    self.send_header("Content-Type", response.media_type)
                if response.status != 204:
                    self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                if self.command != "HEAD" and response.status != 204:
                    with suppress(BrokenPipeError, ConnectionResetError):
                        self.wfile.write(payload)

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self.handle_any
                raise AttributeError(name)

        return Handler


def json_body(request: Request) -> Any:
    """The JSON body, None if there is none; ValueError if it cannot be parsed."""
    return json.loads(request.body.decode("utf-8")) if request.body else None


def iso(at: float, milliseconds: bool = False) -> str:
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
    return f"{text}.{int(at % 1 * 1000):03d}Z" if milliseconds else f"{text}Z"


def hex24() -> str:
    return uuid.uuid4().hex[:24]
