"""Requests that were damaged on their way: every mutation gets an answer that is no server error, or none at all."""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Callable, Iterator

import pytest

from mockserver.app import Settings, build
from mockserver.control.handlers import identities
from mockserver.server import served
from specs import load, systems

PATIENCE = 5.0  # seconds; the mock itself waits longer for the rest of a request, so each ends with the client's end
NOISE = [
    b"\0",
    b"\r\n",
    b"\n",
    b" ",
    b"%00",
    b"%2f",
    b"%",
    b"..",
    b"//",
    b"\xff",
    b"{",
    b'"',
    b":",
    b"=",
    b"&",
    b"9" * 30,
]

Mutate = Callable[[random.Random, bytes], bytes]


def flipped(chance: random.Random, raw: bytes) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]


def cut(chance: random.Random, raw: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
    return raw[:start] + raw[end:]


def repeated(chance: random.Random, raw: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
    return raw[:end] + raw[start:end] * chance.choice([1, 2, 200]) + raw[end:]


def salted(chance: random.Random, raw: bytes) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.choice(NOISE) + raw[at:]


MUTATIONS: list[Mutate] = [flipped, cut, repeated, salted]


def requests_of(system: str, credentials: dict[str, str]) -> Iterator[bytes]:
    """A sound request for every operation, and one for the control API."""
    spec = load(system)
    proof = f"Bearer {credentials['token']}" if "token" in credentials else 'Digest username="x", realm="y"'
    for operation in spec.operations.values():
        path = re.sub(r"\{[^}]*\}", "507f1f77bcf86cd799439012", spec.base_path + operation.path)
        body = b'{"state": "x", "options": [1, {"a": null}]}' if operation.method in ("POST", "PATCH") else b""
        head = f"{operation.method} {path}?pretty=true&page=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: {proof}\r\n"
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        yield f"{head}{kind}\r\n".encode() + body
    yield b'POST /__mock__/clock/advance HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n\r\n{"seconds": 0}'


def exchange(address: tuple[str, int], raw: bytes) -> bytes:
    """All that comes back on a connection of its own."""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        received = b""
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            raise
        except OSError:  # the mock has hung up
            pass
        return received


@pytest.mark.parametrize("count", [60, pytest.param(5000, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
@pytest.mark.parametrize("system", systems())
def test_damaged_requests_meet_no_server_error(system: str, count: int, caplog: pytest.LogCaptureFixture) -> None:
    mock = build(Settings((system,), clock="virtual"))
    owner: dict[str, str] = identities(mock.sites)[system]["owner"]
    sound, chance = list(requests_of(system, owner)), random.Random(count)

    with served(mock) as url:
        host, port = url.removeprefix("http://").split(":")
        for _ in range(count):
            raw = chance.choice(sound)
            for _ in range(chance.randint(1, 3)):
                raw = chance.choice(MUTATIONS)(chance, raw) or b"\n"
            statuses = re.findall(rb"^HTTP/1\.1 (\d{3})", exchange((host, int(port)), raw), re.MULTILINE)
            assert [status for status in statuses if status >= b"500"] == [], raw

    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
