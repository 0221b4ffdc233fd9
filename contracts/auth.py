"""How an identity proves itself: the Authorization of each request, whatever the scheme."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import requests
import requests.auth

from contracts.digest import Challenge, NonceCounter, header_of, respond
from contracts.exchange import Outgoing
from contracts.identity import Identity
from contracts.secret import Secret, conceal_pair
from contracts.supply.job import NotAvailable
from contracts.wire import Wire, framed

NONCE_LIFE = 20.0  # seconds; well below the shortest nonce life we know of (60 s)
TOKEN_MARGIN = 30.0  # seconds before its end that a token counts as expired


class CredentialsRefused(NotAvailable):
    """The target or its token address turns an identity's credentials down; the message is for people."""


class NoChallenge(CredentialsRefused):
    """A request without credentials was refused as it should be, but without the challenge to answer."""


class Credentials(Protocol):
    """What answers for one identity."""

    def authorization(self, method: str, target: str) -> str:
        """The Authorization header for a request. May ask the target for a challenge or a token first."""


@dataclass(slots=True)
class BearerCredentials:
    """A token that was given."""

    token: Secret

    def authorization(self, method: str, target: str) -> str:
        """The same for every request."""
        return f"Bearer {self.token.reveal()}"


@dataclass(slots=True)
class DigestCredentials:
    """Username and password. A challenge is fetched by a read, so that no state-changing request goes out twice."""

    identity: Identity
    wire: Wire
    probe: Callable[[], str]  # the request target of a documented read
    lifetime: float = NONCE_LIFE  # seconds a nonce is used for; 0: once
    _nonces: NonceCounter = field(default_factory=NonceCounter)

    def authorization(self, method: str, target: str) -> str:
        """An answer to the current challenge, or to a fresh one where that is old."""
        current = self._nonces.next(time.monotonic(), self.lifetime)
        if current is None:
            current = self._nonces.take(self.challenge(), time.monotonic())
        challenge, count = current
        return header_of(self.answer(challenge, method, target, nc=count))

    def alone(self, method: str, target: str) -> str:
        """An answer to a challenge that is used for this request only."""
        return header_of(self.answer(self.challenge(), method, target))

    def answer(
        self, challenge: Challenge, method: str, target: str, *, nc: int = 1, cnonce: str = ""
    ) -> dict[str, str]:
        """The fields that answer a challenge."""
        return respond(challenge, self.identity.username, self.password, method, target, nc=nc, cnonce=cnonce)

    @property
    def password(self) -> str:
        """For the wire only."""
        return self.identity.password.reveal() if self.identity.password else ""

    @property
    def nonce_age(self) -> float:
        """Seconds for which the current nonce has been used."""
        return self._nonces.age(time.monotonic())

    def forget(self) -> None:
        """Answer the next request with a fresh challenge."""
        self._nonces = NonceCounter()

    def challenge(self) -> Challenge:
        """A fresh challenge. CredentialsRefused where the target does not ask for Digest."""
        headers = framed(self.wire.target.url, {}, "GET", None)
        reply = self.wire.send(Outgoing("GET", self.wire.target.url, self.probe(), headers))
        challenge = Challenge.parse(reply.headers.get("www-authenticate", ""))
        if challenge is None:
            problem = NoChallenge if reply.status == 401 or reply.ok else CredentialsRefused
            raise problem(
                f"{self.wire.target.name}: a request without credentials was answered {reply.status} and no Digest "
                f"challenge. Expected 401 with `WWW-Authenticate: Digest`. Correct `scheme` of identity "
                f"`{self.identity.name}`."
            )
        return challenge


@dataclass(slots=True)
class TokenCredentials:
    """A token fetched from an OAuth 2 token address, and again before it expires."""

    identity: Identity
    wire: Wire
    _token: str = ""
    _expires: float = 0.0

    def authorization(self, method: str, target: str) -> str:
        """The token, fetched if there is none or it is about to expire."""
        if time.monotonic() > self._expires - TOKEN_MARGIN:
            self._fetch()
        return f"Bearer {self._token}"

    def _fetch(self) -> None:
        reply = self.wire.send(self._request())
        token = reply.json.get("access_token") if reply.ok and isinstance(reply.json, dict) else None
        if not isinstance(token, str):
            raise CredentialsRefused(
                f"{self.wire.target.name}: {self.identity.token_url} answered {reply.status} and no access_token for "
                f"identity `{self.identity.name}`. Check its credentials, `grant` and `token_url` in the targets file."
            )
        self._token = Secret(token).reveal()
        lifetime = reply.json.get("expires_in")
        self._expires = time.monotonic() + (float(lifetime) if isinstance(lifetime, int | float) else 300.0)

    def _request(self) -> Outgoing:
        parts = urlsplit(self.identity.token_url)
        origin, path = f"{parts.scheme}://{parts.netloc}", parts.path or "/"
        secret = self.identity.client_secret.reveal() if self.identity.client_secret else ""
        form = {"grant_type": self.identity.grant}
        if self.identity.grant == "password":
            form |= {"username": self.identity.username, "password": _revealed(self.identity.password)}
        if self.identity.scope:
            form["scope"] = self.identity.scope
        conceal_pair(self.identity.client_id, secret)
        basic = base64.b64encode(f"{self.identity.client_id}:{secret}".encode()).decode("ascii")
        body = urlencode(form).encode("ascii")
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        return Outgoing("POST", origin, path, framed(origin, headers, "POST", body), body)


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""


def credentials_of(identity: Identity, wire: Wire, probe: Callable[[], str]) -> Credentials:
    """What answers for an identity. `probe` gives the target of a documented read, for challenges."""
    if identity.scheme == "digest":
        return DigestCredentials(identity, wire, probe)
    if identity.scheme == "oauth2":
        return TokenCredentials(identity, wire)
    return BearerCredentials(identity.token or Secret(""))


class RequestsAuth(requests.auth.AuthBase):
    """The same proof for senders that use `requests`."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request."""
        request.headers["Authorization"] = self._credentials.authorization(request.method or "GET", request.path_url)
        return request
