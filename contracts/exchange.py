"""One request and its reply, as they went over the wire: what the journal, HAR and findings are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Final


class NoJson(Enum):
    """The type of `NO_JSON`."""

    NO_JSON = "no JSON"


NO_JSON: Final = NoJson.NO_JSON
"""What `Reply.json` is where the body is empty or cannot be parsed."""


@dataclass(frozen=True)
class Reply:
    """An answer. Header names are lower case; repeated headers are joined with a comma."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed: float = 0.0  # seconds from sending to the last byte

    @cached_property
    def json(self) -> Any:
        """The body as JSON data, or NO_JSON."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except ValueError:
            return NO_JSON

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request about to leave. `origin` is scheme, host and port; `target` the request target exactly as sent."""

    method: str
    origin: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def url(self) -> str:
        """The absolute address."""
        return self.origin + self.target


@dataclass(slots=True)
class Exchange:
    """A journal line. `label` is the claim (or phase) that sent it; `trigger` the effect it was let out for.

    `reply` is None while it is under way and where none came (`failure` says why). Header values are as sent:
    whoever writes them out calls `contracts.secret.scrub`.
    """

    number: int
    started: float  # seconds since the epoch
    outgoing: Outgoing
    operation_id: str
    trigger: str
    ids: tuple[str, ...]
    label: str
    reply: Reply | None = None
    failure: str = ""
