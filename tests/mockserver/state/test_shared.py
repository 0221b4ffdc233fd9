"""What processes agree on: here two storages on one database stand for two processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockserver.clock import VIRTUAL_START, VirtualClock
from mockserver.state import Storage
from mockserver.state.memory import MemoryStorage
from mockserver.state.opening import open_storage
from mockserver.state.shared import Board, Counters, SharedClock

PATIENCE = 30  # seconds, on a machine with much else to do


@pytest.fixture
def pair(shared_url: str) -> Iterator[tuple[Storage, Storage]]:
    ours, theirs = open_storage(shared_url), open_storage(shared_url)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_notice_is_read_by_the_other_after_a_refresh(pair: tuple[Storage, Storage]) -> None:
    ours, theirs = map(Board, pair)

    ours.put(faults=["slow"], defects=[])
    ours.change("faults", lambda faults: [*faults, "cut"])

    assert theirs.get("faults") is None
    theirs.refresh()
    assert theirs.get("faults") == ours.get("faults") == ["slow", "cut"]
    assert theirs.get("defects") == []


def test_notices_posted_at_once_are_all_kept(pair: tuple[Storage, Storage]) -> None:
    boards = list(map(Board, pair * 4))

    with ThreadPoolExecutor(len(boards)) as threads:
        list(threads.map(lambda board: board.change("count", lambda count: (count or 0) + 1), boards))

    boards[0].refresh()
    assert boards[0].get("count") == len(boards)


def test_who_sees_a_new_content_finds_its_notices(pair: tuple[Storage, Storage]) -> None:
    seen: list[tuple[bool, str | None]] = []

    class Watched(Board):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if "_read" in vars(self):
                seen.append((bool(self.content), self.get("scenario")))

    theirs = Watched(pair[1])
    Board(pair[0]).put(scenario="demo")
    theirs.refresh()

    assert (True, "demo") in seen
    assert (True, None) not in seen


def test_fresh_content_comes_with_a_board_of_its_own(pair: tuple[Storage, Storage]) -> None:
    ours, theirs = map(Board, pair)
    ours.put(faults=["slow"])
    theirs.refresh()
    before = theirs.content
    memory = MemoryStorage()
    Board(memory).put(timings={})

    pair[0].start_with(memory.contents(), afresh=True)

    theirs.refresh()
    assert theirs.content not in (0, before)
    assert (theirs.get("faults"), theirs.get("timings")) == (None, {})


def test_board_of_a_storage_without_content_is_empty(pair: tuple[Storage, Storage]) -> None:
    board = Board(pair[0])

    board.refresh()

    assert (board.content, board.get("faults")) == (0, None)


def test_counters_sum_what_all_processes_and_threads_counted(pair: tuple[Storage, Storage]) -> None:
    ours, theirs = (Counters(storage, process) for process, storage in enumerate(pair))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: (ours, theirs)[n % 2].add(["all", f"of {n % 2}"]), range(16)))

    assert ours.sums() == theirs.sums() == {"all": 16, "of 0": 8, "of 1": 8}


def test_clock_moved_by_one_is_moved_for_the_other(pair: tuple[Storage, Storage]) -> None:
    boards = [Board(storage) for storage in pair]
    ours, theirs = (SharedClock(VirtualClock(), board) for board in boards)

    assert ours.advance(60) == VIRTUAL_START + 60
    assert theirs.advance(5) == VIRTUAL_START + 65
    boards[0].refresh()

    assert ours.now() == theirs.now() == VIRTUAL_START + 65
    assert ours.kind == "virtual"


def test_log_entries_of_both_are_read_newest_first_up_to_its_capacity(pair: tuple[Storage, Storage]) -> None:
    ours, theirs = (storage.log(3) for storage in pair)
    assert ours is not None
    assert theirs is not None
    for n in range(4):
        ours.append({"n": n}, f"kind {n % 2}").result(PATIENCE)
    assert [entry for _, entry in ours.entries()] == [{"n": 3}, {"n": 2}, {"n": 1}]

    theirs.append({"n": 4}, "kind 0").result(PATIENCE)

    seen = list(ours.entries())
    assert [entry for _, entry in seen] == [{"n": 4}, {"n": 3}, {"n": 2}]
    assert [number for number, _ in seen] == sorted({number for number, _ in seen}, reverse=True)
    assert theirs.tallies() == {"kind 0": 3, "kind 1": 2}


def test_log_that_is_cleared_is_empty_for_both_and_goes_on_counting(pair: tuple[Storage, Storage]) -> None:
    ours, theirs = (storage.log(10) for storage in pair)
    assert ours is not None
    assert theirs is not None
    ours.append({"n": 1}, "one").result(PATIENCE)
    [(before, _)] = theirs.entries()

    theirs.append({"n": 2}, "two").result(PATIENCE)
    ours.clear()

    assert list(ours.entries()) == list(theirs.entries()) == []
    ours.append({"n": 3}, "one").result(PATIENCE)
    [(after, _)] = theirs.entries()
    assert after > before
    assert ours.tallies() == {"one": 2, "two": 1}


def test_log_writes_what_is_left_when_its_storage_closes(shared_url: str) -> None:
    ours, theirs = open_storage(shared_url), open_storage(shared_url)
    log, reader = ours.log(10_000), theirs.log(10_000)
    assert log is not None
    assert reader is not None
    for n in range(2000):
        log.append({"n": n}, "")

    ours.close()

    assert [entry["n"] for _, entry in reader.entries()] == list(reversed(range(2000)))
    theirs.close()


def test_memory_has_nobody_to_share_a_log_with() -> None:
    assert open_storage("memory:").log(10) is None
