"""Replies against the spec, and what every reply of a vendor carries.

Unlike stock Connexion this checks refusals too, refuses a status that is not documented, and looks at the media
types of that one status. A reply that fails is a bug of ours, never something a client should see as the vendor's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connexion.utils import is_json_mimetype

from mockserver.errors import SpecViolation
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.schemas import Schema
from mockserver.system import Reply
from mockserver.wire import parse_json


class DocumentedReply:
    """What the spec says of one status of one operation."""

    def __init__(self, label: str, definition: Mapping[str, Any], *, body_optional: bool) -> None:
        self._label = label
        self._body_optional = body_optional
        self._contents = {name: _schema(name, each) for name, each in definition.get("content", {}).items()}
        self._headers = frozenset(
            name.lower() for name, each in definition.get("headers", {}).items() if each.get("required")
        )

    def check_body(self, reply: Reply) -> None:
        """Raise SpecViolation unless media type and body are documented."""
        if reply.body is None:
            self._check_absence()
            return
        media_type = reply.media_type.partition(";")[0]
        if media_type not in self._contents:
            raise SpecViolation(
                f"{self._label}: media type {media_type}, documented: {', '.join(self._contents) or 'no body'}"
            )
        schema = self._contents[media_type]
        if schema:
            self._check_schema(schema, reply.body)

    def check_headers(self, reply: Reply) -> None:
        """Raise SpecViolation if a required header is missing."""
        if self._headers and (missing := self._headers - {name.lower() for name in reply.headers}):
            raise SpecViolation(f"{self._label}: required header {', '.join(sorted(missing))} is missing")

    def _check_absence(self) -> None:
        if self._contents and not self._body_optional:
            raise SpecViolation(f"{self._label}: no body, documented: {', '.join(self._contents)}")

    def _check_schema(self, schema: Schema, body: Any) -> None:
        value = parse_json(body) if isinstance(body, bytes) else body
        if schema.accepts(value):
            return
        failure = schema.failures(value, "invalid_body")[0]
        raise SpecViolation(f"{self._label}: {failure.where or 'body'}: {failure.message}")


class Replies:
    """One operation's replies: checked and dressed. Outside the spec (no `responses`) there is nothing to check."""

    def __init__(
        self, label: str, responses: Mapping[str, Mapping[str, Any]] | None = None, *, body_optional: bool = False
    ) -> None:
        self._label = label
        self._checked = responses is not None
        self._documented = {
            status: DocumentedReply(f"{label} {status}", each, body_optional=body_optional and status[0] == "2")
            for status, each in (responses or {}).items()
        }

    def finished(self, exchange: Exchange, reply: Reply, *, by_nature: bool = False) -> Reply:
        """What leaves, an answer or a refusal.

        `by_nature`: it refuses what no document of a vendor speaks of (a body too large), so its status need not be
        documented.
        """
        parts = exchange.parts
        documented = self._of(reply.status, by_nature) if parts.checked else None
        if documented:
            documented.check_body(reply)
        dressed = parts.dress(reply, exchange.request)
        if documented:
            documented.check_headers(dressed)
        return dressed

    def _of(self, status: int, by_nature: bool) -> DocumentedReply | None:
        if not self._checked:
            return None
        documented = self._documented.get(str(status)) or self._documented.get("default")
        if documented is None and not by_nature:
            raise SpecViolation(f"{self._label}: status {status}, documented: {', '.join(self._documented)}")
        return documented


def _schema(name: str, media_type: Mapping[str, Any]) -> Schema | None:
    """What a JSON body has to follow; the page of a web server follows nothing."""
    return Schema(media_type["schema"], for_reply=True) if "schema" in media_type and is_json_mimetype(name) else None
