"""A request as a `curl` command that anyone can paste. Credentials become shell variables, never values."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterator

from contracts.exchange import Outgoing
from contracts.secret import scrub

OWN_TO_THE_SENDER = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "user-agent", "x-schemathesis-testcaseid"}
)
CREDENTIALS = {
    "digest": '--digest --user "$USERNAME:$PASSWORD"',
    "bearer": '-H "Authorization: Bearer $TOKEN"',
    "basic": '--user "$USERNAME:$PASSWORD"',
}


def curl(outgoing: Outgoing) -> str:
    """One line that sends the same request again."""
    before, body = _body(outgoing.body)
    words = ["curl -sS -i", *_method(outgoing), *_headers(outgoing), *body, shlex.quote(outgoing.url)]
    return scrub(before + " ".join(words))


def _method(outgoing: Outgoing) -> Iterator[str]:
    """HEAD has an option of its own: with `-X HEAD` curl waits for a body."""
    if outgoing.method == "HEAD":
        yield "--head"
    elif outgoing.method != "GET" or outgoing.body:
        yield f"-X {shlex.quote(outgoing.method)}"
    if any(odd in outgoing.target for odd in ("/.", "\\")):
        yield "--path-as-is"


def _headers(outgoing: Outgoing) -> Iterator[str]:
    for name, value in outgoing.headers.items():
        if name.lower() == "authorization":
            yield CREDENTIALS.get(value.partition(" ")[0].lower(), '-H "Authorization: $AUTHORIZATION"')
        elif name.lower() not in OWN_TO_THE_SENDER and (name.lower(), value) != ("accept", "*/*"):
            yield f"-H {shlex.quote(f'{name}: {value}')}"


def _body(body: bytes) -> tuple[str, list[str]]:
    """What has to come before curl, and its option: bytes that no shell word can hold are piped in."""
    if not body:
        return "", []
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return f"echo {base64.b64encode(body).decode('ascii')} | base64 -d | ", ["--data-binary @-"]
    return "", [f"--data-binary {shlex.quote(text)}"]
