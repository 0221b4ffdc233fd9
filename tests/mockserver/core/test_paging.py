"""What a page costs: the records that are read for it, counted. No stopwatch."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockserver import discovery
from mockserver.app import Settings, build
from mockserver.server import served
from mockserver.state import Record
from mockserver.state.memory import MemoryStore


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records each search of a store has returned."""
    found: list[int] = []
    search = MemoryStore.find

    def counting(store: MemoryStore, kind: str, *scope: Any, **page: Any) -> list[Record]:
        records = search(store, kind, *scope, **page)
        found.append(len(records))
        return records

    monkeypatch.setattr(MemoryStore, "find", counting)
    return found


@pytest.mark.parametrize("system", discovery.vendors())
def test_page_of_all_jobs_reads_no_other_jobs(read: list[int], system: str) -> None:
    mock = build(Settings((system,), clock="virtual"))

    with served(mock) as url:
        read.clear()
        page = httpx.get(f"{url}/__mock__/resources/{system}?offset=1&limit=1").json()

    assert len(page["resources"]) == 1 < page["total"]
    assert read == [1]
