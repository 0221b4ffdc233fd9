"""Requests byte for byte, and digest proofs, for clients that are replayed here because they cannot run here."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import md5
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def exchange(url: str, *lines: str, body: str = "") -> Reply:
    """Send these lines on a connection of its own; the Host header goes after the first."""
    address = urlsplit(url)
    first, *others = lines
    head = "\r\n".join([first, f"Host: {address.netloc}", *others, "Connection: close", "", ""])
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall((head + body).encode())
        return _reply(b"".join(iter(lambda: connection.recv(65536), b"")))


def _reply(raw: bytes) -> Reply:
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    headers = (field.split(": ", 1) for field in fields)
    return Reply(int(status.split()[1]), {name.lower(): value for name, value in headers}, body)


def hexed(text: str) -> str:
    return md5(text.encode()).hexdigest()


def proof(user: str, realm: str, password: str, method: str, target: str) -> Callable[[str], str]:
    """The `response` of an answer, for whatever stands between the two hashes (`nonce:nc:cnonce:qop`)."""
    secret, request = hexed(f"{user}:{realm}:{password}"), hexed(f"{method}:{target}")
    return lambda between: hexed(f"{secret}:{between}:{request}")
