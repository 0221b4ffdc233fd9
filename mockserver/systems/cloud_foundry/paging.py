"""Pages of a list, and the links between them (E42, E43)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from mockserver.systems.cloud_foundry.queries import Query

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Where:
    """Where a list is found: the address that links start with, and its path."""

    base_url: str
    path: str


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """The items of one page, and how many all pages have."""

    items: Sequence[T]
    total: int


def part_of(items: Sequence[T], query: Query) -> Part[T]:
    """The page of all these that is asked for."""
    return Part(items[query.offset : query.offset + query.per_page], len(items))


def page_of(part: Part[T], query: Query, where: Where, represent: Callable[[T], Any]) -> dict[str, Any]:
    """A page, represented."""
    resources = [represent(item) for item in part.items]
    total = part.total if resources or query.page == 1 else 0  # E43: beyond the end nothing is counted
    return {"pagination": _pagination(total, query, where), "resources": resources}


def _pagination(total: int, query: Query, where: Where) -> dict[str, Any]:
    last = max(1, -(-total // query.per_page))
    return {
        "total_results": total,
        "total_pages": last,
        "first": _link(1, query, where),
        "last": _link(last, query, where),
        "next": _link(query.page + 1, query, where) if query.page < last else None,
        "previous": _link(query.page - 1, query, where) if query.page > 1 else None,
    }


def _link(page: int, query: Query, where: Where) -> dict[str, str]:
    parameters = {**query.echo(), "page": str(page)}
    return {"href": f"{where.base_url}{where.path}?{urlencode(sorted(parameters.items()))}"}
