"""The claims that generated requests test: promises about every request and reply, not only about cancel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """A claim that generated requests test. `checks` are Schemathesis's; `meaning` completes "holds when ..."."""

    id: str
    meaning: str
    source: str
    checks: frozenset[str]


REPLIES_MATCH = Promise(
    "replies_match_the_spec",
    "every reply has a documented status, media type and headers, and a body that follows its schema",
    "the spec's responses",
    frozenset(
        {
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        }
    ),
)
NO_SERVER_ERRORS = Promise(
    "no_server_errors",
    "no request, however odd, is answered with a 5xx or not at all",
    "RFC 9110 section 15.6",
    frozenset({"not_a_server_error"}),
)
INVALID_IS_REFUSED = Promise(
    "invalid_requests_are_refused",
    "requests that break the documented schemas are refused",
    "the spec's request schemas",
    frozenset({"negative_data_rejection", "missing_required_header"}),
)
VALID_IS_ACCEPTED = Promise(
    "valid_requests_are_accepted",
    "requests that follow the documented schemas are not taken for invalid ones",
    "the spec's request schemas",
    frozenset({"positive_data_acceptance"}),
)
PROMISES = (REPLIES_MATCH, NO_SERVER_ERRORS, INVALID_IS_REFUSED, VALID_IS_ACCEPTED)
PROMISE_OF_CHECK = {check: promise for promise in PROMISES for check in promise.checks}
