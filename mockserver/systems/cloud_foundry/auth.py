"""Who is asking: the bearer token, what it is good for, and whether it has asked too often (E21-E23, E31, E33)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from mockserver.clock import Clock
from mockserver.system import Request
from mockserver.systems.cloud_foundry import errors, tokens
from mockserver.systems.cloud_foundry.foundation import DEVELOPMENT
from mockserver.systems.cloud_foundry.people import PEOPLE, Caller, Person
from mockserver.systems.cloud_foundry.rate_limits import RateLimits
from mockserver.systems.cloud_foundry.roles import Actor
from mockserver.systems.cloud_foundry.tokens import Claims, InvalidToken, built_in_token

READING = frozenset({"GET", "HEAD"})


def built_in_identities() -> dict[str, Caller]:
    """Every built-in user with a token that does not expire; username and password are for `/oauth/token`."""
    return {person.name: _as_person(person, built_in_token(person), person.scopes) for person in PEOPLE}


class Authentication:
    """Reads tokens. `limits` counts requests where the operator wants that."""

    def __init__(self, clock: Clock, limits: RateLimits | None = None) -> None:
        self._clock = clock
        self._limits = limits

    def authenticate(self, request: Request) -> Caller:
        """The caller, or the vendor's refusal, in the vendor's order: limit, token, scope (E31)."""
        token = bearer_token(request)
        if token is None:
            if self._limits:
                self._limits.count_address(request)
            raise errors.not_authenticated()
        request.identity = caller = self._caller(token)  # refused or not, the reply names the caller (E52)
        if caller is None:
            raise errors.invalid_auth_token()
        if self._limits:
            self._limits.count_caller(caller)
        if not caller.actor.may_call(writing=request.method not in READING):
            raise errors.not_authorized()
        return caller

    def count(self, request: Request) -> None:
        """Count a request that needs no token by its token all the same, or by its address."""
        request.identity = caller = self.holder(request)
        if self._limits is None:
            return
        if caller:
            self._limits.count_caller(caller)
        else:
            self._limits.count_address(request)

    def holder(self, request: Request) -> Caller | None:
        """Whose valid token was sent, whether or not anybody asks for one there (E52)."""
        token = bearer_token(request)
        return None if token is None else self._caller(token)

    def _caller(self, token: str) -> Caller | None:
        """Who holds a token that is valid now, if anybody does."""
        claim = _claim(token)
        return claim.caller if claim and self._clock.now() < claim.until else None


def bearer_token(request: Request) -> str | None:
    """The token that was sent, however odd; None for no credentials or another scheme (E21)."""
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class Claim(NamedTuple):
    """Who an access token of ours stands for, and until when."""

    caller: Caller
    until: float


@lru_cache(maxsize=1024)
def _claim(token: str) -> Claim | None:
    """What a token is good for, or None. The same token comes again and again: what it says is found out once."""
    try:
        claims = tokens.access_of(token)
        return Claim(caller_of(token, claims), claims["exp"])
    except InvalidToken:
        return None


def caller_of(token: str, claims: Claims) -> Caller:
    """Who a valid token stands for, with the scopes that it, not its holder, has."""
    scopes = frozenset(claims["scope"])
    if person := tokens.person_of(claims):
        return _as_person(person, token, scopes)
    if client := tokens.client_of(claims):
        actor = Actor(client.name, scopes, client.roles)
        return Caller(client.name, "bearer", {"token": token}, "client", DEVELOPMENT.guid, actor)
    raise InvalidToken


def _as_person(person: Person, token: str, scopes: frozenset[str]) -> Caller:
    credentials = {"token": token, "username": person.name, "password": person.password}
    return Caller(
        person.name, "bearer", credentials, person.role, person.home, Actor(person.guid, scopes, person.roles)
    )
