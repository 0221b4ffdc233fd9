"""HTTP read loosely or spoken badly: methods, paths, statuses and headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

from mockserver.defects.answers import PLAIN, after_dressing
from mockserver.defects.calls import hear, operation, parameters_in, pulls, surround
from mockserver.defects.fitting import challenges, own_path, success_has_body, uses
from mockserver.system import Defect, Heard, Parts, Reply, Request

KIND = "protocol"
OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")
OTHER_METHODS = frozenset({"PUT", "PATCH", "DELETE"})
PATHS = ("path_tricks_never_cancel",)
METHODS = ("wrong_methods_are_refused",)
SAFE = ("safe_methods_never_cancel",)
ACCEPTED = ("running_job_accepts_cancel", "replies_match_the_spec")

Meant = Callable[[Parts, Request, Heard], bool]


def _takes_for_cancel(meant: Meant) -> Callable[[Parts], None]:
    """A bug that hears a cancel where `meant` says so; the path is that of cancel already."""

    def plant(parts: Parts) -> None:
        def listen(request: Request, heard: Heard) -> Heard:
            if parameters_in(parts.spec, "cancel", heard[1]) is None or not meant(parts, request, heard):
                return heard
            return operation(parts.spec, "cancel").method, heard[1]

        hear(parts, listen)

    return plant


def _is_get(parts: Parts, request: Request, heard: Heard) -> bool:
    return heard[0] == "GET"


def _is_head(parts: Parts, request: Request, heard: Heard) -> bool:
    return heard[0] == "HEAD"


def _is_options(parts: Parts, request: Request, heard: Heard) -> bool:
    return heard[0] == "OPTIONS"


def _is_another(parts: Parts, request: Request, heard: Heard) -> bool:
    path = operation(parts.spec, "cancel").path
    taken = {each.method for each in parts.spec.operations.values() if each.path == path}
    return heard[0] in OTHER_METHODS - taken


def _is_overridden(parts: Parts, request: Request, heard: Heard) -> bool:
    wanted = operation(parts.spec, "cancel").method
    return any(request.headers.get(name, "").upper() == wanted for name in OVERRIDES)


def _is_overridden_in_query(parts: Parts, request: Request, heard: Heard) -> bool:
    query = dict(parse_qsl(heard[1].partition("?")[2]))
    return query.get("_method", "").upper() == operation(parts.spec, "cancel").method


def _reads_paths(tidied: Callable[[str], str]) -> Callable[[Parts], None]:
    """A bug that tidies a path before it looks where it leads, where that makes it a cancel's."""

    def plant(parts: Parts) -> None:
        def listen(request: Request, heard: Heard) -> Heard:
            method, target = heard
            path, mark, query = target.partition("?")
            other = f"{tidied(path)}{mark}{query}"
            return (method, other) if parameters_in(parts.spec, "cancel", other) is not None else heard

        hear(parts, listen)

    return plant


def _without_last_slash(path: str) -> str:
    return path.rstrip("/")


def _without_doubled_slashes(path: str) -> str:
    return re.sub("/+", "/", path)


def _with_slashes_decoded(path: str) -> str:
    return re.sub("%2[Ff]", "/", path)


def _without_dots(path: str) -> str:
    segments: list[str] = []
    for segment in re.sub("%2[Ee]", ".", path).split("/"):
        if segment == "..":
            segments.pop()
        elif segment != ".":
            segments.append(segment)
    return "/".join(segments)


def _in_any_case(parts: Parts) -> None:
    """Paths are compared as a file system of Windows would."""

    def listen(request: Request, heard: Heard) -> Heard:
        method, target = heard
        template = (parts.spec.base_path + operation(parts.spec, "cancel").path).split("/")
        segments = target.partition("?")[0].split("/")
        if len(segments) != len(template):
            return heard
        words = [_word(*pair) for pair in zip(template, segments, strict=True)]
        other = "/".join(words)
        return (method, other) if parameters_in(parts.spec, "cancel", other) is not None else heard

    hear(parts, listen)


def _word(wanted: str, found: str) -> str:
    return wanted if wanted.lower() == found.lower() else found


def _answers_with(change: Callable[[Reply], Reply]) -> Callable[[Parts], None]:
    """A bug in what is said to an accepted cancel."""

    def plant(parts: Parts) -> None:
        surround(parts, "cancel", lambda call, request: change(call(request)))

    return plant


def _as_202(reply: Reply) -> Reply:
    return replace(reply, status=202)


def _as_204(reply: Reply) -> Reply:
    return replace(reply, status=204, body=None)


def _as_redirect(reply: Reply) -> Reply:
    return replace(reply, status=303, body=None, headers={**reply.headers, "Location": "/"})


