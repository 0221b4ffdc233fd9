"""Doors left open: to anybody, to wrong credentials, to low roles, to other tenants, and to recorded proofs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mockserver.auth.bearer import bearer_token
from mockserver.auth.digest import Answer, Digest, Unproven
from mockserver.auth.nonces import Nonces, Use
from mockserver.defects.calls import Authenticate, at_the_door, take_for_owner
from mockserver.defects.fitting import refuses, uses
from mockserver.system import Defect, Identity, Parts, Request, VendorError

KIND = "authorization"
REACH = ("other_tenants_job_is_out_of_reach",)
WRONG = ("wrong_credentials_are_refused",)
REPLAYED = ("digest_replay_is_refused",)


def _nobody_may(parts: Parts) -> None:
    def admit(authenticate: Authenticate, request: Request) -> Identity | None:
        return authenticate(request) if request.headers.get("authorization") else parts.identities["owner"]

    at_the_door(parts, "cancel", admit)


def _any_secret_will_do(parts: Parts) -> None:
    def admit(authenticate: Authenticate, request: Request) -> Identity | None:
        try:
            return authenticate(request)
        except VendorError:
            if (claimed := _claimed(parts, request)) is None:
                raise
            return claimed

    at_the_door(parts, "cancel", admit)


def _claimed(parts: Parts, request: Request) -> Identity | None:
    """Who a request says it comes from; a token that nobody has is taken for the owner's."""
    if answer := Answer.parse(request.headers.get("authorization", "")):
        return next(
            (each for each in parts.identities.values() if each.credentials.get("username") == answer.username), None
        )
    token = bearer_token(request.headers)
    known = any(each.credentials.get("token") == token for each in parts.identities.values())
    return parts.identities["owner"] if token and not known else None


def _start_of_a_token_will_do(parts: Parts) -> None:
    def admit(authenticate: Authenticate, request: Request) -> Identity | None:
        token = bearer_token(request.headers) or ""
        for identity in parts.identities.values():
            right = identity.credentials["token"]
            if len(token) >= len(right) // 2 and right.startswith(token[: len(right)]) and token != right:
                return identity
        return authenticate(request)

    at_the_door(parts, "cancel", admit)


class _Credulous(Nonces):
    """Takes every nonce for one of its own, and every use of it for the first."""

    def use(self, nonce: str, count: int) -> Use:
        """Whatever it is."""
        return Use.FRESH


class _NeverCounting(Nonces):
    """Knows its nonces, but not how often each was used."""

    def use(self, nonce: str, count: int) -> Use:
        """Anything goes but what is not its own."""
        used = super().use(nonce, count)
        return Use.FRESH if used is Use.REPLAYED else used


Proof = Callable[[Parts, Request, Answer], str]


def _proven_by(proof: Proof) -> Callable[[Parts], None]:
    """A bug that also lets in whoever this proof names; Unproven where it names nobody."""

    def plant(parts: Parts) -> None:
        authenticate = parts.authenticate

        def lenient(request: Request) -> Identity | None:
            try:
                return authenticate(request)
            except VendorError:
                if (identity := _identity(parts, request, proof)) is None:
                    raise
                return identity

        parts.authenticate = lenient

    return plant


def _identity(parts: Parts, request: Request, proof: Proof) -> Identity | None:
    answer = Answer.parse(request.headers.get("authorization", ""))
    if answer is None:
        return None
    try:
        user = proof(parts, request, answer)
    except Unproven:
        return None
    return next(each for each in parts.identities.values() if each.credentials["username"] == user)


def _whatever_nonce(nonces: type[Nonces], parts: Parts, request: Request, answer: Answer) -> str:
    return _digest(parts, answer, nonces).user(request.method, request.target, request.headers["authorization"])


def _whatever_address(parts: Parts, request: Request, answer: Answer) -> str:
    return _digest(parts, answer, Nonces).user(request.method, answer.uri, request.headers["authorization"])


def _whatever_method(parts: Parts, request: Request, answer: Answer) -> str:
    for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"):
        try:
            return _digest(parts, answer, Nonces).user(method, request.target, request.headers["authorization"])
        except Unproven:
            continue
    raise Unproven


def _digest(parts: Parts, answer: Answer, nonces: type[Nonces]) -> Digest:
    secrets = {each.credentials["username"]: each.credentials["password"] for each in parts.identities.values()}
    world = parts.world
    return Digest(answer.realm, secrets, nonces(world.store, world.clock, world.ids))


DEFECTS = (
    Defect(
        "cancel_needs_no_credentials",
        KIND,
        "a cancel without credentials is carried out",
        _nobody_may,
        ("missing_credentials_are_refused", "digest_handshake_cancels_once"),
    ),
    Defect(
        "cancel_takes_any_secret",
        KIND,
        "a cancel with a wrong password or token is carried out",
        _any_secret_will_do,
        WRONG,
    ),
    Defect(
        "start_of_a_token_will_do",
        KIND,
        "a token that is cut short or too long is taken for the whole one",
        _start_of_a_token_will_do,
        WRONG,
        uses("bearer"),
    ),
    Defect(
        "reader_may_cancel",
        KIND,
        "a role that may only read may also cancel",
        partial(take_for_owner, trigger="cancel", who="reader"),
        ("weak_role_is_refused",),
        refuses("forbidden"),
    ),
    Defect(
        "reader_may_create",
        KIND,
        "a role that may only read may also create jobs",
        partial(take_for_owner, trigger="create", who="reader"),
        ("weak_role_is_refused",),
        refuses("forbidden"),
    ),
    Defect(
        "stranger_may_cancel",
        KIND,
        "jobs of other tenants can be cancelled",
        partial(take_for_owner, trigger="cancel", who="stranger"),
        REACH,
    ),
    Defect(
        "stranger_may_read",
        KIND,
        "jobs of other tenants can be read",
        partial(take_for_owner, trigger="read", who="stranger"),
        REACH,
    ),
    Defect(
        "list_shows_other_tenants",
        KIND,
        "the list shows the jobs of another tenant",
        partial(take_for_owner, trigger="list", who="stranger"),
        REACH,
    ),
    Defect(
        "digest_count_is_ignored",
        KIND,
        "a recorded Digest answer is good for a second request",
        _proven_by(partial(_whatever_nonce, _NeverCounting)),
        REPLAYED,
        uses("digest"),
    ),
    Defect(
        "digest_nonce_is_ignored",
        KIND,
        "a Digest answer to a nonce that was never issued is taken",
        _proven_by(partial(_whatever_nonce, _Credulous)),
        (*WRONG, *REPLAYED),
        uses("digest"),
    ),
    Defect(
        "digest_address_is_ignored",
        KIND,
        "a Digest answer made for one address is good for another",
        _proven_by(_whatever_address),
        REPLAYED,
        uses("digest"),
    ),
    Defect(
        "digest_method_is_ignored",
        KIND,
        "a Digest answer made for one method is good for another",
        _proven_by(_whatever_method),
        REPLAYED,
        uses("digest"),
    ),
)
