"""Who asks: the identities of a target and what they prove themselves with."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.secret import Secret

OWNER, READER, STRANGER = "owner", "reader", "stranger"
ROLES = {
    OWNER: "may do everything the suite does",
    READER: "authenticated, its role too low to cancel",
    STRANGER: "belongs to another tenant",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """One user of a target. `scheme` is digest (username, password), bearer (token) or oauth2.

    With oauth2 a token is fetched from `token_url`: `grant` is `password` (username, password and
    usually the client's id) or `client_credentials` (client id and secret).
    """

    name: str
    scheme: str
    username: str = ""
    password: Secret | None = None
    token: Secret | None = None
    token_url: str = ""
    grant: str = ""
    client_id: str = ""
    client_secret: Secret | None = None
    scope: str = ""
