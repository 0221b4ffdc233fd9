"""Credentials that must not be taken, made from right ones: what a careless check would let through."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from contracts.auth import Credentials, DigestCredentials
from contracts.calls import Call
from contracts.digest import Challenge, header_of, respond

STRANGE = "countermand-wrong"


@dataclass(frozen=True, slots=True)
class Forgery:
    """A wrong Authorization header. `plain`: of the vendor's own scheme, well-formed, and simply not right."""

    kind: str
    header: str
    plain: bool = False


def forgeries(signer: Credentials, call: Call, chance: random.Random) -> Iterator[Forgery]:
    """Wrong headers for a call, the plainest first."""
    if isinstance(signer, DigestCredentials):
        yield from _digests(signer, call)
    else:
        yield from _tokens(signer.authorization(call.method, call.target).partition(" ")[2], chance)


def _digests(signer: DigestCredentials, call: Call) -> Iterator[Forgery]:
    username, password = signer.identity.username, signer.password

    def signed(challenge: Challenge, user: str = username, secret: str = password) -> dict[str, str]:
        return respond(challenge, user, secret, call.method, call.target)

    yield Forgery("a wrong password", header_of(signed(signer.challenge(), secret=STRANGE)), plain=True)
    yield Forgery("an unknown user", header_of(signed(signer.challenge(), user=STRANGE)), plain=True)
    yield Forgery("a response of zeros", header_of(signed(signer.challenge()) | {"response": "0" * 32}), plain=True)
    yield Forgery("another realm", header_of(signed(replace(signer.challenge(), realm=STRANGE))))
    yield Forgery("a nonce of its own", header_of(signed(replace(signer.challenge(), nonce=STRANGE * 2))))
    fields = signed(signer.challenge())
    yield Forgery("no response", header_of({name: value for name, value in fields.items() if name != "response"}))
    yield Forgery("Basic", "Basic " + _basic(username, password))
    yield Forgery("a bearer token", f"Bearer {password}")


def _tokens(token: str, chance: random.Random) -> Iterator[Forgery]:
    yield Forgery("an unknown token", f"Bearer {_another(token, chance)}", plain=True)
    yield Forgery("a token cut short", f"Bearer {token[:-1]}", plain=True)
    yield Forgery("a longer token", f"Bearer {token}x", plain=True)
    if token.swapcase() != token:
        yield Forgery("the token in another case", f"Bearer {token.swapcase()}", plain=True)
    yield from _unsigned(token)
    yield Forgery("Basic", "Basic " + _basic(token, ""))
    yield Forgery("another scheme", f"Token {token}")
    yield Forgery("no scheme", token)


def _unsigned(token: str) -> Iterator[Forgery]:
    """For a JSON web token: without a signature, and with one that is not its own."""
    parts = token.split(".")
    if len(parts) != 3:
        return
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode("ascii")
    yield Forgery("an unsigned token", f"Bearer {header}.{parts[1]}.", plain=True)
    yield Forgery("a token with another signature", f"Bearer {parts[0]}.{parts[1]}.{parts[2][::-1]}", plain=True)


def _another(token: str, chance: random.Random) -> str:
    """Other letters and digits, the punctuation kept."""
    return "".join(chance.choice("abcdefghij0123456789") if each.isalnum() else each for each in token)


def _basic(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
