"""What clients ask before they are anybody: the API's entrance, and the UAA's log-in (E46, E47)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from mockserver.clock import Clock
from mockserver.ids import Ids
from mockserver.system import Reply, Request
from mockserver.systems.cloud_foundry import rate_limits, tokens
from mockserver.systems.cloud_foundry.errors import JSON
from mockserver.systems.cloud_foundry.people import CLIENTS, PEOPLE, Client, Person
from mockserver.systems.cloud_foundry.settings import Settings
from mockserver.systems.cloud_foundry.tokens import ACCESS_LASTS, REFRESH_LASTS, InvalidToken, Lease

API_VERSION = "3.228.0"

LOGIN_ROUTES = {
    "GET /": "root",
    "GET /v3": "v3_root",
    "GET /v3/info": "info",
    "GET /login": "prompts",
    "POST /oauth/token": "token",
}
"""Paths that need no token, and the methods of `Login` that serve them."""


class TokenRefused(Exception):
    """No token is given. `code` is OAuth's word for why."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.code = code


class Login:
    """The entrance. The UAA is but `/oauth/token` and `/login`: no single sign-on, none of its users' pages."""

    def __init__(self, clock: Clock, ids: Ids, settings: Settings, count: Callable[[Request], None]) -> None:
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._count = count

    def root(self, request: Request) -> Reply:
        """`GET /`: where everything is."""
        base = request.base_url
        links = {
            "self": {"href": base},
            "cloud_controller_v2": None,
            "cloud_controller_v3": {"href": f"{base}/v3", "meta": {"version": API_VERSION}},
            "network_policy_v0": None,
            "network_policy_v1": None,
            "login": {"href": base},
            "uaa": {"href": base},
            "credhub": None,
            "routing": None,
            "logging": None,
            "log_cache": None,
            "log_stream": None,
            "app_ssh": None,
        }
        return Reply(200, {"links": links}, media_type=JSON)

    def v3_root(self, request: Request) -> Reply:
        """`GET /v3`: what the API has, as far as this mock has it."""
        base = f"{request.base_url}/v3"
        names = ("apps", "deployments", "organizations", "spaces")
        links = {"self": {"href": base}} | {name: {"href": f"{base}/{name}"} for name in names}
        return Reply(200, {"links": links}, media_type=JSON)

    def info(self, request: Request) -> Reply:
        """`GET /v3/info`: what the operator says of this foundation. Unlike `/` and `/v3` it is rate-limited (E33)."""
        self._count(request)
        body = {
            "build": "",
            "cli_version": {"minimum": "", "recommended": ""},
            "custom": {},
            "description": "",
            "name": "",
            "version": 0,
            "osbapi_version": "2.15",
            "rate_limits": {
                "enabled": bool(self._settings.rate_limit),
                "general_limit": rate_limits.general(self._settings.rate_limit).in_all,
                "reset_interval_in_minutes": int(rate_limits.WINDOW // 60),
            },
            "links": {"self": {"href": f"{request.base_url}/v3/info"}, "support": {"href": ""}},
        }
        return Reply(200, body, media_type=JSON)

    def prompts(self, request: Request) -> Reply:
        """`GET /login`: what `cf login` asks its user."""
        body = {
            "app": {"version": "78.0.0"},
            "links": {"uaa": request.base_url, "login": request.base_url},
            "zone_name": "uaa",
            "prompts": {"username": ["text", "Email"], "password": ["password", "Password"]},
        }
        return Reply(200, body, media_type=JSON)

    def token(self, request: Request) -> Reply:
        """`POST /oauth/token`: the grants password, client_credentials and refresh_token.

        Not imitated: other grants, single sign-on, revocation; tokens are HS256 and signed with a published key.
        """
        form = dict(parse_qsl(request.raw_body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            return Reply(200, self._granted(form, request), {"Cache-Control": "no-store"}, JSON)
        except TokenRefused as refusal:
            body = {"error": refusal.code, "error_description": str(refusal)}  # A13
            return Reply(refusal.status, body, media_type=JSON)

    def _granted(self, form: Mapping[str, str], request: Request) -> dict[str, Any]:
        client = _client(form, request)
        match form.get("grant_type"):
            case "password":
                return self._by_password(client, form)
            case "refresh_token":
                return self._by_refresh(client, form)
            case "client_credentials":
                return self._for_client(client)
        raise TokenRefused(400, "unsupported_grant_type", f"Unsupported grant type: {form.get('grant_type', '')}")

    def _by_password(self, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
        _refuse_unless_for_users(client)
        person = next((each for each in PEOPLE if each.name == form.get("username")), None)
        if person is None or form.get("password") != person.password:
            raise TokenRefused(401, "unauthorized", "Bad credentials")
        asked = frozenset(form.get("scope", "").split())
        return self._for_user(client, person, person.scopes & asked if asked else person.scopes)

    def _by_refresh(self, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
        _refuse_unless_for_users(client)
        try:
            claims = tokens.read_refresh(form.get("refresh_token", ""), self._clock)
        except InvalidToken:
            raise TokenRefused(
                401, "invalid_token", "The token expired, was revoked, or the token ID is incorrect."
            ) from None
        person = tokens.person_of(claims)
        if person is None:
            raise TokenRefused(401, "invalid_token", "The user is not known.")
        return self._for_user(client, person, frozenset(claims["scope"]))

    def _for_user(self, client: Client, person: Person, scopes: frozenset[str]) -> dict[str, Any]:
        access = tokens.access_claims(person, scopes, self._lease(ACCESS_LASTS), client.name)
        refresh = tokens.refresh_claims(person, scopes, self._lease(REFRESH_LASTS), client.name)
        return {**_answer(access), "refresh_token": tokens.sign(refresh)}

    def _for_client(self, client: Client) -> dict[str, Any]:
        if not client.secret:
            raise TokenRefused(401, "unauthorized_client", "Unauthorized grant type: client_credentials")
        return _answer(tokens.client_claims(client, self._lease(ACCESS_LASTS)))

    def _lease(self, seconds: float) -> Lease:
        now = int(self._clock.now())
        return Lease(now, now + int(seconds), self._ids.hex(32))


def _answer(claims: tokens.Claims) -> dict[str, Any]:
    return {
        "access_token": tokens.sign(claims),
        "token_type": "bearer",
        "expires_in": int(ACCESS_LASTS) - 1,
        "scope": " ".join(claims["scope"]),
        "jti": claims["jti"],
    }


def _client(form: Mapping[str, str], request: Request) -> Client:
    """The client that asks, by Basic authentication or by the form."""
    name, secret = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
    for client in CLIENTS:
        if (client.name, client.secret) == (name, secret):
            return client
    raise TokenRefused(401, "unauthorized", "Bad credentials")


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return name, secret


def _refuse_unless_for_users(client: Client) -> None:
    if not client.may_log_in_users:
        raise TokenRefused(401, "unauthorized_client", "Unauthorized grant type for this client")
