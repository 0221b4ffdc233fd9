"""What every store does alike. A model cannot tell where its records live."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from mockserver.state import Conflict, Delete, Insert, Record, Replace, Storage, Store, transact

THREADS = 8


@pytest.fixture
def store(storage: Storage) -> Store:
    return storage.store("vendor")


def job(id: str, scope: str = "ours", **data: Any) -> Record:
    return Record("job", id, scope, data)


def stored(store: Store, *records: Record) -> list[Record]:
    store.commit(*(Insert(record) for record in records))
    return [found for record in records if (found := store.get(record.kind, record.id))]


def ids(records: list[Record]) -> list[str]:
    return [record.id for record in records]


def test_get_of_an_inserted_record_returns_it_as_version_one(store: Store) -> None:
    data = {"state": "RUNNING", "at": 1767225600.25, "log": [[1, "a"], None, True], "z": {"b": 1, "a": 2}}

    store.commit(Insert(job("1", "ours", **data)))

    found = store.get("job", "1")
    assert found is not None
    assert (found.kind, found.id, found.scope, found.version) == ("job", "1", "ours", 1)
    assert found.data == data
    assert list(found.data["z"]) == ["b", "a"]


@pytest.mark.parametrize(
    "text",
    ["\0", "a\0b", "\ud800", "\U0001f600", "'; DROP TABLE mockserver_records; --", "x" * 100_000],
    ids=["nul", "nul inside", "lone surrogate", "emoji", "sql", "huge"],
)
def test_data_of_any_json_text_comes_back_unchanged(store: Store, text: str) -> None:
    store.commit(Insert(job("1", "ours", text=text, **{text: 0})))

    found = store.get("job", "1")

    assert found is not None
    assert found.data == {"text": text, text: 0}


@pytest.mark.parametrize(
    "id",
    ["", "absent", "\0", "1\0", "\ud800", "1 ", "' OR 1=1 --", "x" * 100_000],
    ids=["empty", "absent", "nul", "nul at the end", "lone surrogate", "space at the end", "sql", "huge"],
)
def test_get_of_an_id_that_was_never_stored_returns_none(store: Store, id: str) -> None:
    store.commit(Insert(job("1")))

    assert store.get("job", id) is None


@pytest.mark.parametrize("scope", ["", "absent", "\0", "\ud800"])
def test_find_in_a_scope_that_was_never_used_is_empty(store: Store, scope: str) -> None:
    store.commit(Insert(job("1")))

    assert store.find("job", scope) == []
    assert store.count("job", scope) == 0


def test_ids_are_told_apart_by_case_kind_and_system(storage: Storage) -> None:
    store, other = storage.store("vendor"), storage.store("other")

    store.commit(Insert(job("a")), Insert(job("A")), Insert(Record("task", "a", "ours", {"n": 1})))
    other.commit(Insert(job("a", n=2)))

    assert ids(store.find("job")) == ["a", "A"]
    assert ids(store.find("task")) == ["a"]
    assert [record.data for record in other.find("job")] == [{"n": 2}]


def test_insert_of_a_stored_id_conflicts_and_keeps_the_first(store: Store) -> None:
    store.commit(Insert(job("1", n=1)))

    with pytest.raises(Conflict):
        store.commit(Insert(job("1", n=2)))

    assert [record.data for record in store.find("job")] == [{"n": 1}]


def test_replace_of_the_version_read_stores_the_next(store: Store) -> None:
    [read] = stored(store, job("1", n=1))

    store.commit(Replace(read.holding({"n": 2})))

    assert store.get("job", "1") == read._replace(data={"n": 2}, version=2)


def change_version(read: Record) -> Record:
    return read._replace(version=read.version + 1)


def change_id(read: Record) -> Record:
    return read._replace(id="absent")


def never_stored(read: Record) -> Record:
    return read._replace(version=0)


@pytest.mark.parametrize("kind", [Replace, Delete])
@pytest.mark.parametrize("stale", [change_version, change_id, never_stored])
def test_change_of_what_is_not_stored_conflicts(
    store: Store, kind: type[Replace | Delete], stale: Callable[[Record], Record]
) -> None:
    [read] = stored(store, job("1", n=1))

    with pytest.raises(Conflict):
        store.commit(kind(stale(read)))

    assert store.find("job") == [read]


@pytest.mark.parametrize("kind", [Replace, Delete])
def test_change_of_an_older_version_conflicts(store: Store, kind: type[Replace | Delete]) -> None:
    [read] = stored(store, job("1", n=1))
    store.commit(Replace(read.holding({"n": 2})))

    with pytest.raises(Conflict):
        store.commit(kind(read))

    assert [record.data for record in store.find("job")] == [{"n": 2}]


def test_replace_of_a_record_that_was_deleted_and_made_again_conflicts(store: Store) -> None:
    [read] = stored(store, job("1", n=1))
    store.commit(Delete(read))
    store.commit(Insert(job("1", n=2)))

    with pytest.raises(Conflict):
        store.commit(Replace(read.holding({"n": 3})))

    assert [record.data for record in store.find("job")] == [{"n": 2}]


def test_delete_removes_the_record_from_everywhere(store: Store) -> None:
    first, second = stored(store, job("1"), job("2"))

    store.commit(Delete(first))

    assert store.get("job", "1") is None
    assert store.find("job") == store.find("job", "ours") == [second]
    assert store.count("job") == 1


@pytest.mark.parametrize("losing", [Insert, Replace, Delete])
def test_commit_with_one_losing_change_changes_nothing(store: Store, losing: type[Insert | Replace | Delete]) -> None:
    first, second, third = stored(store, job("1", n=1), job("2", n=2), job("3", n=3))
    lost = job("3") if losing is Insert else change_version(third)

    with pytest.raises(Conflict):
        store.commit(Insert(job("4")), Replace(first.holding({})), Delete(second), losing(lost), Insert(job("5")))

    assert store.find("job") == [first, second, third]


def test_commit_of_several_kinds_applies_all(store: Store) -> None:
    first, second = stored(store, job("1", n=1), job("2", n=2))

    store.commit(Insert(job("3")), Replace(first.holding({"n": 9})), Delete(second))

    assert [(record.id, record.data) for record in store.find("job")] == [("1", {"n": 9}), ("3", {})]


def test_find_lists_in_order_of_insertion_whatever_the_ids_and_later_changes(store: Store) -> None:
    third, _, _ = stored(store, job("3"), job("1"), job("2"))
    store.commit(Replace(third))

    assert ids(store.find("job")) == ["3", "1", "2"]
    assert ids(store.find("job", newest_first=True)) == ["2", "1", "3"]
    serials = [record.serial for record in store.find("job")]
    assert serials == sorted(set(serials))


def test_find_of_a_scope_lists_that_scope_only(store: Store) -> None:
    stored(store, job("1", "ours"), job("2", "theirs"), job("3", "ours"))

    assert ids(store.find("job", "ours")) == ["1", "3"]
    assert ids(store.find("job", "theirs")) == ["2"]
    assert (store.count("job"), store.count("job", "ours"), store.count("task")) == (3, 2, 0)


@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
@pytest.mark.parametrize("scope", [None, "ours"])
@pytest.mark.parametrize(
    ("offset", "limit", "page"),
    [
        (0, 0, slice(0, 0)),
        (0, 3, slice(0, 3)),
        (3, 3, slice(3, 6)),
        (9, 3, slice(9, 10)),
        (10, 3, slice(10, 10)),
        (500, None, slice(500, None)),
        (4, None, slice(4, None)),
    ],
)
def test_find_of_a_page_returns_that_part_of_the_list(
    store: Store, newest_first: bool, scope: str | None, offset: int, limit: int | None, page: slice
) -> None:
    stored(store, *(job(str(n)) for n in range(10)))
    whole = ids(store.find("job", scope, newest_first=newest_first))

    found = store.find("job", scope, newest_first=newest_first, offset=offset, limit=limit)

    assert len(whole) == 10
    assert ids(found) == whole[page]


def test_reading_never_writes(store: Store) -> None:
    before = stored(store, job("1", n=1), job("2", n=2))

    for _ in range(3):
        store.get("job", "1")
        store.get("job", "absent")
        store.count("job", "ours")
        found = store.find("job")

    assert found == before


def test_fresh_start_with_nothing_forgets_every_system(storage: Storage) -> None:
    for system in ("vendor", "other", "_mock"):
        storage.store(system).commit(Insert(job("1")))

    storage.start_with({}, afresh=True)

    for system in ("vendor", "other", "_mock"):
        store = storage.store(system)
        assert (store.get("job", "1"), store.find("job"), store.count("job")) == (None, [], 0)


def test_record_read_before_a_fresh_start_cannot_change_what_came_after(storage: Storage) -> None:
    [read] = stored(storage.store("vendor"), job("1", n=1))
    storage.start_with({"vendor": [job("1", n=2)]}, afresh=True)
    store = storage.store("vendor")

    with pytest.raises(Conflict):
        store.commit(Replace(read.holding({"n": 3})))

    assert [record.data for record in store.find("job")] == [{"n": 2}]


def test_first_content_is_taken_once(storage: Storage) -> None:
    assert storage.start_with({"vendor": [job("2"), job("1")]}, afresh=False)
    storage.store("vendor").commit(Insert(job("3")))

    assert not storage.start_with({"vendor": [job("4")]}, afresh=False)

    assert ids(storage.store("vendor").find("job")) == ["2", "1", "3"]


def test_empty_first_content_is_a_content_too(storage: Storage) -> None:
    assert storage.start_with({}, afresh=False)

    assert not storage.start_with({"vendor": [job("1")]}, afresh=False)


def test_fresh_content_replaces_everything(storage: Storage) -> None:
    storage.start_with({"vendor": [job("1")], "other": [job("2")]}, afresh=True)
    storage.store("_mock").commit(Insert(job("settings")))

    assert storage.start_with({"vendor": [job("3")]}, afresh=True)

    assert ids(storage.store("vendor").find("job")) == ["3"]
    assert storage.store("other").find("job") == storage.store("_mock").find("job") == []
    assert not storage.start_with({}, afresh=False)


def test_start_numbers_count_up_from_zero_also_over_a_fresh_start(storage: Storage) -> None:
    numbers = [storage.start_number()]
    storage.start_with({}, afresh=True)
    numbers += [storage.start_number(), storage.start_number()]

    assert numbers[0] == 0
    assert numbers == sorted(set(numbers))


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What each of THREADS threads returned, all let go at the same moment."""
    barrier = Barrier(THREADS)

    def wait_and_work(n: int) -> Any:
        barrier.wait()
        return work(n)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(wait_and_work, range(THREADS)))


