"""The compiled app beside stock Connexion, on one document: no difference that is not listed here with its reason."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import connexion
import httpx
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WORKSHOP = Path(__file__).parent / "workshop.yaml"
JSON = "application/json"


@dataclass(frozen=True)
class Sent:
    """One request, as both get it."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    size: str | None = None
    media_type: str | None = None
    body: str = ""


@dataclass(frozen=True)
class Got:
    """An answer: its status, and what the handler saw if it was called."""

    status: int
    seen: Any = None


@dataclass(frozen=True)
class Difference:
    """Something that the compiled app does otherwise on purpose. `example` shows it: sent, stock's status, ours."""

    reason: str
    applies: Callable[[Sent], bool]
    example: Sent
    stock: int
    ours: int


def has_value(*texts: str) -> Callable[[Sent], bool]:
    return lambda sent: any(value in texts for _, value in sent.query)


DIFFERENCES = [
    Difference(
        "`$` in a pattern is the end, as ECMA 262 has it, and not before a last line break, as Python has it",
        has_value("abc\n"),
        Sent("GET", "/shop/things", (("code", "abc\n"),)),
        200,
        400,
    ),
    Difference(
        "a line break belongs to its segment; no route of stock goes beyond it",
        lambda sent: "%0A" in sent.path,
        Sent("GET", "/shop/things/abcd%0A"),
        404,
        400,
    ),
    Difference(
        "a number is what JSON calls one; stock takes blanks, underscores, other scripts, nan and inf too",
        has_value("1_0", " 1", "٣", "nan", "inf"),
        Sent("GET", "/shop/things", (("limit", " 1"),)),
        200,
        400,
    ),
    Difference(
        "an encoded slash is part of its segment; stock decodes it before it looks for segments",
        lambda sent: "%2F" in sent.path,
        Sent("POST", "/shop/things/abcd%2Fcancel"),
        200,
        405,
    ),
    Difference(
        "a slash more or less is another path; stock redirects, and clients repeat a cancel there",
        lambda sent: sent.path.endswith("/") or sent.path == "/shop",
        Sent("POST", "/shop/things/abcd/cancel/"),
        307,
        404,
    ),
    Difference(
        "a path parameter of the wrong type is a malformed value of a known path; stock does not know the path",
        lambda sent: sent.path.startswith("/shop/shelves/"),
        Sent("GET", "/shop/shelves/x", (("must", "a"),)),
        404,
        400,
    ),
    Difference(
        "a literal path wins over a template, as OpenAPI has it; stock takes the first in the document that fits",
        lambda sent: sent.path == "/shop/things/latest",
        Sent("GET", "/shop/things/latest"),
        400,
        200,
    ),
    Difference(
        "a header is read as its type; stock compares its text with the type and refuses every number",
        lambda sent: sent.size is not None,
        Sent("GET", "/shop/things", size="3"),
        400,
        200,
    ),
    Difference(
        "a body that is not required may be absent, whatever media type is announced; stock calls it empty",
        lambda sent: not sent.body,
        Sent("PUT", "/shop/things/abcd"),
        400,
        200,
    ),
    Difference(
        "JSON has no NaN, and no text has half a character",
        lambda sent: "NaN" in sent.body or "ud800" in sent.body,
        Sent("PUT", "/shop/things/abcd", body='{"a": NaN}'),
        200,
        400,
    ),
    Difference(
        "nesting has a limit; stock has that of Python's stack and answers 500 beyond it",
        lambda sent: sent.body.startswith("[" * 65) or sent.body.startswith('{"a":' * 65),
        Sent("PUT", "/shop/things/abcd", body='{"a":' * 65 + "1" + "}" * 65),
        200,
        400,
    ),
    Difference(
        "media types have no case; stock skips validation where it is not its own",
        lambda sent: sent.media_type == "Application/JSON",
        Sent("POST", "/shop/things", media_type="Application/JSON", body="{}"),
        200,
        400,
    ),
    Difference(
        "a reply for an undocumented status is a bug; stock lets it pass",
        lambda sent: sent.path == "/shop/things/0418",
        Sent("GET", "/shop/things/0418"),
        418,
        501,
    ),
]

