"""Bytes in, bytes out: JSON, percent-encoding and headers as they travel."""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import orjson

from mockserver import __version__
from mockserver.errors import MalformedJson
from mockserver.system import Reply

JSON_DEPTH = 64  # levels of nesting; ours, far beyond any document of a vendor
BODYLESS = frozenset({204, 304})  # RFC 9110, 6.4.1
OURS = "X-Mockserver"
OUR_ERROR = "X-Mockserver-Error"

Headers = list[tuple[bytes, bytes]]

_TYPE = frozenset({"Content-Type", "content-type"})
_MARK = f"{OURS}: {__version__}\r\n"


def parse_json(raw: bytes, charset: str = "utf-8") -> Any:
    """The value, or MalformedJson. NaN, infinities, lone surrogates and deep nesting are malformed too.

    LookupError for a charset that does not exist.
    """
    try:
        text = raw.decode(charset)
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise MalformedJson(str(error)) from None
    if text.count("[") + text.count("{") > JSON_DEPTH and _depth(value) > JSON_DEPTH:
        raise MalformedJson(f"nested deeper than {JSON_DEPTH} levels")
    if "\\u" in text:
        _refuse_lone_surrogates(value)
    return value


def dump_json(value: Any) -> bytes:
    """Compact UTF-8. ValueError or TypeError for what JSON cannot say."""
    try:
        quick = orjson.dumps(value)
    except TypeError:  # integers beyond 64 bits are JSON, too
        return _ENCODER.encode(value).encode()
    return quick if b"null" not in quick else _ENCODER.encode(value).encode()  # it may have been a NaN


def decode_percent(text: str) -> str:
    """The text behind percent-encoding. What is no UTF-8 or holds a NUL stays as it was sent: no id looks like that."""
    if "%" not in text:
        return text
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return text
    return text if "\0" in decoded else decoded


def fold_headers(pairs: Headers) -> dict[str, str]:
    """Headers by name, which ASGI has in lower case; one that comes twice is joined by a comma, as RFC 9110 says."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
    return headers if len(headers) == len(pairs) else _folded(pairs)


def _folded(pairs: Headers) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


class Encoded(NamedTuple):
    """A reply as it is sent. `fields` are its header lines, names as servers write them."""

    status: int
    fields: bytes
    body: bytes

    @property
    def headers(self) -> Headers:
        """The header lines one by one, names in small letters as ASGI has them."""
        pairs = (line.partition(b": ") for line in self.fields.split(b"\r\n")[:-1])
        return [(name.lower(), value) for name, _, value in pairs]


def encode(reply: Reply) -> Encoded:
    """The bytes of a reply, with the mark that says it comes from a mock.

    ValueError or TypeError for what JSON cannot say, and for a header that is none.
    """
    body = body_bytes(reply)
    lines = [f"{name}: {value}\r\n" for name, value in reply.headers.items()]
    if reply.body is not None and _TYPE.isdisjoint(reply.headers):
        lines.append(f"Content-Type: {reply.media_type}\r\n")
    if reply.status not in BODYLESS:
        lines.append(f"Content-Length: {len(body)}\r\n")
    lines.append(_MARK)
    fields = "".join(lines)
    if not fields.count("\n") == fields.count("\r") == len(lines) or "\0" in fields:
        raise ValueError(f"a header holds a line break or a NUL: {reply.headers}")
    return Encoded(reply.status, fields.encode("latin-1"), body)


def body_bytes(reply: Reply) -> bytes:
    """The body as it is sent."""
    if reply.body is None:
        return b""
    return reply.body if isinstance(reply.body, bytes) else dump_json(reply.body)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is out of range")
    return number


def _depth(value: Any) -> int:
    """Levels of nesting, counted without recursion."""
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return depth


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        dump_json(value)
    except UnicodeEncodeError:
        raise MalformedJson("a lone surrogate") from None


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
