"""Every refusal of Paperboy's: status, code and words (E9). One function an error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.system import VendorError


def bad_request(fields: Iterable[str]) -> VendorError:
    """A malformed id, query parameter or body (E10)."""
    return _problem(400, "bad_request", f"{_listed(fields)} is malformed.", fields=list(fields))


def invalid_job(fields: Iterable[str]) -> VendorError:
    """JSON, but no job (E10)."""
    return _problem(422, "invalid_job", f"{_listed(fields)} is not acceptable.", fields=list(fields))


def not_signed_in() -> VendorError:
    """No token or a wrong one: Paperboy does not say which (E11)."""
    challenge = {"WWW-Authenticate": 'Bearer realm="Paperboy"'}
    return _problem(401, "not_signed_in", "Sign in with a valid token.", challenge)


def read_only_token() -> VendorError:
    """The token may only look (E12)."""
    return _problem(403, "read_only_token", "This token can only read.")


def job_not_found(job_id: str) -> VendorError:
    """No such job in this newsroom (E9, E13)."""
    return _problem(404, "job_not_found", f"There is no job {job_id}.")


def job_not_cancellable(job_id: str, status: str) -> VendorError:
    """Too late (E6)."""
    return _problem(409, "job_not_cancellable", f"Job {job_id} is {status}.")


def no_such_page() -> VendorError:
    """A path that does not exist (E14)."""
    return _problem(404, "no_such_page", "There is nothing here.")


def method_not_allowed(method: str, allow: Iterable[str]) -> VendorError:
    """A path that exists, but not with this method (E14)."""
    return _problem(405, "method_not_allowed", f"{method} is not possible here.", {"Allow": ", ".join(allow)})


def not_json() -> VendorError:
    """A body of another media type (E15)."""
    return _problem(415, "not_json", "Send application/json.")


def too_large() -> VendorError:
    """More than the press takes (E15)."""
    return _problem(413, "too_large", "The request is too large.")


def out_of_order() -> VendorError:
    """The press is being repaired; nothing was changed (E15)."""
    return _problem(503, "out_of_order", "Try again later.")


def _listed(fields: Iterable[str]) -> str:
    return ", ".join(fields)


def _problem(status: int, code: str, message: str, headers: dict[str, str] | None = None, **more: Any) -> VendorError:
    return VendorError(status, {"problem": {"code": code, "message": message, **more}}, headers)
