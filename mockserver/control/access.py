"""Who may use the control API: this machine, or whoever has the token; no web page, whatever its name resolves to."""

from __future__ import annotations

import ipaddress
from hmac import compare_digest
from urllib.parse import urlsplit

from mockserver.control import errors
from mockserver.system import Request

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")  # a proxy speaks for somebody else


class Access:
    """The rules of one mock. Without a token, only loopback is let in."""

    def __init__(self, token: str, public_url: str) -> None:
        self._token = token.encode()
        self._own_name = urlsplit(public_url).hostname

    def check(self, request: Request) -> None:
        """Raise the refusal unless this request may go on."""
        if self._token:
            self._check_token(request)
        elif not from_this_machine(request):
            raise errors.not_from_here()
        if not (self._host_is_ours(request) and origin_is_host(request)):
            raise errors.no_web_pages()

    def _check_token(self, request: Request) -> None:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        bearer = credentials.strip() if scheme.lower() == "bearer" else ""
        given = request.headers.get("x-mockserver-token") or bearer
        if not compare_digest(given.encode(), self._token):
            raise errors.token_needed()

    def _host_is_ours(self, request: Request) -> bool:
        """A name that somebody else controls may resolve to this machine (DNS rebinding); an address cannot."""
        name = host_of(request)
        return name is not None and (name in ("localhost", self._own_name) or is_address(name))


def from_this_machine(request: Request) -> bool:
    """Whether the peer is on loopback and speaks for itself."""
    return is_loopback(request.client) and not any(name in request.headers for name in FORWARDED)


def origin_is_host(request: Request) -> bool:
    """No Origin (no browser), or the mock's own."""
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return False
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def host_of(request: Request) -> str | None:
    """The name in the Host header."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return None


def is_address(name: str) -> bool:
    """Whether a host is an IP address and no name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(client: str) -> bool:
    """Whether a peer's address is this machine's own."""
    return is_address(client) and ipaddress.ip_address(client).is_loopback
