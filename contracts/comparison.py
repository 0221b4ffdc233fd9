"""Whether a job reads as before: two representations compared, less what may change without a move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from specs.lifecycle import MISSING
from specs.model import Lifecycle

SHOWN = 60  # characters of a value in a difference
MOST = 6  # differences in one finding
HYPERLINKS = frozenset({"links", "_links"})


def differences(before: Any, after: Any, ignore: tuple[str, ...] = ()) -> list[str]:
    """What changed, each as `path: was -> is`. `ignore` holds dotted paths; what lies below them is ignored too."""
    found = (change for path, change in _changes(before, after) if not _below(path, ignore))
    return list(found)[:MOST]


def changes(lifecycle: Lifecycle, state: str | None, before: Any, after: Any) -> list[str]:
    """What changed in a representation that should have stayed. Nothing is volatile once a job has settled.

    A job that reads with another id each time is no changed job: that claim is `cancel_shows_at_once`.
    """
    volatile = () if state in lifecycle.terminal else lifecycle.volatile
    return differences(before, after, (lifecycle.id, *volatile))


def overlap(whole: Any, part: Any) -> tuple[Any, Any]:
    """Both without what only one of them has: a list may be slimmer. Hyperlinks are each reply's own affair."""
    if isinstance(whole, Mapping) and isinstance(part, Mapping):
        names = [name for name in whole if name in part and name not in HYPERLINKS]
        pairs = {name: overlap(whole[name], part[name]) for name in names}
        return {name: one for name, (one, _) in pairs.items()}, {name: other for name, (_, other) in pairs.items()}
    return whole, part


def _changes(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _changes(before.get(key, MISSING), after.get(key, MISSING), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changes(one, other, f"{path}.{index}" if path else str(index))
    elif not same(before, after):
        yield path, f"{path or 'the body'}: {shown(before)} -> {shown(after)}"


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: unlike in Python, `true` is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def shown(value: Any) -> str:
    """A value in a few characters."""
    text = "nothing" if value is MISSING else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def _below(path: str, ignored: tuple[str, ...]) -> bool:
    """Numbers in a path index arrays; an ignored path may leave them out."""
    plain = ".".join(step for step in path.split(".") if not step.isdecimal())
    return any(p == each or p.startswith(each + ".") for each in ignored for p in (path, plain))
