"""What a list may be asked: paging, order and filters, read off the query string as the vendor reads it (E40, E41)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, unquote

from mockserver.systems.cloud_foundry import selectors
from mockserver.systems.cloud_foundry.refusals import BadQuery
from mockserver.systems.cloud_foundry.selectors import Requirement

PER_PAGE = 50  # E41
MAX_PER_PAGE = 5000  # E41
FARTHEST = 10**9  # items; ours: beyond any list, within the integers of any database
ORDERS = ("created_at", "updated_at")
MOMENTS = ("created_ats", "updated_ats")
OPERATORS = ("lt", "lte", "gt", "gte")

_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_SEPARATOR = re.compile(r",\s*")
_BRACKETED = re.compile(r"(?P<name>\w+)\[(?P<operator>\w*)\]")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,4000}")  # digits; Python reads a few more


@dataclass(frozen=True, slots=True)
class Bound:
    """A filter on a moment. `operator` is empty for equality, which takes several timestamps."""

    name: str
    operator: str
    timestamps: tuple[str, ...]

    def met_by(self, moment: str) -> bool:
        """Whether a timestamp lies inside. All have one format, so text order is order of time."""
        if not self.operator:
            return moment in self.timestamps
        limit = self.timestamps[0]
        beyond = moment < limit if self.operator.startswith("l") else moment > limit
        return beyond or (self.operator.endswith("e") and moment == limit)


@dataclass(frozen=True, slots=True)
class Query:
    """A list request that has no faults. `order` is empty for the order of insertion."""

    page: int = 1
    per_page: int = PER_PAGE
    order: str = ""
    descending: bool = False
    filters: Mapping[str, tuple[str, ...]] | None = None
    bounds: tuple[Bound, ...] = ()
    selector: tuple[Requirement, ...] = ()
    selector_text: str = ""

    @property
    def offset(self) -> int:
        """How many items come before the page."""
        return min((self.page - 1) * self.per_page, FARTHEST)

    @property
    def takes_all(self) -> bool:
        """Whether nothing is left out, and the order is that of insertion."""
        return not (self.order or self.filters or self.bounds or self.selector)

    def wanted(self, name: str, value: str) -> bool:
        """Whether a value passes the filter of this name; without one, any does."""
        wanted = (self.filters or {}).get(name)
        return wanted is None or value in wanted

    def within(self, name: str, moment: str) -> bool:
        """Whether a timestamp passes all bounds of this name."""
        return all(bound.met_by(moment) for bound in self.bounds if bound.name == name)

    def selects(self, labels: Mapping[str, str | None]) -> bool:
        """Whether labels meet all requirements."""
        return all(requirement.met_by(labels) for requirement in self.selector)

    def echo(self) -> dict[str, str]:
        """All but the page, as the links of a page repeat it (E42)."""
        echoed = {"per_page": str(self.per_page)}
        if self.order:
            echoed["order_by"] = ("-" if self.descending else "+") + self.order
        for name, values in (self.filters or {}).items():
            echoed[name] = ",".join(value.replace(",", "%2C") for value in values)
        for bound in self.bounds:
            echoed[f"{bound.name}[{bound.operator}]" if bound.operator else bound.name] = ",".join(bound.timestamps)
        if self.selector_text:
            echoed["label_selector"] = self.selector_text
        return echoed


class Reader:
    """Reads queries of one list. `filters` are the names that take comma lists, in the order the vendor names them."""

    def __init__(self, filters: Sequence[str], orders: Sequence[str] = ORDERS) -> None:
        self._filters = tuple(filters)
        self._orders = tuple(orders)

    def read(self, target: str) -> Query:
        """The query of a request target. BadQuery says everything that is wrong with it."""
        given = dict(parse_qsl(target.partition("?")[2], keep_blank_values=True))
        selector, selector_faults = selectors.parse(given["label_selector"]) if "label_selector" in given else ([], [])
        faults = [*self._unknown(given), *_paging_faults(given), *_order_faults(given, self._orders), *selector_faults]
        bounds = list(_bounds(given))
        faults += [fault for bound in bounds for fault in _bound_faults(bound)]
        if faults:
            raise BadQuery(", ".join(faults))
        return Query(
            page=int(given.get("page", 1)),
            per_page=int(given.get("per_page", PER_PAGE)),
            order=given.get("order_by", "").lstrip("+-"),
            descending=given.get("order_by", "").startswith("-"),
            filters={name: _listed(given[name]) for name in self._filters if name in given},
            bounds=tuple(bounds),
            selector=tuple(selector),
            selector_text=given.get("label_selector", ""),
        )

    def _unknown(self, given: Mapping[str, str]) -> Iterator[str]:
        valid = ("page", "per_page", "order_by", *MOMENTS, *self._filters, "label_selector")
        names = dict.fromkeys(_plain_name(name) for name in given)
        if unknown := [f"'{name}'" for name in names if name not in valid]:
            known = ", ".join(f"'{name}'" for name in valid)
            yield f"Unknown query parameter(s): {', '.join(unknown)}. Valid parameters are: {known}"


def _plain_name(name: str) -> str:
    match = _BRACKETED.fullmatch(name)
    return match["name"] if match and match["name"] in MOMENTS else name


def _paging_faults(given: Mapping[str, str]) -> Iterator[str]:
    if "page" in given and not _positive(given["page"]):
        yield "Page must be a positive integer"
    if "per_page" not in given:
        return
    if not _positive(given["per_page"]):
        yield "Per page must be a positive integer"
    elif int(given["per_page"]) > MAX_PER_PAGE:
        yield f"Per page must be between 1 and {MAX_PER_PAGE}"


def _positive(text: str) -> bool:
    return bool(_WHOLE_NUMBER.fullmatch(text)) and int(text) > 0


def _order_faults(given: Mapping[str, str], orders: Sequence[str]) -> Iterator[str]:
    order = given.get("order_by", "")
    if order and order.removeprefix("-" if order.startswith("-") else "+") not in orders:
        yield f"Order by can only be: {', '.join(repr(each) for each in orders)}"


def _bounds(given: Mapping[str, str]) -> Iterator[Bound]:
    for name, text in given.items():
        match = _BRACKETED.fullmatch(name)
        if name in MOMENTS:
            yield Bound(name, "", _listed(text))
        elif match and match["name"] in MOMENTS:
            yield Bound(match["name"], match["operator"] or "[]", (text,))


def _bound_faults(bound: Bound) -> Iterator[str]:
    name = bound.name.replace("_", " ").capitalize()
    if bound.operator and bound.operator not in OPERATORS:
        yield f"{name} Invalid relational operator: '{bound.operator}'"
    if bound.operator and "," in bound.timestamps[0]:
        yield f"{name} only accepts one value when using a relational operator"
    elif not all(_is_timestamp(each) for each in bound.timestamps):
        yield (f"{name} has an invalid timestamp format. Timestamps should be formatted as 'YYYY-MM-DDThh:mm:ssZ'")


def _is_timestamp(text: str) -> bool:
    """Whether it looks like one and is a moment there is (A9)."""
    if not _TIMESTAMP.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _listed(text: str) -> tuple[str, ...]:
    """The values of a comma list; a comma inside one is encoded once more (E40)."""
    return tuple(unquote(value) for value in _SEPARATOR.split(text))
