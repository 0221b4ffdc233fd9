"""Trouble in the Cloud Controller's own way, for rules of the control API's `/faults`."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.system import Parts, Reply, Request, VendorError, VendorFault
from mockserver.systems.cloud_foundry import errors
from mockserver.systems.cloud_foundry.rate_limits import GENERAL, Window


def _always(error: Callable[[], VendorError]) -> Callable[[Parts, Request], Reply]:
    return lambda parts, request: error().reply


def _rate_limited(parts: Parts, request: Request) -> Reply:
    now = parts.world.clock.now()
    spent = Window(now, GENERAL.per_process + 1)
    return errors.rate_limit_exceeded(spent.refusal_headers(GENERAL, now)).reply


FAULTS = (
    VendorFault("rate_limit", "429 of the rate limiter: JSON under a text content type (E33)", instead=_rate_limited),
    VendorFault("server_error", "500, a crash (E49)", instead=_always(errors.unknown_error)),
    VendorFault("database_down", "503, no database (E49)", instead=_always(errors.service_unavailable)),
    VendorFault("uaa_down", "502, no UAA (E49)", instead=_always(errors.uaa_unavailable)),
    VendorFault("uaa_busy", "429 that the UAA is the reason for (E49)", instead=_always(errors.uaa_rate_limited)),
)
