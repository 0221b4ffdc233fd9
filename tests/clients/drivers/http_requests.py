"""Python's requests, in a session."""

from __future__ import annotations

from typing import Any

import requests
from requests.auth import HTTPDigestAuth
from talk import converse, given

session = requests.Session()
if given["scheme"] == "digest":
    session.auth = HTTPDigestAuth(given["username"], given["password"])
else:
    session.headers["Authorization"] = f"Bearer {given['token']}"


def send(method: str, path: str, body: Any = None) -> dict[str, Any]:
    reply = session.request(method, given["url"] + path, json=body, timeout=10)
    return {"status": reply.status_code, "body": reply.json() if reply.content else None}


converse(send=send)
