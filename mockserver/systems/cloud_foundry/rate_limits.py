"""The rate limiter: off unless the operator wants it. Windows begin with a caller's first request (E33)."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.clock import Clock
from mockserver.system import Request
from mockserver.systems.cloud_foundry import errors
from mockserver.systems.cloud_foundry.people import Caller
from mockserver.systems.cloud_foundry.roles import ADMIN_READ_ONLY


@dataclass(frozen=True, slots=True)
class Limit:
    """How many requests one caller has: at one server process, and at all of them, which is what headers say."""

    per_process: int
    in_all: int


GENERAL = Limit(2000, 20000)  # the vendor's example settings (E33)
UNAUTHENTICATED = Limit(100, 1000)
WINDOW = 3600.0  # seconds; the vendor's example setting
EXEMPT = frozenset({"/", "/v3", "/login", "/oauth/token"})  # E33; the last two are another server's


def general(wanted: int | bool) -> Limit:
    """The limit of users and clients where the operator wants this: true or false leave the example settings."""
    return GENERAL if isinstance(wanted, bool) else Limit(wanted, wanted)


def is_exempt(request: Request) -> bool:
    """Whether the limiter lets a request pass uncounted (E33)."""
    scheme, _, _ = request.headers.get("authorization", "").partition(" ")
    return request.path in EXEMPT or scheme.lower() == "basic"


@dataclass(slots=True)
class Window:
    """One caller's requests since `began`."""

    began: float
    requests: int = 0

    def headers(self, limit: Limit) -> dict[str, str]:
        """What a reply says of it. Left are tenths only: processes do not know of each other's requests."""
        left = max(0, limit.per_process - self.requests)
        tenths = left * 10 // limit.per_process
        return {
            "X-RateLimit-Limit": str(limit.in_all),
            "X-RateLimit-Remaining": str(limit.in_all * tenths // 10),
            "X-RateLimit-Reset": str(int(self.began + WINDOW)),
        }

    def refusal_headers(self, limit: Limit, now: float) -> dict[str, str]:
        """What a refusal says besides: how long to wait."""
        return {"Retry-After": str(int(self.began + WINDOW - now)), **self.headers(limit)}


class RateLimits:
    """Counts requests in this process, as each of the vendor's does."""

    def __init__(self, clock: Clock, general: Limit = GENERAL, unauthenticated: Limit = UNAUTHENTICATED) -> None:
        self._clock = clock
        self._general = general
        self._unauthenticated = unauthenticated
        self._windows: dict[str, Window] = {}

    @classmethod
    def of(cls, wanted: int | bool, clock: Clock) -> RateLimits | None:
        """True: the vendor's example settings; a number: that limit for everybody; false or 0: none."""
        if not wanted:
            return None
        return cls(clock) if wanted is True else cls(clock, general(wanted), general(wanted))

    def count_caller(self, caller: Caller) -> None:
        """Count a request with a valid token; admins have no limit."""
        if caller.actor.is_admin or ADMIN_READ_ONLY in caller.actor.scopes:
            return
        window = self._counted(caller.actor.guid)
        if window.requests > self._general.per_process:
            raise errors.rate_limit_exceeded(window.refusal_headers(self._general, self._clock.now()))

    def count_address(self, request: Request) -> None:
        """Count a request without a token."""
        if is_exempt(request):
            return
        window = self._counted(request.client)
        if window.requests > self._unauthenticated.per_process:
            raise errors.ip_rate_limit_exceeded(window.refusal_headers(self._unauthenticated, self._clock.now()))

    def headers(self, request: Request) -> dict[str, str]:
        """What the reply to a request says of the caller's limit; nothing where none applies."""
        if is_exempt(request):
            return {}
        caller = request.identity
        if isinstance(caller, Caller):
            window, limit = self._windows.get(caller.actor.guid), self._general
        else:
            window, limit = self._windows.get(request.client), self._unauthenticated
        return window.headers(limit) if window else {}

    def _counted(self, key: str) -> Window:
        now = self._clock.now()
        window = self._windows.get(key)
        if window is None or now >= window.began + WINDOW:
            window = self._windows[key] = Window(now)
        window.requests += 1
        return window
