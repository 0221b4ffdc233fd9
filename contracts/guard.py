"""What may be sent. Every sender of the process asks here, and what is not plainly allowed stays here.

A request leaves only if its origin is the target's (or the token address), its method and path match an
operation of the spec or a probe announced beforehand, its effect is in the target's `may`, every id in path,
query and body is ours or reserved, and every scope parameter is the target's or that of the job it names.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import requests.adapters
import requests.sessions

from contracts.admission import Admission, Admissions, NotAllowed, Probe
from contracts.exchange import Exchange, Outgoing, Reply
from contracts.ledger import ForeignId, Ledger
from contracts.target import Target
from specs import Spec
from specs.lifecycle import value_at
from specs.model import Operation

HARMLESS = frozenset({"read", "list", "token", "create"})  # triggers that change no job that exists
LONGEST_WAIT = 60.0  # seconds that a Retry-After may hold us back

__all__ = ["Guard", "GuardRefused", "KeptBack", "Probe"]


class GuardRefused(requests.RequestException):
    """The guard kept a request back; nothing was sent. Neither a connection error nor a timeout: nobody may retry."""


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A request that did not leave, and why."""

    method: str
    target: str
    reason: str
    label: str


@dataclass(slots=True)
class _Pace:
    """When the next request may leave."""

    interval: float  # seconds between requests; 0: no limit
    next: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> None:
        """Sleep until it is our turn."""
        with self.lock:
            turn = max(time.monotonic(), self.next)
            self.next = turn + self.interval
        if (pause := turn - time.monotonic()) > 0:
            time.sleep(pause)

    def hold(self, seconds: float) -> None:
        """Let nothing leave for a while."""
        with self.lock:
            self.next = max(self.next, time.monotonic() + min(seconds, LONGEST_WAIT))


