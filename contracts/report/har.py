"""Every request and reply of a run as a HAR 1.2 file, for browsers' network panels and other viewers."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from contracts.exchange import Exchange, Outgoing, Reply
from contracts.secret import scrub

NAME = "run.har"
HTTP = "HTTP/1.1"
UNKNOWN = -1  # HAR's word for sizes and times that were not measured


def render(journal: Iterable[Exchange]) -> str:
    """The journal as a HAR file, in the order in which requests left. Secrets are masked."""
    entries = [_entry(exchange) for exchange in journal]
    log = {"version": "1.2", "creator": {"name": "countermand", "version": "1"}, "entries": entries}
    return scrub(json.dumps({"log": log}, indent=1, ensure_ascii=False)) + "\n"


def _entry(exchange: Exchange) -> dict[str, Any]:
    milliseconds = round(exchange.reply.elapsed * 1000, 3) if exchange.reply else 0
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.started, UTC).isoformat(),
        "time": milliseconds,
        "request": _request(exchange.outgoing),
        "response": _response(exchange.reply, exchange.failure),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": exchange.label,
    }


def _request(outgoing: Outgoing) -> dict[str, Any]:
    query = parse_qsl(outgoing.target.partition("?")[2], keep_blank_values=True)
    request = {
        "method": outgoing.method,
        "url": outgoing.url,
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _headers(outgoing.headers),
        "queryString": [{"name": name, "value": value} for name, value in query],
        "headersSize": UNKNOWN,
        "bodySize": len(outgoing.body),
    }
    if outgoing.body:
        kind = {name.lower(): value for name, value in outgoing.headers.items()}.get("content-type", "")
        request["postData"] = {"mimeType": kind, "text": outgoing.body.decode("utf-8", "backslashreplace")}
    return request


def _response(reply: Reply | None, failure: str) -> dict[str, Any]:
    """HAR writes a request without an answer as status 0."""
    status = reply.status if reply else 0
    body = reply.body if reply else b""
    return {
        "status": status,
        "statusText": HTTPStatus(status).phrase if status in set(HTTPStatus) else "",
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _headers(reply.headers if reply else {}),
        "content": _content(body, reply.headers.get("content-type", "") if reply else ""),
        "redirectURL": reply.headers.get("location", "") if reply else "",
        "headersSize": UNKNOWN,
        "bodySize": len(body),
        "comment": failure,
    }


def _content(body: bytes, kind: str) -> dict[str, Any]:
    content: dict[str, Any] = {"size": len(body), "mimeType": kind}
    try:
        return content | {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return content | {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def _headers(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]