def test_threads_that_replace_one_version_have_one_winner(store: Store) -> None:
    for round in range(20):
        [read] = stored(store, job(str(round), winner=None))

        def win(n: int, read: Record = read) -> bool:
            try:
                store.commit(Replace(read.holding({"winner": n})))
            except Conflict:
                return False
            return True

        won = at_once(win)

        found = store.get("job", str(round))
        assert won.count(True) == 1
        assert found is not None
        assert (found.version, found.data) == (2, {"winner": won.index(True)})


def test_threads_that_insert_one_id_have_one_winner(store: Store) -> None:
    def win(n: int) -> bool:
        try:
            store.commit(Insert(job("same", winner=n)))
        except Conflict:
            return False
        return True

    won = at_once(win)

    assert [record.data for record in store.find("job")] == [{"winner": won.index(True)}]
    assert won.count(True) == 1


def test_threads_that_transact_lose_no_change(store: Store) -> None:
    stored(store, job("1", n=0))

    def count_up() -> None:
        read = store.get("job", "1")
        assert read is not None
        store.commit(Replace(read.holding({"n": read.data["n"] + 1})))

    at_once(lambda _: [transact(count_up) for _ in range(5)])

    [found] = store.find("job")
    assert (found.data, found.version) == ({"n": THREADS * 5}, THREADS * 5 + 1)


def test_threads_that_change_two_records_in_opposite_order_keep_them_equal(store: Store) -> None:
    stored(store, job("1", n=0), job("2", n=0))

    def count_both(order: list[str]) -> None:
        read = [record for id in order if (record := store.get("job", id))]
        store.commit(*(Replace(record.holding({"n": record.data["n"] + 1})) for record in read))

    at_once(lambda n: [transact(lambda: count_both(["1", "2"] if n % 2 else ["2", "1"])) for _ in range(5)])

    assert [record.data for record in store.find("job")] == [{"n": THREADS * 5}] * 2
