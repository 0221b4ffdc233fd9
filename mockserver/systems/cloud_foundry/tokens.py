"""Access and refresh tokens: JWTs that this mock signs and checks, on its own clock (E22, E47)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.types import Options

from mockserver.clock import Clock
from mockserver.systems.cloud_foundry.people import CLIENTS, PEOPLE, Client, Person

SIGNING_KEY = "whoever runs this mock may sign tokens with this key"  # no secret: it guards nothing
ALGORITHM = "HS256"
ISSUER = "https://uaa.example.org/oauth/token"
AUDIENCE = "cloud_controller"
ACCESS_LASTS = 600.0  # seconds (A18)
REFRESH_LASTS = 30 * 86400.0  # seconds (A18)
FOREVER = 4102444800  # 2100-01-01T00:00:00Z, when the tokens of the built-in identities expire
REFRESH_MARK = "-r"  # how a refresh token's jti ends (E22)

_CHECKS: Options = {  # times are checked on the mock's clock, the audience where it matters
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "require": ["exp", "jti", "aud", "scope"],
}

Claims = Mapping[str, Any]


class InvalidToken(Exception):
    """Forged, expired, for somebody else, or of the other kind."""


@dataclass(frozen=True, slots=True)
class Lease:
    """When a token begins and ends, and its id."""

    issued_at: int
    expires_at: int
    id: str


def access_claims(person: Person, scopes: Iterable[str], lease: Lease, client: str = "cf") -> Claims:
    """What a user's access token says. The cf CLI reads user_name, user_id, origin and exp (E47)."""
    user = {
        "user_id": person.guid,
        "sub": person.guid,
        "user_name": person.name,
        "email": f"{person.name}@example.org",
        "origin": "uaa",
        "grant_type": "password",
    }
    return {**user, **_common(scopes, lease, client)}


def client_claims(client: Client, lease: Lease) -> Claims:
    """What the access token of a client without a user says."""
    own = {"sub": client.name, "grant_type": "client_credentials"}
    return {**own, **_common(client.scopes, lease, client.name)}


def refresh_claims(person: Person, scopes: Iterable[str], lease: Lease, client: str) -> Claims:
    """What a refresh token says: the same, under an id that marks it."""
    marked = Lease(lease.issued_at, lease.expires_at, lease.id + REFRESH_MARK)
    return access_claims(person, scopes, marked, client)


def _common(scopes: Iterable[str], lease: Lease, client: str) -> Claims:
    return {
        "jti": lease.id,
        "client_id": client,
        "cid": client,
        "azp": client,
        "scope": sorted(scopes),
        "iat": lease.issued_at,
        "exp": lease.expires_at,
        "iss": ISSUER,
        "zid": "uaa",
        "aud": [AUDIENCE, client],
    }


def sign(claims: Claims) -> str:
    """The token that says this."""
    return jwt.encode(dict(claims), SIGNING_KEY, ALGORITHM)


def built_in_token(person: Person) -> str:
    """The access token of a built-in identity: always the same, valid until 2100."""
    return sign(access_claims(person, person.scopes, Lease(0, FOREVER, person.guid)))


def access_of(token: str) -> Claims:
    """The claims of an access token of ours, expired or not, or InvalidToken."""
    claims = _signed(token)
    if _is_refresh(claims) or AUDIENCE not in claims["aud"]:
        raise InvalidToken
    return claims


def read_refresh(token: str, clock: Clock) -> Claims:
    """The claims of a valid refresh token, or InvalidToken."""
    claims = _signed(token)
    if not _is_refresh(claims) or clock.now() >= claims["exp"]:
        raise InvalidToken
    return claims


def _signed(token: str) -> Claims:
    """What a token says that we signed."""
    try:
        claims: Claims = jwt.decode(token, SIGNING_KEY, [ALGORITHM], issuer=ISSUER, options=_CHECKS)
    except jwt.InvalidTokenError:
        raise InvalidToken from None
    return claims


def _is_refresh(claims: Claims) -> bool:
    return str(claims["jti"]).endswith(REFRESH_MARK)


def person_of(claims: Claims) -> Person | None:
    """The user that a token is about, if any."""
    return next((person for person in PEOPLE if person.guid == claims.get("user_id")), None)


def client_of(claims: Claims) -> Client | None:
    """The client that a token was given to, if it is known."""
    return next((client for client in CLIENTS if client.name == claims.get("client_id")), None)
