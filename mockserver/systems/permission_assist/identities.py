"""The API tokens that the mock knows, and what each may do."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.system import Identity, Request
from mockserver.systems.permission_assist.errors import Errors

SYSTEM_WIDE = "system-wide"  # what a token is by the documents (E4)
READ_ONLY = "read-only"  # what one would be that 403 is made for (C9, A25)
READING = frozenset({"list_imports", "get_import"})

IDENTITIES: Mapping[str, Identity] = {
    "owner": Identity("owner", "bearer", {"token": "pa_owner_2f6c1d9e8b"}, SYSTEM_WIDE, "riverside"),
    "reader": Identity("reader", "bearer", {"token": "pa_reader_7a0e4b5c13"}, READ_ONLY, "riverside"),
    "stranger": Identity("stranger", "bearer", {"token": "pa_stranger_c48d92f7e6"}, SYSTEM_WIDE, "lakeside"),
}
"""The built-in tokens: fixed, so that documents and tests can name them. The stranger's is another customer's (A19)."""

TOKEN_NAMES: Mapping[str, str] = {
    "owner": "HRIS Integration",
    "reader": "Reporting",
    "stranger": "API Token - Automation Service",
}
"""What an administrator called each token: who an import was created by (E5, C7)."""


class Tokens:
    """Who asks, and whether they may. `roles`: by one reading a token can be too weak (C9)."""

    def __init__(self, errors: Errors, *, roles: bool) -> None:
        self._errors = errors
        self._roles = roles
        self._by_token = {identity.credentials["token"]: identity for identity in IDENTITIES.values()}

    def authenticate(self, request: Request) -> Identity:
        """The holder of the token (E6). What it may do is settled here too: before the request is looked at (A6)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        identity = self._by_token.get(token.strip()) if scheme.lower() == "bearer" else None
        if identity is None:
            raise self._errors.unauthorized()
        if self._roles and identity.role == READ_ONLY and request.operation_id not in READING:
            raise self._errors.forbidden()
        return identity
