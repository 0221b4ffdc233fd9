"""JSON as Jackson's default pretty printer writes it: a space before each colon, arrays in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

STEP = "  "


def indented(value: Any) -> bytes:
    """JSON data for people, without a newline at the end."""
    return _text(value, "\n").encode()


def _text(value: Any, margin: str) -> str:
    """`margin` is the newline and indentation of the line that the value starts on."""
    if isinstance(value, Mapping):
        return _object(value, margin)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[ {', '.join(_text(item, margin) for item in value)} ]" if value else "[ ]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _object(value: Mapping[str, Any], margin: str) -> str:
    if not value:
        return "{ }"
    inner = margin + STEP
    members = (f"{inner}{_text(name, inner)} : {_text(each, inner)}" for name, each in value.items())
    return "{" + ",".join(members) + margin + "}"
