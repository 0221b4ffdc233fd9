"""HTTP Digest from the client's side (RFC 7616, 2617 and 2069), with every field open to tampering."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_QUOTED = frozenset({"username", "realm", "nonce", "uri", "response", "cnonce", "opaque"})


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a 401 asks for."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: str = ""
    opaque: str | None = None
    stale: bool = False

    @classmethod
    def parse(cls, header: str) -> Challenge | None:
        """The Digest challenge in a WWW-Authenticate header, or None."""
        scheme, _, rest = header.strip().partition(" ")
        fields = fields_of(rest)
        if scheme.lower() != "digest" or "nonce" not in fields:
            return None
        offers = [offer.strip() for offer in fields.get("qop", "").split(",")]
        return cls(
            realm=fields.get("realm", ""),
            nonce=fields["nonce"],
            algorithm=fields.get("algorithm", "MD5"),
            qop="auth" if "auth" in offers else "",
            opaque=fields.get("opaque"),
            stale=fields.get("stale", "").lower() == "true",
        )


def fields_of(text: str) -> dict[str, str]:
    """The `name=value` pairs of a Digest header, names in lower case."""
    return {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(text)}


def respond(
    challenge: Challenge, username: str, password: str, method: str, target: str, *, nc: int = 1, cnonce: str = ""
) -> dict[str, str]:
    """The fields of an Authorization header that answers a challenge."""
    cnonce = cnonce or secrets.token_hex(8)
    digest = _hash_of(challenge.algorithm)
    secret = digest(f"{username}:{challenge.realm}:{password}")
    if challenge.algorithm.lower().endswith("-sess"):
        secret = digest(f"{secret}:{challenge.nonce}:{cnonce}")
    request = digest(f"{method}:{target}")
    fields = {"username": username, "realm": challenge.realm, "nonce": challenge.nonce, "uri": target}
    if challenge.qop:
        fields |= {"qop": challenge.qop, "nc": f"{nc:08x}", "cnonce": cnonce}
        middle = f"{challenge.nonce}:{fields['nc']}:{cnonce}:{challenge.qop}"
    else:
        middle = challenge.nonce
    fields |= {"response": digest(f"{secret}:{middle}:{request}"), "algorithm": challenge.algorithm}
    return fields if challenge.opaque is None else fields | {"opaque": challenge.opaque}


def header_of(fields: Mapping[str, str]) -> str:
    """An Authorization header; quotes where RFC 7616 wants them."""
    parts = (f'{name}="{value}"' if name in _QUOTED else f"{name}={value}" for name, value in fields.items())
    return "Digest " + ", ".join(parts)


def _hash_of(algorithm: str):  # type: ignore[no-untyped-def]
    name = algorithm.lower().removesuffix("-sess").replace("-", "")
    maker = {"md5": hashlib.md5, "sha256": hashlib.sha256}.get(name, hashlib.md5)
    return lambda text: maker(text.encode("utf-8")).hexdigest()


class NonceCounter:
    """The current challenge and how often it was answered; safe to share between threads."""

    def __init__(self) -> None:
        self._challenge: Challenge | None = None
        self._taken_at = 0.0
        self._count = 0
        self._lock = threading.Lock()

    def take(self, challenge: Challenge, now: float) -> tuple[Challenge, int]:
        """Start over with a fresh challenge; gives it with its first count."""
        with self._lock:
            self._challenge, self._taken_at, self._count = challenge, now, 1
            return challenge, 1

    def age(self, now: float) -> float:
        """Seconds since the current challenge was taken; 0 where there is none."""
        with self._lock:
            return now - self._taken_at if self._challenge else 0.0

    def next(self, now: float, lifetime: float) -> tuple[Challenge, int] | None:
        """The challenge with its next count, or None where a fresh one is needed."""
        with self._lock:
            if self._challenge is None or now - self._taken_at >= lifetime:
                return None
            self._count += 1
            return self._challenge, self._count
