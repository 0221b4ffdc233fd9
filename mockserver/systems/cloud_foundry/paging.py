"""Pages of a list, and the links between them (E42, E43)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from mockserver.systems.cloud_foundry.queries import Query

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Where:
    """Where a list is found: the address that links start with, and its path."""

    base_url: str
    path: str


def page_of(items: Sequence[T], query: Query, where: Where, represent: Callable[[T], Any]) -> dict[str, Any]:
    """One page of `items`, represented."""
    start = (query.page - 1) * query.per_page
    resources = [represent(item) for item in items[start : start + query.per_page]]
    total = len(items) if resources or query.page == 1 else 0  # E43: beyond the end nothing is counted
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
