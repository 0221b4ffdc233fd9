"""HTTP Digest on the server's side: RFC 7616 with MD5 or SHA-256, RFC 2617, and RFC 2069 where a client knows no `qop`.

What a client sent is hashed as it was sent (`nc=1` stays `1`); only then is it understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import md5, sha256
from hmac import compare_digest
from typing import Any, NamedTuple

from mockserver.auth.nonces import Nonces, Use

HASHES: Mapping[str, Callable[[bytes], Any]] = {"MD5": md5, "SHA-256": sha256}
QOP = "auth"
NO_COUNT = 0  # the count that a request without `nc` (RFC 2069) uses up: such a nonce is good for one request

_PARAMETER = re.compile(r"[\s,]*([A-Za-z0-9*_-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,\"]+))\s*(?=,|$)")
_ESCAPED = re.compile(r"\\(.)")
_COUNT = re.compile(r"[0-9A-Fa-f]{1,8}")
_REQUIRED = ("username", "realm", "nonce", "uri", "response")


class Unproven(Exception):
    """The request does not prove who sends it. `stale`: it does, but with a nonce that is over."""

    def __init__(self, *, stale: bool = False) -> None:
        super().__init__("stale" if stale else "unproven")
        self.stale = stale


class Answer(NamedTuple):
    """What a client sent in answer to a challenge, as it was sent. Absent fields are empty."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = ""
    qop: str = ""
    nc: str = ""
    cnonce: str = ""

    @classmethod
    def parse(cls, header: str) -> Answer | None:
        """The answer in an `Authorization` header, or None if there is none that can be understood."""
        scheme, _, rest = header.strip().partition(" ")
        fields = _fields(rest) if scheme.lower() == "digest" else {}
        if any(name not in fields for name in _REQUIRED):
            return None
        return cls(**{name: value for name, value in fields.items() if name in cls._fields})

    @property
    def use(self) -> int | None:
        """The use of the nonce that this is, or None where it does not say or says nonsense."""
        if not self.qop:
            return NO_COUNT
        return int(self.nc, 16) if self.cnonce and _COUNT.fullmatch(self.nc) else None


class Digest:
    """One realm: its challenge, and who may answer it. `secrets` maps user names to passwords."""

    def __init__(self, realm: str, secrets: Mapping[str, str], nonces: Nonces, algorithm: str = "MD5") -> None:
        self._realm = realm
        self._nonces = nonces
        self._algorithm = algorithm
        self._hash = HASHES[algorithm]
        self._secrets = {user: self._hexdigest(f"{user}:{realm}:{secret}") for user, secret in secrets.items()}

    def challenge(self, *, stale: bool = False) -> str:
        """The value of `WWW-Authenticate`, with a nonce of its own. Strict parsers know no other directives."""
        return (
            f'Digest realm="{self._realm}", domain="", nonce="{self._nonces.issue()}", '
            f'algorithm={self._algorithm}, qop="{QOP}", stale={str(stale).lower()}'
        )

    def user(self, method: str, target: str, authorization: str) -> str:
        """Who sent this request, or Unproven. `target` is the request target with its query."""
        answer = Answer.parse(authorization)
        count = answer.use if answer else None
        if answer is None or count is None or not self._is_proof(answer, method, target):
            raise Unproven
        use = self._nonces.use(answer.nonce, count)
        if use is not Use.FRESH:
            raise Unproven(stale=use is Use.STALE or count == NO_COUNT)
        return answer.username

    def _is_proof(self, answer: Answer, method: str, target: str) -> bool:
        fits = (
            answer.realm == self._realm
            and answer.uri == target
            and answer.qop in ("", QOP)
            and (answer.algorithm or "MD5").upper() == self._algorithm
        )
        expected = self._expected(answer, method)
        return compare_digest(expected.encode(), answer.response.encode("latin-1")) and fits

    def _expected(self, answer: Answer, method: str) -> str:
        secret = self._secrets.get(answer.username, "")
        request = self._hexdigest(f"{method}:{answer.uri}")
        if not answer.qop:
            return self._hexdigest(f"{secret}:{answer.nonce}:{request}")
        return self._hexdigest(f"{secret}:{answer.nonce}:{answer.nc}:{answer.cnonce}:{answer.qop}:{request}")

    def _hexdigest(self, text: str) -> str:
        digest: str = self._hash(text.encode("latin-1")).hexdigest()
        return digest


def _fields(text: str) -> dict[str, str]:
    """Name and value of each `name=value` or `name="value"`; nothing at all where something else is in between."""
    fields: dict[str, str] = {}
    found = _PARAMETER.match(text)
    at = 0
    while found:
        name, quoted, plain = found[1].lower(), found[2], found[3]
        if name in fields:
            return {}
        fields[name] = plain or (_ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted)
        at = found.end()
        found = _PARAMETER.match(text, at)
    return {} if text[at:].strip(", \t") else fields
