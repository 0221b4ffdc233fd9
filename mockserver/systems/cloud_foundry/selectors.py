"""Label selectors: `env=prod,!broken,tier in (web,api)` (E40, E41)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mockserver.systems.cloud_foundry.metadata import key_complaint, value_complaint

MAX_REQUIREMENTS = 50  # E41

_REQUIREMENT = re.compile(r"(?:\(.*?\)|[^,])+")
_KEY = r"(?P<key>[A-Za-z0-9_./-]+)"
_FORMS = (
    ("in", re.compile(r"(?P<key>.*?) in \((?P<values>.*)\)")),
    ("notin", re.compile(r"(?P<key>.*?) notin \((?P<values>.*)\)")),
    ("in", re.compile(rf"{_KEY}==?(?P<values>.*)")),
    ("notin", re.compile(rf"{_KEY}!=(?P<values>.*)")),
    ("exists", re.compile(rf"{_KEY}(?P<values>)")),
    ("missing", re.compile(rf"!{_KEY}(?P<values>)")),
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing asked of labels. `operator` is in, notin, exists or missing; equality is a set of one."""

    key: str
    operator: str
    values: tuple[str, ...]

    def met_by(self, labels: Mapping[str, str | None]) -> bool:
        """Whether these labels will do. A label that is not there is not one of the values."""
        if self.operator == "exists":
            return self.key in labels
        if self.operator == "missing":
            return self.key not in labels
        return (labels.get(self.key) in self.values) is (self.operator == "in")

    @property
    def complaint(self) -> str:
        """What is wrong with the key or the first bad value, or nothing."""
        return key_complaint(self.key) or next(filter(None, map(value_complaint, self.values)), "")


def parse(selector: str) -> tuple[list[Requirement], list[str]]:
    """The requirements of a selector, and what is wrong with it."""
    parts = _REQUIREMENT.findall(selector)
    if not parts:
        return [], ["Missing label_selector value"]
    if len(parts) > MAX_REQUIREMENTS:
        return [], [f"Too many label_selector requirements (maximum is {MAX_REQUIREMENTS})"]
    found = [_requirement(part) for part in parts]
    return [each for each in found if each], _complaints(found)


def _complaints(requirements: Sequence[Requirement | None]) -> list[str]:
    words = ("Invalid label_selector value" if each is None else each.complaint for each in requirements)
    return [complaint for complaint in words if complaint]


def _requirement(part: str) -> Requirement | None:
    for operator, form in _FORMS:
        if match := form.fullmatch(part):
            return Requirement(match["key"], operator, tuple(match["values"].split(",")))
    return None
