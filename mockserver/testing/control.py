"""The control API from a test's side: JSON there, JSON back."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from mockserver.errors import MockserverError

PREFIX = "/__mock__"
TIMEOUT = 30.0  # seconds; a reset of a crowded mock is the longest call


class ControlError(MockserverError):
    """The mock would not do what the test asked for, or is gone. The message is the mock's own where it had one."""


class Control:
    """The control API of one mock. No proxy of the environment stands between."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._address = urlsplit(url).netloc

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the mock answers. `path` is below the prefix."""
        status, answer = self._exchange(method, PREFIX + path, None if body is None else json.dumps(body))
        if status >= 400:
            raise ControlError(answer["message"])
        return answer

    def _exchange(self, method: str, target: str, body: str | None) -> tuple[int, Any]:
        connection = HTTPConnection(self._address, timeout=TIMEOUT)
        try:
            connection.request(method, target, body, {"Content-Type": "application/json"} if body else {})
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        except (OSError, HTTPException, ValueError) as error:
            raise ControlError(
                f"{method} {self.url}{target}: no answer of a mock ({error!r}). Has it been stopped?"
            ) from error
        finally:
            connection.close()
