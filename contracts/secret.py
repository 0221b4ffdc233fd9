"""Secrets: they are held so that no output shows them by accident, and known so that any output can be scrubbed."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

MASK = "***"
SHORTEST = 4  # characters; replacing anything shorter would shred ordinary text
TELLING = 8  # characters; a shorter secret may stand in a text by chance

_known: set[str] = set()
_AUTHORIZATION = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9\-._~+/=]{4,}")
_DIGEST = re.compile(
    r"""(?ix) \b digest \s+ (?: [a-z]+ \s*=\s*
    (?: (?P<escaped>\\*)"[^"\\]*(?P=escaped)"   # quoted, as deep in JSON as it may be
      | (?:\\*")? [^\s,"\\]+                    # a bare word, or the beginning of what was cut off
    ) \s*,?\s* )+"""
)


class Secret:
    """A value that prints as stars. `reveal` is the only way to it, and every reveal is easy to grep for."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        conceal(value)

    def reveal(self) -> str:
        """The value itself, for the wire only."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def conceal(value: str) -> None:
    """Have `scrub` hide this value from now on, also percent-encoded."""
    if len(value) >= SHORTEST:
        _known.update({value, quote(value, safe="")})


def conceal_pair(username: str, password: str) -> None:
    """Have `scrub` hide what HTTP Basic makes of a username and a password."""
    conceal(base64.b64encode(f"{username}:{password}".encode()).decode("ascii"))


def scrub(text: str) -> str:
    """`text` without any secret this process has met and without anything that looks like an Authorization value."""
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, MASK)
    text = _DIGEST.sub(f"Digest {MASK}", text)
    return _AUTHORIZATION.sub(rf"\1 {MASK}", text)


def holds_secret(text: str) -> bool:
    """Whether a secret that this process knows stands in a text; short ones are left out, they may be words."""
    return any(value in text for value in _known if len(value) >= TELLING)