PATHS = ["", "/{}", "/{}/cancel", "/latest", "/{}/"]
SEGMENTS = ["abcd", "0123", "latest", "ABCD", "abcd%0A", "x", "%C3%A9", "a%20b", "a%2Fb", "abcde", "%61bcd"]
TARGETS = [f"/shop/things{path.format(segment)}" for path in PATHS for segment in SEGMENTS]
TARGETS += [f"/shop/shelves/{segment}" for segment in ("12", "-7", "x", "")] + ["/shop/nothing", "/shop"]
NAMES = ["limit", "ratio", "flag", "kind", "note", "tags", "sizes", "words", "code"]  # what GET /things documents
OTHERS = ["must", "other"]  # what it does not
NUMBERS = ["1", "3", "11", "0", "-1", "+3", "1.5", "-2e1", "1_0", " 1", "٣", "nan", "inf"]
WORDS = ["true", "FALSE", "yes", "null", "None", "bolt", "screw", "toolong", "abc", "abc\n"]
TEXTS = ["", "a", "a b", "é", "a,b", "a|b", "a,,b", "1,2", "1,x", "%", *NUMBERS, *WORDS]
STRINGS = ["", "a", "red", "2026-01-01T00:00:00Z", "2026-13-01", "eleven long"]
VALUES = [None, True, 0, 1, -1, 1.0, 0.5, 0.3, [], {"id": 1}, *STRINGS]
SCALARS = st.sampled_from(VALUES)
PARTS = st.lists(st.fixed_dictionaries({}, optional={"id": SCALARS, "owner": SCALARS}), max_size=3)
FIELDS = dict.fromkeys(("name", "size", "weight", "when", "color", "of", "more"), SCALARS) | {"parts": PARTS}
NAMELESS = st.fixed_dictionaries({}, optional=FIELDS)
OBJECTS = NAMELESS | NAMELESS.map(lambda fields: {"name": "a"} | fields)
RAW = ["", "{", "{}", "null", '{"name": NaN}', '{"name": "\\ud800"}', "\ufeff{}", "[" * 70 + "]" * 70]
MEDIA_TYPES = [None, JSON, f"{JSON}; charset=utf-8", "application/merge-patch+json", "text/plain", "Application/JSON"]

REQUESTS = st.builds(
    Sent,
    st.sampled_from(["GET", "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS"]),
    st.sampled_from(TARGETS),
    st.lists(st.tuples(st.sampled_from([*NAMES, *OTHERS]), st.sampled_from(TEXTS)), max_size=3).map(tuple),
    st.sampled_from([None, None, "1", "4", "x"]),
    st.sampled_from(MEDIA_TYPES),
    (SCALARS | OBJECTS).map(json.dumps) | st.sampled_from(RAW),
)


@pytest.fixture
def both(workshop: Any) -> Callable[[Sent], tuple[Got, Got]]:
    """Sends a request to stock Connexion and to the compiled app."""
    workshop.patch = lambda document: document.update(security=[])
    workshop.calls = {"get_thing": lambda request: _teapot(request, workshop.echo)}
    stock, compiled = stock_app(), workshop.client().asgi
    return lambda sent: asyncio.run(_send_to_both(sent, stock, compiled))


@settings(max_examples=500, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(sent=REQUESTS)
def test_generated_request_is_answered_alike_unless_the_reason_is_listed(both: Any, sent: Sent) -> None:
    stock, ours = both(sent)

    assert stock == ours or any(each.applies(sent) for each in DIFFERENCES), f"{sent}: {stock} in stock, {ours} here"


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.reason[:40])
def test_listed_difference_is_there(both: Any, difference: Difference) -> None:
    stock, ours = both(difference.example)

    assert (stock.status, ours.status) == (difference.stock, difference.ours)


def stock_app() -> connexion.AsyncApp:
    """Connexion as it comes, with a handler that says what it saw."""
    document = yaml.safe_load(WORKSHOP.read_text()) | {"security": []}
    app = connexion.AsyncApp(__name__, resolver=connexion.Resolver(lambda name: _stock_echo))
    app.add_api(document, validate_responses=True)
    return app


async def _stock_echo(body: Any = None, **given: Any) -> Any:
    path = {name.replace("_", "-"): str(given.pop(name)) for name in ("thing_id", "number") if name in given}
    seen = {"path": path, "query": given, "body": _text(body)}
    return seen, 418 if path.get("thing-id") == "0418" else 200, {"X-Trace": "t"}


def _text(body: Any) -> str:
    """A body in a form that can say everything. Stock hands it on as bytes where no media type was announced."""
    return json.dumps(json.loads(body) if isinstance(body, bytes) else body)


def _teapot(request: Any, echo: Any) -> Any:
    reply = echo(request)
    return replace(reply, status=418) if request.path_params["thing-id"] == "0418" else reply


async def _send_to_both(sent: Sent, *apps: Any) -> tuple[Got, ...]:
    return tuple([await _send(sent, app) for app in apps])


async def _send(sent: Sent, app: Any) -> Got:
    headers = {"x-size": sent.size, "content-type": sent.media_type}
    query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in sent.query)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        answer = await http.request(
            sent.method,
            f"{sent.path}?{query}",
            headers={name: value for name, value in headers.items() if value is not None},
            content=sent.body.encode(),
        )
    return Got(answer.status_code, _seen(answer, sent) if answer.status_code == 200 and answer.content else None)


def _seen(answer: httpx.Response, sent: Sent) -> Any:
    """What the handler saw of what was sent and is documented; stock hands the rest only to some handlers."""
    seen = answer.json()
    seen["body"] = seen["body"] if isinstance(seen["body"], str) else _text(seen["body"])
    listing = (sent.method, sent.path) == ("GET", "/shop/things")
    given = {name for name, _ in sent.query} & set(NAMES if listing else ())
    seen["query"] = {name: value for name, value in seen["query"].items() if name in given}
    if sent.method not in ("POST", "PUT") or sent.path.endswith("/cancel"):
        del seen["body"]
    return seen
