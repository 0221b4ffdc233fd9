"""What `envelope` and `pretty` make of a reply."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver.jackson import indented
from mockserver.system import Reply, Request


def wrapped(reply: Reply, request: Request) -> Reply:
    """The reply as the query asks for it. A body that is bytes already, and none at all, stay as they are."""
    if reply.body is None or isinstance(reply.body, bytes):
        return reply
    body = enveloped(reply.body, reply.status) if _asked(request, "envelope") else reply.body
    return replace(reply, body=indented(body) if body and _asked(request, "pretty") else body)


def enveloped(body: Any, status: int) -> dict[str, Any]:
    """A list has its envelope already and gains the status; all else becomes its content."""
    if "results" in body:
        return {**body, "status": status}
    return {"content": body, "status": status}


def _asked(request: Request, flag: str) -> bool:
    """Where no operation was found, nobody has turned the text into a boolean."""
    return request.query.get(flag) in (True, "true")
