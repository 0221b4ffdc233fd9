"""Bearer tokens (RFC 6750): who presents none is told something else than who presents a wrong one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mockserver.system import Identity, Request, VendorError


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The token that is presented; None without credentials, or with those of another scheme."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class BearerAuthenticator:
    """Fixed tokens. `missing` and `invalid` are the vendor's words; some have the same for both."""

    def __init__(
        self, identities: Iterable[Identity], missing: Callable[[], VendorError], invalid: Callable[[], VendorError]
    ) -> None:
        self._by_token = {each.credentials["token"]: each for each in identities}
        self._missing = missing
        self._invalid = invalid

    def __call__(self, request: Request) -> Identity:
        """The identity whose token was presented."""
        token = bearer_token(request.headers)
        if token is None:
            raise self._missing()
        if token not in self._by_token:
            raise self._invalid()
        return self._by_token[token]
