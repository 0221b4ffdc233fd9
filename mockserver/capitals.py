"""Header names as vendors' servers write them: `Content-Type`, not `content-type`.

To HTTP it is all the same, and uvicorn knows lower case only. To a script that looks for `WWW-Authenticate:` it is not.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache

IRREGULAR = {b"www-authenticate": b"WWW-Authenticate"}
INTERIM = b"HTTP/1.1 1"  # how a reply begins that only says to go on


class CapitalHead:
    """Where one reply is written to. The first piece of it is its head."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._before_head = True
        self.close = transport.close
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write on, the head in capitals."""
        if self._before_head and not data.startswith(INTERIM):
            self._before_head = False
            data = capitalized(data)
        self._transport.write(data)


def capitalized(head: bytes) -> bytes:
    """The head of a reply with its header names in capitals."""
    status, *lines = head.split(b"\r\n")
    return b"\r\n".join([status, *map(_capitalized_line, lines)])


def _capitalized_line(line: bytes) -> bytes:
    name, colon, value = line.partition(b":")
    return _capitalized_name(name) + colon + value


@lru_cache(maxsize=256)
def _capitalized_name(name: bytes) -> bytes:
    return IRREGULAR.get(name) or b"-".join(word.capitalize() for word in name.split(b"-"))
