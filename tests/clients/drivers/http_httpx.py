"""Python's httpx, as one client."""

from __future__ import annotations

from typing import Any

import httpx
from talk import converse, given

if given["scheme"] == "digest":
    client = httpx.Client(auth=httpx.DigestAuth(given["username"], given["password"]))
else:
    client = httpx.Client(headers={"Authorization": f"Bearer {given['token']}"})


def send(method: str, path: str, body: Any = None) -> dict[str, Any]:
    reply = client.request(method, given["url"] + path, json=body)
    return {"status": reply.status_code, "body": reply.json() if reply.content else None}


converse(send=send)
