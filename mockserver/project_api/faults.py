"""Trouble in the family's own way, for rules of the control API's `/faults`."""

from __future__ import annotations

from dataclasses import replace

from mockserver.project_api import errors
from mockserver.system import Parts, Reply, Request, VendorError, VendorFault

CHALLENGE = "WWW-Authenticate"


def _rate_limited(parts: Parts, request: Request) -> Reply:
    return errors.rate_limited(request.path).reply


def _crash(parts: Parts, request: Request) -> Reply:
    return errors.crash().reply


def _stale(parts: Parts, request: Request) -> Reply:
    """What a good answer to a challenge gets whose nonce is over."""
    try:
        parts.authenticate(replace(request, headers={}))
    except VendorError as refusal:
        challenge = refusal.reply.headers[CHALLENGE].replace("stale=false", "stale=true")
        return replace(refusal.reply, headers={**refusal.reply.headers, CHALLENGE: challenge})
    raise LookupError("there is no challenge to go stale: everybody is let in")


def _misprinted(reply: Reply, request: Request) -> Reply:
    if CHALLENGE not in reply.headers:
        return reply
    challenge = reply.headers[CHALLENGE].replace('qop="auth"', 'op="auth"')
    return replace(reply, headers={**reply.headers, CHALLENGE: challenge})


FAULTS = (
    VendorFault("rate_limit", "429 RATE_LIMITED", instead=_rate_limited),
    VendorFault("server_error", "500 UNEXPECTED_ERROR, a crash", instead=_crash),
    VendorFault("stale_challenge", "401 with stale=true, whatever the credentials", instead=_stale),
    VendorFault("misprinted_challenge", 'op="auth" in challenges, as the documents misprint it', change=_misprinted),
)
