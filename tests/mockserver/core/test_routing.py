"""Which paths lead to an operation, and which only look as if they did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.errors import UsageError


@pytest.mark.parametrize(
    "path",
    [
        "/shop/things/abcd/",
        "/shop/things//abcd",
        "/shop//things/abcd",
        "/shop/things/abcd%2Fcancel/x",
        "/shop/things%2Fabcd",
        "/shop/THINGS/abcd",
        "/shop/things/%2e%2e/things/abcd",
        "/shop/things/",
        "/shop/",
        "/shop",
    ],
)
def test_path_that_only_looks_like_an_operation_is_unknown(workshop: Any, path: str) -> None:
    answer = workshop.client()("GET", path)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_route")


@pytest.mark.parametrize(
    ("path", "operation"),
    [("/shop/things/latest", "get_latest"), ("/shop/things/abcd", "get_thing"), ("/shop/things/%61bcd", "get_thing")],
)
def test_literal_segment_wins_over_a_parameter(workshop: Any, path: str, operation: Any) -> None:
    workshop.client()("GET", path)

    assert workshop.journal.entries()[-1].operation == operation


@pytest.mark.parametrize("raw", ["ab%2Fcd", "%00", "ab%ff", "ab%zz", "x" * 5000])
def test_odd_id_reaches_validation_and_is_refused_there(workshop: Any, raw: Any) -> None:
    answer = workshop.client()("GET", f"/shop/things/{raw}")

    assert answer.json()["facts"] == [{"kind": "invalid_path", "where": "thing-id", "keyword": "pattern"}]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/shop/things", "GET, POST"),
        ("OPTIONS", "/shop/things", "GET, POST"),
        ("TRACE", "/shop/things/abcd", "GET, PUT"),
        ("HEAD", "/shop/things/abcd/cancel", "POST"),
        ("GET", "/shop/things/abcd/cancel", "POST"),
    ],
)
def test_method_that_a_path_does_not_have_is_refused_with_all_that_it_has(
    workshop: Any, method: str, path: str, allow: Any
) -> None:
    answer = workshop.client()(method, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


def test_head_of_a_read_answers_like_the_read_without_its_body(workshop: Any) -> None:
    client = workshop.client()
    read, head = client("GET", "/shop/things/abcd"), client("HEAD", "/shop/things/abcd")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == read.headers["content-length"]


def test_unknown_path_is_no_secret_unless_the_vendor_authenticates_first(workshop: Any) -> None:
    assert workshop.client(authorization="")("GET", "/shop/nothing").status_code == 404

    workshop.system = replace(workshop.system, authenticate_first=True)

    assert workshop.client(authorization="")("GET", "/shop/nothing").status_code == 401
    assert workshop.client()("GET", "/shop/nothing").status_code == 404


def test_path_outside_the_spec_is_served_unchecked_and_open(workshop: Any) -> None:
    workshop.system = replace(workshop.system, extra_routes={"GET /login/{place}": "log_in"})

    answer = workshop.client(authorization="")("GET", "/login/here?a=1&a=2")

    assert answer.json() == {"path": {"place": "here"}, "query": {"a": "2"}, "body": None}


def test_path_parameter_within_a_segment_is_refused_at_start(workshop: Any) -> None:
    def suffixed(document: Any) -> None:
        document["paths"]["/things/{thing-id}.json"] = document["paths"]["/things/{thing-id}"]

    workshop.patch = suffixed

    with pytest.raises(UsageError, match="mixes text and parameter"):
        workshop.client()
