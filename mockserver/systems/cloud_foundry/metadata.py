"""Labels and annotations: what they may look like, and how a change is merged (E36, E37, E39)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.systems.cloud_foundry.refusals import TooMuchMetadata

MAX_LABELS = 50  # the vendor's example setting (A16)
MAX_ANNOTATIONS = 200  # the vendor's example setting (A16)
MAX_NAME = 63  # characters of a key's name or of a label's value (E36)
MAX_PREFIX = 253  # characters (E36)
MAX_ANNOTATION = 5000  # characters of an annotation's value (E36)
RESERVED_PREFIX = "cloudfoundry.org"

_LABEL_OF_DNS = r"(?:[a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])"
_DNS = re.compile(rf"(?:{_LABEL_OF_DNS}\.)+{_LABEL_OF_DNS}", re.IGNORECASE | re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_.-]*")
_FIRM_ENDS = re.compile(r"[A-Za-z0-9](?:.*[A-Za-z0-9])?", re.DOTALL)

Pairs = Mapping[str, str | None]
NOTHING: Pairs = {}


class Metadata(NamedTuple):
    """What a resource is tagged with. As a change: null removes a key."""

    labels: Pairs = NOTHING
    annotations: Pairs = NOTHING

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> Metadata:
        """From the `metadata` of a body that has no complaints."""
        return cls(wire.get("labels") or {}, wire.get("annotations") or {})

    def merged(self, change: Metadata) -> Metadata:
        """With `change` applied. TooMuchMetadata if that is more than a resource may have."""
        return Metadata(
            _merged("labels", self.labels, change.labels, MAX_LABELS),
            _merged("annotations", self.annotations, change.annotations, MAX_ANNOTATIONS),
        )


NO_METADATA = Metadata()


def _merged(kind: str, present: Pairs, change: Pairs, maximum: int) -> Pairs:
    merged = {key: value for key, value in {**present, **change}.items() if value is not None}
    added = len(merged.keys() - present.keys())
    if added and len(merged) > maximum:
        raise TooMuchMetadata(kind, added, maximum)
    return merged


def complaints(metadata: Any) -> Iterator[str]:
    """What is wrong with the `metadata` of a body, in the vendor's words."""
    for complaint in _complaints(metadata):
        yield f"Metadata {complaint}"


def _complaints(metadata: Any) -> Iterator[str]:
    if not isinstance(metadata, dict):
        yield "must be an object"
        return
    if unexpected := [f"'{key}'" for key in metadata if key not in ("labels", "annotations")]:
        yield f"has unexpected field(s): {' '.join(unexpected)}"
    yield from _each(metadata, "labels", _label_complaints)
    yield from _each(metadata, "annotations", _annotation_complaints)


def _each(metadata: Mapping[str, Any], kind: str, find: Any) -> Iterator[str]:
    pairs = metadata.get(kind)
    if pairs is None:
        return
    if not isinstance(pairs, dict):
        yield f"'{kind}' is not an object"
        return
    for key, value in pairs.items():
        yield from find(key, value)


def _label_complaints(key: str, value: Any) -> Iterator[str]:
    if complaint := key_complaint(key):
        yield f"label key error: {complaint}"
    if not isinstance(value, str | None):
        yield "label value error: must be a string"  # A7
    elif complaint := value_complaint(value or ""):
        yield f"label value error: {complaint}"


def _annotation_complaints(key: str, value: Any) -> Iterator[str]:
    if value and (complaint := key_complaint(key)):
        yield f"annotation key error: {complaint}"
    if not isinstance(value, str | None):
        yield "annotation value error: must be a string"  # A7
    elif len(value or "") > MAX_ANNOTATION:
        yield f"annotation value error: '{str(value)[:8]}...' is greater than {MAX_ANNOTATION} characters"


def key_complaint(key: str) -> str:
    """What is wrong with a key, or nothing."""
    if not key.strip():
        return "key cannot be empty string"
    if key.count("/") > 1:
        return "key has more than one '/'"
    prefix, slash, name = key.rpartition("/")
    if slash and (complaint := _prefix_complaint(prefix)):
        return complaint
    if not name.strip():
        return "key cannot be empty string"
    return _word_complaint(name)


def _prefix_complaint(prefix: str) -> str:
    if not _DNS.fullmatch(prefix):
        return f"prefix '{prefix}' must be in valid dns format"
    if len(prefix) > MAX_PREFIX:
        return f"prefix '{prefix[:8]}...' is greater than {MAX_PREFIX} characters"
    return f"prefix '{RESERVED_PREFIX}' is reserved" if prefix.lower() == RESERVED_PREFIX else ""


def value_complaint(value: str) -> str:
    """What is wrong with a label's value, or nothing. The empty one passes."""
    return _word_complaint(value) if value else ""


def _word_complaint(word: str) -> str:
    if not _WORD.fullmatch(word):
        return f"'{word}' contains invalid characters"
    if not _FIRM_ENDS.fullmatch(word):
        return f"'{word}' starts or ends with invalid characters"
    return f"'{word[:8]}...' is greater than {MAX_NAME} characters" if len(word) > MAX_NAME else ""
