"""The body of a request: read, and held against the spec. Validators are compiled when the app is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from connexion.utils import is_json_mimetype
from starlette.types import Receive

from mockserver.errors import ClientGone, MalformedJson, TooLarge, UsageError
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.schemas import Schema
from mockserver.system import Rejection, Request, VendorError
from mockserver.wire import parse_json

BODY_LIMIT = 1024 * 1024  # bytes; ours, larger than any body the vendors document


class RequestBody:
    """The documented body of one operation."""

    def __init__(self, operation_id: str, definition: Mapping[str, Any]) -> None:
        contents = {name.lower(): each.get("schema", {}) for name, each in definition["content"].items()}
        if others := [name for name in contents if not is_json_mimetype(name)]:
            raise UsageError(
                f"{operation_id}: the mock reads JSON bodies only, not {', '.join(others)}. Document a JSON body."
            )
        self._required: bool = definition.get("required", False)
        self._schemas = {name: Schema(schema) for name, schema in contents.items()}
        self._usual = next(iter(self._schemas))

    def failures(self, request: Request) -> list[Rejection]:
        """Everything wrong with the body; a good one is left parsed in the request."""
        if not request.raw_body:
            return [Rejection("missing_body", message="Request body is required")] if self._required else []
        media_type, charset = content_type(request.headers.get("content-type", self._usual))
        schema = self._schemas.get(media_type)
        if schema is None:
            return [_unsupported(media_type, f"expected {', '.join(self._schemas)}")]
        try:
            request.body = parse_json(request.raw_body, charset)
        except MalformedJson as error:
            return [Rejection("malformed_json", message=str(error))]
        except LookupError:
            return [_unsupported(f"{media_type}; charset={charset}", "unknown charset")]
        return [] if schema.accepts(request.body) else schema.failures(request.body, "invalid_body")


async def read_body(request: Request, receive: Receive) -> bytes:
    """The whole body. TooLarge when there is too much of it, without reading the rest."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > BODY_LIMIT:
        raise TooLarge(f"a body of {announced} bytes; the limit is {BODY_LIMIT}")
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone(request.target)
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise TooLarge(f"a body of more than {BODY_LIMIT} bytes")
        if not message.get("more_body", False):
            return body


def carries_body(request: Request) -> bool:
    """Whether there is something to read: a vendor may look at a body that it does not document."""
    headers = request.headers
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def refusal(exchange: Exchange, found: list[Rejection]) -> VendorError:
    """The vendor's words for everything that is wrong with a request."""
    return exchange.parts.reject(replace(found[0], all=tuple(found)), exchange.request)


@lru_cache(maxsize=256)
def content_type(header: str) -> tuple[str, str]:
    """Media type in lower case, and charset."""
    media_type, *parameters = (part.strip() for part in header.split(";"))
    charsets = [
        value.strip('"') for name, _, value in (each.partition("=") for each in parameters) if name.lower() == "charset"
    ]
    return media_type.lower(), charsets[0] if charsets else "utf-8"


def _unsupported(found: str, expected: str) -> Rejection:
    return Rejection(
        "unsupported_media_type", where="content-type", value=found, message=f"Content type {found}: {expected}"
    )
