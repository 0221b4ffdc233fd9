"""HTTP/1.1 with nothing between: a request's bytes go out exactly as given, once, after the guard has agreed.

Client libraries normalise paths, add headers, retry and follow redirects; for the claims each of these would
hide or cause the very thing that is checked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from contracts.admission import DEFAULT_PORTS, READING
from contracts.exchange import Exchange, Outgoing, Reply
from contracts.guard import Guard
from contracts.target import Target, TargetError

LARGEST_REPLY = 16 * 1024 * 1024  # bytes; more than any page of jobs


class NoAnswer(Exception):
    """A request went out and no whole answer came back; the message says what was seen instead."""


class Closed(NoAnswer):
    """Nothing listens, or the connection could not be opened: the request did not go out."""


@dataclass(slots=True)
class Connection:
    """One TCP or TLS connection to an origin."""

    socket: socket.socket
    used: bool = False

    @classmethod
    def open(cls, origin: str, tls: ssl.SSLContext, timeout: float) -> Connection:
        """Connect. Raises Closed."""
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
        try:
            plain = socket.create_connection((host, port), timeout)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return cls(tls.wrap_socket(plain, server_hostname=host) if parts.scheme == "https" else plain)
        except ssl.SSLCertVerificationError as error:
            raise Closed(
                f"{origin} shows a certificate that is not trusted: {error.verify_message}. "
                "Name the file of its issuer in the target's `tls_ca`"
            ) from error
        except OSError as error:
            raise Closed(f"{origin} cannot be reached: {error}") from error

    def send(self, data: bytes) -> None:
        """Send bytes as they are. Raises NoAnswer where the peer is gone."""
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise NoAnswer(f"the connection broke while sending: {error}") from error

    def reply(self, method: str) -> Reply:
        """Read one reply. Raises NoAnswer."""
        started = time.monotonic()
        acknowledge_at_once(self.socket)
        response = http.client.HTTPResponse(self.socket, method=method)
        try:
            response.begin()
            body = response.read(LARGEST_REPLY)
        except TimeoutError as error:
            raise NoAnswer(f"no answer within {self.socket.gettimeout():g} s") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(f"the connection ended without an answer: {error or type(error).__name__}") from error
        self.used = True
        if response.will_close:
            self.close()
        return Reply(response.status, _joined(response.getheaders()), body, time.monotonic() - started)

    @property
    def reusable(self) -> bool:
        """Whether the connection is open and idle, as far as one can tell without sending."""
        return self.socket.fileno() >= 0

    def close(self) -> None:
        """Close, however far things have got."""
        self.socket.close()


def acknowledge_at_once(connected: socket.socket) -> None:
    """A server that writes a reply in two parts waits for our acknowledgement in between: 40 ms by default."""
    if hasattr(socket, "TCP_QUICKACK"):
        with suppress(OSError):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def octets(outgoing: Outgoing) -> bytes:
    """The bytes of a request. Nothing is escaped: a probe's target goes out as it stands."""
    lines = [f"{outgoing.method} {outgoing.target} HTTP/1.1", *(f"{n}: {v}" for n, v in outgoing.headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + outgoing.body


def framed(origin: str, headers: Mapping[str, str], method: str, body: bytes | None) -> dict[str, str]:
    """Headers completed with what every request needs: Host, and the length of the body."""
    framing = {"Host": urlsplit(origin).netloc}
    if body is not None or method in {"POST", "PUT", "PATCH"}:
        framing["Content-Length"] = str(len(body or b""))
    return framing | {"Accept": "application/json", "User-Agent": "countermand"} | dict(headers)


@dataclass(slots=True)
class Held:
    """A request that is connected and written but for its last byte; `release` lets it go and reads the answer."""

    wire: Wire
    connection: Connection
    exchange: Exchange

    def release(self) -> Reply:
        """Send the last byte and read the reply. Raises NoAnswer."""
        return self.wire.finish(self.connection, self.exchange, octets(self.exchange.outgoing)[-1:])

    def abandon(self) -> None:
        """Send the last byte and hang up without reading: the answer is lost."""
        self.connection.send(octets(self.exchange.outgoing)[-1:])
        self.connection.close()
        self.wire.guard.settle(self.exchange, None, "hung up on purpose before the answer")


class Wire:
    """Sends for one target. Reads share a connection per thread; everything else gets a fresh one, and one try."""

    def __init__(self, target: Target, guard: Guard) -> None:
        self.target = target
        self.guard = guard
        self._tls = trust(target)
        self._idle: dict[int, Connection] = {}  # by thread

    def send(self, outgoing: Outgoing) -> Reply:
        """One request, one reply. Raises GuardRefused, NoAnswer or Closed."""
        exchange = self.guard.admit(outgoing)
        if exchange.trigger not in READING:
            return self.finish(self._connect(exchange), exchange, octets(outgoing))
        connection = self._idle.get(threading.get_ident())
        if connection is not None and connection.reusable:
            try:
                return self._keep(connection, exchange)
            except NoAnswer:
                connection.close()  # an idle connection may be closed by the server at any time: reads go out again
                exchange = self.guard.admit(outgoing)
        return self._keep(self._connect(exchange), exchange)

    def hold(self, outgoing: Outgoing) -> Held:
        """Connect and write a request but for its last byte, so that many can be released at one moment."""
        exchange = self.guard.admit(outgoing)
        connection = self._connect(exchange)
        try:
            connection.send(octets(outgoing)[:-1])
        except NoAnswer as error:
            self.guard.settle(exchange, None, str(error))
            raise
        return Held(self, connection, exchange)

    def close(self) -> None:
        """Close what is idle."""
        for connection in self._idle.values():
            connection.close()

    def finish(self, connection: Connection, exchange: Exchange, data: bytes) -> Reply:
        """Send the (rest of the) request on a connection of its own, read the reply and close."""
        try:
            return self._answered(connection, exchange, data)
        finally:
            connection.close()

    def _keep(self, connection: Connection, exchange: Exchange) -> Reply:
        reply = self._answered(connection, exchange, octets(exchange.outgoing))
        self._idle[threading.get_ident()] = connection
        return reply

    def _connect(self, exchange: Exchange) -> Connection:
        try:
            return Connection.open(exchange.outgoing.origin, self._tls, self.target.timeout)
        except Closed as error:
            self.guard.settle(exchange, None, str(error))
            raise

    def _answered(self, connection: Connection, exchange: Exchange, data: bytes) -> Reply:
        try:
            connection.send(data)
            reply = connection.reply(exchange.outgoing.method)
        except NoAnswer as error:
            self.guard.settle(exchange, None, str(error))
            raise
        self.guard.settle(exchange, reply)
        return reply


def trust(target: Target) -> ssl.SSLContext:
    """Whose certificates are believed. TargetError where `tls_ca` holds none."""
    try:
        return ssl.create_default_context(cafile=str(target.tls_ca) if target.tls_ca else None)
    except OSError:  # an SSLError is one
        raise TargetError(
            f"{target.tls_ca}: holds no certificates. Expected PEM, as [{target.name}] tls_ca. Name another file."
        ) from None
