"""`X-VCAP-Request-ID`: what every reply carries (E32)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockserver.ids import Ids

HEADER = "X-VCAP-Request-ID"
MAX_GIVEN = 255  # characters kept of the caller's own id (E32)

_NOT_KEPT = re.compile(r"[^A-Za-z0-9_-]")


class RequestIds:
    """Numbers requests from a sequence of its own, so that how many there were changes no other id."""

    def __init__(self, ids: Ids) -> None:
        self._ids = Ids(ids.hex(16))

    def of(self, headers: Mapping[str, str]) -> str:
        """A fresh id, after the caller's own if it sent one."""
        given = headers.get("x-vcap-request-id") or headers.get("x-request-id")
        kept = _NOT_KEPT.sub("", given)[:MAX_GIVEN] if given else ""
        return f"{kept}::{self._ids.guid()}" if kept else self._ids.guid()
