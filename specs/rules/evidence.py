"""Does every claim have a source?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from specs.document import label_of, objects, shown
from specs.model import Spec
from specs.problems import Problem
from specs.structure import contract_of

ENTRY = re.compile(r"^[ \t]*(?:[-*|]|#+)?[ \t]*(?:\*\*|~~|`)*([EAC]\d+)\b", re.MULTILINE)
SECTION = re.compile(r"^#+ ", re.MULTILINE)
WELL_FORMED = re.compile(r"[EAC][1-9]\d*")
SOURCE = re.compile(r"https?://\S+|`[\w.-]+/[^`]+`")
ITEM = re.compile(r"^(?=[ \t]*(?:[-*|#]|$))", re.MULTILINE)
KEY = re.compile(r"[ \t]*[-*|][ \t]*\[?([A-Z][A-Z0-9-]+)\b")

WORD = re.compile(r"[A-Z][A-Z0-9-]+")


def entries(text: str) -> list[tuple[str, str]]:
    """The numbered entries of an EVIDENCE.md: (number, text)."""
    starts = list(ENTRY.finditer(text))
    ends = [*(start.start() for start in starts[1:]), len(text)]
    return [(start[1], _body(text[start.end() : end])) for start, end in zip(starts, ends, strict=True)]


def _body(text: str) -> str:
    """An entry ends where the next section begins."""
    return SECTION.split(text, maxsplit=1)[0].strip(" *|\n")


def numbered(file: str, spec: Spec) -> Iterator[Problem]:
    """EVIDENCE.md exists; its numbers are well-formed and unique; every fact has a source."""
    path = spec.path.parent / "EVIDENCE.md"
    if not path.is_file():
        yield Problem(shown(path), "", "is missing", "Write down how we know what the spec says; see specs/README.md.")
        return
    text = path.read_text(encoding="utf-8")
    found = entries(text)
    for number, count in Counter(number for number, _ in found).items():
        if count > 1:
            yield Problem(shown(path), number, "is given twice", "Give one of the two the next free number.")
        if not WELL_FORMED.fullmatch(number):
            yield Problem(shown(path), number, "is no number of an entry", "Count from 1, without leading zeros.")
    keys = _source_keys(text)
    for number, body in found:
        if number.startswith("E") and not _has_source(body, keys):
            remedy = "Add where it stands, or make it an assumption."
            yield Problem(shown(path), number, "has no source", remedy, "a URL, `owner/repo path`, or a known [KEY]")


def _source_keys(text: str) -> frozenset[str]:
    """The keys that begin a list item or a table row with their source in it."""
    items = (item for item in ITEM.split(text) if SOURCE.search(item) and not ENTRY.match(item))
    return frozenset(key[1] for item in items if (key := KEY.match(item)))


def _has_source(body: str, keys: frozenset[str]) -> bool:
    return bool(SOURCE.search(body)) or not keys.isdisjoint(WORD.findall(body))


def cited(file: str, spec: Spec) -> Iterator[Problem]:
    """Every operation and every lifecycle cites evidence, and all that is cited exists."""
    for operation in spec.operations.values():
        if not operation.evidence:
            yield Problem(file, operation.label, "cites no evidence", "Add `x-contract: {evidence: [...]}`.")
    for lifecycle in spec.lifecycles.values():
        if not lifecycle.evidence:
            where = f"schema {lifecycle.schema}"
            yield Problem(file, where, "its lifecycle cites no evidence", "Add `evidence` beside `lifecycle`.")


def known(file: str, spec: Spec) -> Iterator[Problem]:
    """What is cited stands in EVIDENCE.md."""
    path = spec.path.parent / "EVIDENCE.md"
    if not path.is_file():
        return
    numbers = {number for number, _ in entries(path.read_text(encoding="utf-8"))}
    for where, number in _citations(spec):
        if number not in numbers:
            yield Problem(file, where, f"cites {number}, which {shown(path)} does not have", "Add the entry there.")


def _citations(spec: Spec) -> Iterator[tuple[str, str]]:
    for place, node in objects(spec.document):
        contract = contract_of(node)
        for number in contract.get("evidence", ()):
            yield label_of(place), number
    for operation in spec.operations.values():
        refused = operation.effect.refused if operation.effect else {}
        for refusal in (each for refusals in refused.values() for each in refusals):
            yield from ((operation.label, number) for number in refusal.evidence)
