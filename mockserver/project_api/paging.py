"""Lists in pages: `pageNum`, `itemsPerPage`, `includeCount`, and the links between pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

FARTHEST = 10**9  # items; ours: beyond any list, within the integers of any database


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list. Pages count from 1."""

    number: int = 1
    size: int = 100
    count: bool = True

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> Page:
        """What a query asks for."""
        return cls(query.get("pageNum", 1), query.get("itemsPerPage", 100), query.get("includeCount", True))

    @property
    def offset(self) -> int:
        """How many items come before it."""
        return min((self.number - 1) * self.size, FARTHEST)

    def listing(self, url: str, results: list[Any], total: int) -> dict[str, Any]:
        """The body of a list's reply. `url` is the list's, without a query."""
        body: dict[str, Any] = {"links": self._links(url, total), "results": results}
        return {**body, "totalCount": total} if self.count else body

    def _links(self, url: str, total: int) -> list[dict[str, str]]:
        links = [self._link(url, "self")]
        if self.number > 1:
            links.append(replace(self, number=self.number - 1)._link(url, "previous"))
        if self.offset + self.size < total:
            links.append(replace(self, number=self.number + 1)._link(url, "next"))
        return links

    def _link(self, url: str, rel: str) -> dict[str, str]:
        query = f"includeCount={str(self.count).lower()}&pageNum={self.number}&itemsPerPage={self.size}"
        return {"href": f"{url}?{query}", "rel": rel}
