"""Every way the control API says no: ours, and never in a vendor's words. Each says what to do."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.system import Rejection, VendorError


def refusal(status: int, word: str, message: str, headers: dict[str, str] | None = None) -> VendorError:
    """A status, a word for programs and sentences for people."""
    return VendorError(status, {"error": word, "message": message}, headers)


def token_needed() -> VendorError:
    """From elsewhere, or with a token set, only the token opens the control API."""
    message = "This needs the control token. Send it as `Authorization: Bearer TOKEN` or `X-Mockserver-Token: TOKEN`."
    return refusal(401, "token_needed", message, {"WWW-Authenticate": 'Bearer realm="mockserver"'})


def not_from_here() -> VendorError:
    """No token was set, and the client is not on this machine."""
    message = (
        "The control API is open to this machine only. Start the mock with --control-token to use it from elsewhere."
    )
    return refusal(403, "not_from_here", message)


def no_web_pages() -> VendorError:
    """A browser says that a page asks."""
    message = "The control API does not serve web pages: Host or Origin is not this mock's. Use a client without them."
    return refusal(403, "no_web_pages", message)


def misspelt(prefix: str) -> VendorError:
    """The path becomes ours when it is decoded: whoever shields us by our path would not see it."""
    return refusal(404, "unknown_route", f"The control API's paths begin with {prefix}/, written like that.")


def unknown_system(name: str, served: Iterable[str]) -> VendorError:
    """No such system, or it is not served."""
    message = f"No system `{name}` is served. Served: {', '.join(sorted(served))}. Name one of these."
    return refusal(404, "unknown_system", message)


def unknown_operation(name: str, served: Iterable[str]) -> VendorError:
    """No such operation, or its system is not served."""
    message = f"No operation `{name}` is served. Served: {', '.join(sorted(served))}. Name one of these."
    return refusal(404, "unknown_operation", message)


def unknown_resource(system: str, id: str) -> VendorError:
    """No such job."""
    message = f"{system} has no job `{id}`. GET /__mock__/resources/{system} lists all that there are."
    return refusal(404, "unknown_resource", message)


def not_possible(reason: str) -> VendorError:
    """The model will not put a job into that state, with those fields, or there."""
    return refusal(400, "not_possible", reason)


def not_legal(reason: str) -> VendorError:
    """The lifecycle has no such step from here."""
    return refusal(409, "not_legal", reason)


def unusable(reason: str) -> VendorError:
    """A scenario, a fault or a defect that is not known."""
    return refusal(400, "unusable", reason)


def rejected(rejection: Rejection) -> VendorError:
    """What the layers before the handlers found wrong."""
    if rejection.kind in ("unknown_route", "wrong_method"):
        status = 405 if rejection.allow else 404
        headers = {"Allow": ", ".join(rejection.allow)} if rejection.allow else None
        return refusal(status, rejection.kind, f"{rejection.message}. See /__mock__/openapi.json.", headers)
    status = {"too_large": 413, "unavailable": 503, "unsupported_media_type": 415}.get(rejection.kind, 400)
    where = f"{rejection.where}: " if rejection.where else ""
    return refusal(status, rejection.kind, f"{where}{rejection.message}. See /__mock__/openapi.json.")
