"""The journal: a ring that keeps no secret it shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.journal import BODY_SHOWN, Entry, Filter, Journal, OwnRing

ENTRY = Entry(
    system="workshop",
    operation="get_thing",
    method="GET",
    target="/shop/things/abcd",
    client="127.0.0.1",
    at=1767225600.0,
    duration=0.0012,
    status=200,
    request_headers={},
    request_body=b"",
    reply_headers={},
    reply_body=b"",
)


def record(journal: Journal, *entries: Entry) -> None:
    for entry in entries:
        assert journal.record(entry) is None  # nobody has to wait for a ring of one's own


def test_ring_keeps_the_last_entries_and_counts_all() -> None:
    journal = Journal(OwnRing(capacity=3))
    record(journal, *(replace(ENTRY) for _ in range(5)))

    assert [entry.number for entry in journal.entries()] == [3, 4, 5]
    assert journal.tallies() == {("workshop", "get_thing", 200): 5}


def test_numbers_go_on_after_the_journal_is_cleared() -> None:
    journal = Journal(OwnRing())
    record(journal, replace(ENTRY))
    journal.clear()
    record(journal, replace(ENTRY))

    assert [entry.number for entry in journal.entries(Filter(since=1))] == [2]


def test_long_bodies_are_cut() -> None:
    journal = Journal(OwnRing())
    record(journal, replace(ENTRY, request_body=b"x" * 100_000, reply_body=b"y" * 100_000))

    entry = journal.entries()[0].to_json()

    assert (len(entry["request"]["body"]), len(entry["reply"]["body"])) == (BODY_SHOWN, BODY_SHOWN)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"password":"sesame","id":"1"}', '{"password":"***","id":"1"}'),
        ('{"newPassword" : "se\\"same"}', '{"newPassword" : "***"}'),
        ('{"access_token":"sesame","token_type":"bearer"}', '{"access_token":"***","token_type":"***"}'),
        ('{"apiKey":"sesame"}', '{"apiKey":"***"}'),
        ('{"AP\u0130KEY":"sesame","ap\u0131key":"sesame"}', '{"AP\u0130KEY":"***","ap\u0131key":"***"}'),
        ("grant_type=password&username=me&password=sesame", "grant_type=password&username=me&password=***"),
        ("client_secret=sesame&refresh_token=sesame&a=b", "client_secret=***&refresh_token=***&a=b"),
        ('{"state":"RUNNING"}', '{"state":"RUNNING"}'),
    ],
)
def test_secret_in_a_body_is_masked(body: str, shown: str) -> None:
    entry = replace(ENTRY, request_body=body.encode(), reply_body=body.encode()).to_json()

    assert (entry["request"]["body"], entry["reply"]["body"]) == (shown, shown)


def test_secret_in_a_target_is_masked_in_the_journal_and_in_the_log() -> None:
    entry = replace(ENTRY, target="/shop?access_token=sesame&page=2")

    assert entry.to_json()["target"] == "/shop?access_token=***&page=2"
    assert "sesame" not in entry.line()


@pytest.mark.parametrize("name", ["authorization", "Proxy-Authorization", "cookie", "x-mockserver-token"])
def test_secret_header_is_masked(name: str) -> None:
    entry = replace(ENTRY, request_headers={name: "sesame"}, reply_headers={"Set-Cookie": "sesame"}).to_json()

    assert entry["request"]["headers"] == {name: "***"}
    assert entry["reply"]["headers"] == {"Set-Cookie": "***"}


def test_body_that_is_no_text_is_shown_as_far_as_it_goes() -> None:
    assert replace(ENTRY, request_body=b"a\xffb").to_json()["request"]["body"] == "a\ufffdb"