class Guard:
    """The guard of one target. `installed` puts it under `requests`; other senders call `admit` and `settle`."""

    def __init__(self, spec: Spec, target: Target) -> None:
        self.spec = spec
        self.target = target
        self.ledger = Ledger()
        self.journal: list[Exchange] = []
        self.kept_back: list[KeptBack] = []
        self._admissions = Admissions(spec, target, self.ledger)
        self._pace = _Pace(1.0 / target.rate if target.rate else 0.0)
        self._lock = threading.RLock()
        self._labels = ["run"]
        self._lost: Outgoing | None = None

    @contextmanager
    def installed(self) -> Iterator[Guard]:
        """Stand under `requests.adapters.HTTPAdapter.send` for the whole process; redirects are not followed."""
        adapter, redirects = requests.adapters.HTTPAdapter, requests.sessions.SessionRedirectMixin
        send, follow = adapter.send, redirects.get_redirect_target
        adapter.send = self._around(send)  # type: ignore[method-assign]
        redirects.get_redirect_target = lambda self, response: None  # type: ignore[method-assign, assignment]
        try:
            yield self
        finally:
            adapter.send = send  # type: ignore[method-assign]
            redirects.get_redirect_target = follow  # type: ignore[method-assign]

    @contextmanager
    def probing(self, *probes: Probe) -> Iterator[None]:
        """Let exactly these requests out in addition to the spec's operations."""
        with self._lock:
            self._admissions.probes.extend(probes)
        try:
            yield
        finally:
            with self._lock:
                for probe in probes:
                    self._admissions.probes.remove(probe)

    @contextmanager
    def labelled(self, label: str) -> Iterator[None]:
        """Enter every request sent meanwhile into the journal under this label (a claim's id, a phase)."""
        self._labels.append(label)
        try:
            yield
        finally:
            self._labels.remove(label)

    def check(self, outgoing: Outgoing) -> str | None:
        """Why this request must not leave, or None. Sends and records nothing (for `plan` and for tests)."""
        try:
            self._admissions.of(outgoing)
        except NotAllowed as refusal:
            return str(refusal)
        return None

    def operation_of(self, outgoing: Outgoing) -> Operation | None:
        """The operation that a request is a call of, or None."""
        return self._admissions.operation_of(outgoing)

    def admit(self, outgoing: Outgoing) -> Exchange:
        """Enter a request into the journal and wait for its turn (rate, Retry-After). Raises GuardRefused."""
        with self._lock:
            admission = self._allowed(outgoing)
        self._pace.wait()
        with self._lock:
            exchange = self._entry(outgoing, admission)
            self.journal.append(exchange)
        return exchange

    def settle(self, exchange: Exchange, reply: Reply | None, failure: str = "") -> None:
        """Note how a request ended; learns the id of a job that we created, and foreign ids from lists."""
        with self._lock:
            exchange.reply, exchange.failure = reply, failure
            self._lost = exchange.outgoing if failure and exchange.trigger not in {"read", "list"} else None
            if reply is not None:
                self._learn(exchange, reply)

    @property
    def touched(self) -> tuple[str, ...]:
        """Ids of jobs that received a state-changing request, in order."""
        ids = (id for exchange in self.journal if exchange.trigger not in HARMLESS for id in exchange.ids)
        return tuple(dict.fromkeys(id for id in ids if self.ledger.is_ours(id)))

    def asked_for_change(self, id: str) -> bool:
        """Whether a request that may have changed this job was not refused, whoever sent it."""
        return any(each.reply is None or each.reply.status < 400 for each in self._naming(id))

    def named_for_change(self, id: str) -> bool:
        """Whether a request that is about changing a job has named this one, whatever it was answered."""
        return any(True for _ in self._naming(id))

    def _naming(self, id: str) -> Iterator[Exchange]:
        return (each for each in self.journal if id in each.ids and each.trigger not in HARMLESS)

    @property
    def requests(self) -> int:
        """How many requests left."""
        return len(self.journal)

    def _allowed(self, outgoing: Outgoing) -> Admission:
        try:
            return self._admissions.of(outgoing)
        except NotAllowed as refusal:
            kept = KeptBack(outgoing.method, outgoing.target, str(refusal), self._labels[-1])
            self.kept_back.append(kept)
            raise GuardRefused(f"{outgoing.method} {outgoing.target} was not sent: {refusal}") from None

    def _not_again(self, outgoing: Outgoing) -> None:
        """A request that changes something and was not answered may have been carried out: once is enough."""
        lost, self._lost = self._lost, None
        if lost and (lost.method, lost.target, lost.body) == (outgoing.method, outgoing.target, outgoing.body):
            raise GuardRefused(f"{outgoing.method} {outgoing.target} is not sent a second time after a lost answer")

    def _entry(self, outgoing: Outgoing, admission: Admission) -> Exchange:
        number = len(self.journal) + 1
        named = admission.operation.operation_id if admission.operation else ""
        return Exchange(number, time.time(), outgoing, named, admission.trigger, admission.ids, self._labels[-1])

    def _learn(self, exchange: Exchange, reply: Reply) -> None:
        if reply.status in {429, 503} and (seconds := reply.headers.get("retry-after", "")).isdecimal():
            self._pace.hold(float(seconds))
        operation = self.spec.operations.get(exchange.operation_id)
        effect = operation.effect if operation else None
        if effect is None or not reply.ok:
            return
        if effect.trigger == "create" and effect.id and effect.id.where == "response":
            self._learn_created(exchange, value_at(reply.json, effect.id.name))
        if effect.trigger == "list" and effect.items:
            self._learn_listed(exchange, effect.resource, value_at(reply.json, effect.items))

    def _learn_created(self, exchange: Exchange, id: Any) -> None:
        if isinstance(id, str) and id:
            try:
                self.ledger.created(id, exchange.number, self._admissions.parameters(exchange.outgoing))
            except ForeignId:
                exchange.failure = f"the reply names {id}, which was there before: not taken as ours"

    def _learn_listed(self, exchange: Exchange, resource: str, items: Any) -> None:
        place = self.spec.lifecycles[resource].id
        ids = (value_at(item, place) for item in items) if isinstance(items, list) else ()
        self.ledger.saw((id for id in ids if isinstance(id, str)), exchange.number)

    def _around(self, real_send: Any) -> Any:
        def send(
            adapter: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any
        ) -> requests.Response:
            outgoing = outgoing_of(request)
            self._not_again(outgoing)
            exchange = self.admit(outgoing)
            try:
                response: requests.Response = real_send(adapter, request, *args, **kwargs)
                content = response.content
            except Exception as error:
                self.settle(exchange, None, f"{type(error).__name__}: {error}")
                raise
            headers = {name.lower(): value for name, value in response.headers.items()}
            elapsed = time.time() - exchange.started
            self.settle(exchange, Reply(response.status_code, headers, content, elapsed))
            return response

        return send


def outgoing_of(request: requests.PreparedRequest) -> Outgoing:
    """A prepared request as the guard sees it."""
    parts = urlsplit(request.url or "")
    body = request.body if request.body is not None else b""
    return Outgoing(
        method=(request.method or "").upper(),
        origin=f"{parts.scheme}://{parts.netloc}",
        target=request.path_url,
        headers={str(name).lower(): _text(value) for name, value in request.headers.items()},
        body=body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body),
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