def _as_text(reply: Reply) -> Reply:
    """A 204 has no room for a text."""
    status = 200 if reply.status == 204 else reply.status
    return replace(reply, status=status, body=b"OK", media_type=PLAIN, headers={})


def _refusals_say_200(parts: Parts) -> None:
    """The status is in the body, if anywhere; what carries it always says that all went well."""

    def change(reply: Reply, request: Request) -> Reply:
        refused = pulls(parts, request, "cancel") and 400 <= reply.status < 500 and reply.status != 401
        return replace(reply, status=200) if refused else reply

    after_dressing(parts, change)


def _without_header(name: str) -> Callable[[Parts], None]:
    """A bug that forgets a header."""

    def plant(parts: Parts) -> None:
        def change(reply: Reply, request: Request) -> Reply:
            headers = {each: value for each, value in reply.headers.items() if each.lower() != name}
            return replace(reply, headers=headers)

        after_dressing(parts, change)

    return plant


def _misprinted_challenge(parts: Parts) -> None:
    """`op` for `qop`, as documents have it: a client that takes it at its word falls back to RFC 2069, or gives up."""

    def change(reply: Reply, request: Request) -> Reply:
        if challenge := reply.headers.get("WWW-Authenticate"):
            return replace(reply, headers={**reply.headers, "WWW-Authenticate": challenge.replace("qop=", "op=")})
        return reply

    after_dressing(parts, change)


DEFECTS = (
    Defect("get_cancels", KIND, "GET on the path of cancel cancels", _takes_for_cancel(_is_get), SAFE, own_path),
    Defect("head_cancels", KIND, "HEAD on the path of cancel cancels", _takes_for_cancel(_is_head), SAFE),
    Defect("options_cancels", KIND, "OPTIONS on the path of cancel cancels", _takes_for_cancel(_is_options), SAFE),
    Defect(
        "other_methods_cancel",
        KIND,
        "methods that the path of cancel does not have cancel all the same",
        _takes_for_cancel(_is_another),
        METHODS,
    ),
    Defect(
        "override_header_is_obeyed",
        KIND,
        "X-HTTP-Method-Override makes a cancel of another request",
        _takes_for_cancel(_is_overridden),
        METHODS,
    ),
    Defect(
        "override_in_query_is_obeyed",
        KIND,
        "`_method` in the query makes a cancel of another request",
        _takes_for_cancel(_is_overridden_in_query),
        (*SAFE, *METHODS),
    ),
    Defect(
        "trailing_slash_is_dropped",
        KIND,
        "the path of cancel with a slash at its end cancels",
        _reads_paths(_without_last_slash),
        PATHS,
    ),
    Defect(
        "doubled_slash_is_folded",
        KIND,
        "the path of cancel with a doubled slash cancels",
        _reads_paths(_without_doubled_slashes),
        PATHS,
    ),
    Defect(
        "encoded_slash_separates",
        KIND,
        "`%2F` in the path of cancel counts as a slash",
        _reads_paths(_with_slashes_decoded),
        PATHS,
    ),
    Defect(
        "dot_segments_are_followed",
        KIND,
        "`.` and `..` in the path of cancel lead to it",
        _reads_paths(_without_dots),
        PATHS,
    ),
    Defect("case_of_path_is_ignored", KIND, "the path of cancel in capital letters cancels", _in_any_case, PATHS),
    Defect(
        "success_is_accepted",
        KIND,
        "an accepted cancel is answered 202 instead of the documented status",
        _answers_with(_as_202),
        ACCEPTED,
    ),
    Defect(
        "success_is_empty",
        KIND,
        "an accepted cancel is answered 204 instead of 200",
        _answers_with(_as_204),
        ACCEPTED,
        success_has_body,
    ),
    Defect(
        "success_redirects",
        KIND,
        "an accepted cancel is answered with a redirect to a page",
        _answers_with(_as_redirect),
        ACCEPTED,
    ),
    Defect(
        "success_is_text", KIND, "an accepted cancel is answered with the text OK", _answers_with(_as_text), ACCEPTED
    ),
    Defect(
        "refusals_say_200",
        KIND,
        "a refused cancel is answered 200, with the refusal in the body",
        _refusals_say_200,
        ("terminal_job_refuses_cancel", "replies_match_the_spec"),
    ),
    Defect(
        "challenge_is_missing",
        KIND,
        "a 401 comes without WWW-Authenticate",
        _without_header("www-authenticate"),
        ("missing_credentials_are_refused", "replies_match_the_spec", "digest_handshake_cancels_once"),
        challenges,
    ),
    Defect(
        "challenge_is_misprinted",
        KIND,
        "the Digest challenge says `op` for `qop`",
        _misprinted_challenge,
        ("digest_handshake_cancels_once",),
        uses("digest"),
    ),
)
