"""curl, one process a request."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from talk import converse, given

if given["scheme"] == "digest":
    CREDENTIALS = ["--digest", "--user", f"{given['username']}:{given['password']}"]
else:
    CREDENTIALS = ["--header", f"Authorization: Bearer {given['token']}"]


def send(method: str, path: str, body: Any = None) -> dict[str, Any]:
    data = [] if body is None else ["--header", "Content-Type: application/json", "--data", json.dumps(body)]
    command = ["curl", "--silent", "--show-error", "--max-time", "10", "--write-out", "\n%{http_code}", *CREDENTIALS]
    done = subprocess.run(
        [*command, *data, "--request", method, given["url"] + path], capture_output=True, text=True, check=True
    )
    text, _, status = done.stdout.rpartition("\n")
    return {"status": int(status), "body": json.loads(text) if text else None}


converse(send=send)
