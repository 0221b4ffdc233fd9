"""A mock in this process, asked byte for byte: nothing on the way tidies paths, methods or headers."""

from __future__ import annotations

import asyncio
import atexit
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.digest import Challenge, header_of, respond
from mockserver.app import Mock
from mockserver.system import Identity

OURS = "/__mock__"
LOOP = asyncio.new_event_loop()  # one for all requests: a loop takes longer to make than a request
atexit.register(LOOP.close)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Door:
    """Sends requests as one of a system's identities, by default as the owner."""

    mock: Mock
    system: str
    challenges: dict[str, tuple[Challenge, int]] = field(default_factory=dict)

    def ask(self, method: str, target: str, *, identity: str | None = "owner", **more: Any) -> Answer:
        return self.ask_together([(method, target)], identity=identity, **more)[0]

    def ask_together(
        self,
        requests: Sequence[tuple[str, str]],
        *,
        identity: str | None = "owner",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        also: Any = None,
    ) -> list[Answer]:
        """All at the same time, `also` the first; its answer is left out."""
        sent = [(*each, {**self._proof(identity, *each), **(headers or {})}) for each in requests]

        async def all_of_them() -> list[Answer]:
            calls = [self._send(*each, body) for each in sent]
            first = [self._send(*also)] if also else []
            return (await asyncio.gather(*first, *calls))[len(first) :]

        return LOOP.run_until_complete(all_of_them())

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The mock's own API; what it refuses is an error of the test."""
        answer = LOOP.run_until_complete(self._send(*self.control_call(method, path, body)))
        assert answer.status < 300, answer
        return answer.json

    @staticmethod
    def control_call(method: str, path: str, body: Any = None) -> tuple[str, str, Mapping[str, str], bytes]:
        data = b"" if body is None else json.dumps(body).encode()
        return method, OURS + path, {"Content-Type": "application/json"}, data

    def token(self, identity: str) -> str:
        """A bearer token."""
        return self._known(identity).credentials["token"]

    def _known(self, identity: str) -> Identity:
        return self.mock.sites[self.system].parts.identities[identity]

    @property
    def uses_digest(self) -> bool:
        return self._known("owner").scheme == "digest"

    def _proof(self, identity: str | None, method: str, target: str) -> dict[str, str]:
        if identity is None:
            return {}
        if self.uses_digest:
            return {"Authorization": self.digest(identity, method, target)}
        return {"Authorization": f"Bearer {self.token(identity)}"}

    def digest(self, identity: str, method: str, target: str, **other: str) -> str:
        """An answer to the last challenge with the next count; `other`: another password, nonce or count."""
        known = {**self._known(identity).credentials, **other}
        if identity not in self.challenges:
            self.challenge(identity)
        challenge, uses = self.challenges[identity]
        self.challenges[identity] = challenge, uses + 1
        answered = replace(challenge, nonce=known.get("nonce", challenge.nonce))
        count = int(known.get("count", f"{uses + 1:x}"), 16)
        fields = respond(answered, known["username"], known["password"], method, target, nc=count, cnonce="c")
        return header_of(fields)

    def challenge(self, identity: str) -> None:
        """Ask for a fresh one. What a bug makes of it is read as it was meant."""
        base = self.mock.sites[self.system].spec.base_path
        answer = self.ask("GET", f"{base}/nowhere", identity=None)
        found = Challenge.parse(answer.headers.get("www-authenticate", ""))
        assert found, answer
        self.challenges[identity] = replace(found, qop="auth"), 0

    async def _send(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        path, _, query = target.partition("?")
        pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", b"localhost"), (b"content-length", b"%d" % len(body)), *pairs],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.mock.asgi(scope, receive, send)  # type: ignore[arg-type]
        fields = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], fields, b"".join(each["body"] for each in sent[1:]))
