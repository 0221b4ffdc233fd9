"""What is read from a request, what is refused, and as what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mockserver.errors import UsageError

BODY_LIMIT = 1024 * 1024


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("", {"limit": 5}),
        ("limit=3", {"limit": 3}),
        ("limit=%2B3", {"limit": 3}),
        ("limit=1&limit=2", {"limit": 2}),
        ("ratio=1.5", {"limit": 5, "ratio": 1.5}),
        ("ratio=-2e1", {"limit": 5, "ratio": -20.0}),
        ("flag=true", {"limit": 5, "flag": True}),
        ("flag=FALSE", {"limit": 5, "flag": False}),
        ("note=null", {"limit": 5, "note": None}),
        ("note=a+b", {"limit": 5, "note": "a b"}),
        ("note=%C3%A9", {"limit": 5, "note": "é"}),
        ("note", {"limit": 5, "note": ""}),
        ("tags=a,b&tags=c", {"limit": 5, "tags": ["a", "b", "c"]}),
        ("sizes=1,2&sizes=3,4", {"limit": 5, "sizes": [3, 4]}),
        ("words=a%7Cb", {"limit": 5, "words": ["a", "b"]}),
        ("other=x", {"limit": 5, "other": "x"}),
    ],
)
def test_query_is_typed_as_the_spec_says(workshop: Any, query: str, read: Any) -> None:
    answer = workshop.client()("GET", f"/shop/things?{query}")

    assert answer.json()["query"] == read


@pytest.mark.parametrize(
    ("query", "where", "keyword"),
    [
        ("limit=0", "limit", "minimum"),
        ("limit=11", "limit", "maximum"),
        ("limit=x", "limit", "type"),
        ("limit=1_0", "limit", "type"),
        ("limit=1.0", "limit", "type"),
        ("limit=", "limit", "type"),
        ("limit=" + "9" * 5000, "limit", "type"),
        ("limit=%D9%A3", "limit", "type"),
        ("ratio=nan", "ratio", "type"),
        ("ratio=inf", "ratio", "type"),
        ("ratio=1e999", "ratio", "type"),
        ("flag=1", "flag", "type"),
        ("kind=screw", "kind", "enum"),
        ("note=%ff%ff", "note", "maxLength"),
        ("sizes=1,x", "sizes.1", "type"),
        ("tags=a,,b", "tags.1", "minLength"),
    ],
)
def test_query_that_does_not_fit_is_refused_by_name(workshop: Any, query: str, where: str, keyword: str) -> None:
    answer = workshop.client()("GET", f"/shop/things?{query}")

    assert answer.status_code == 400
    assert answer.json()["facts"] == [{"kind": "invalid_query", "where": where, "keyword": keyword}]


def test_every_fault_of_the_parameters_is_told_at_once(workshop: Any) -> None:
    answer = workshop.client()("GET", "/shop/shelves/x")

    assert answer.json()["facts"] == [
        {"kind": "invalid_path", "where": "number", "keyword": "type"},
        {"kind": "invalid_query", "where": "must", "keyword": "required"},
    ]


@pytest.mark.parametrize(("value", "status"), [("3", 200), ("4", 400), ("x", 400)])
def test_header_is_typed_and_checked(workshop: Any, value: Any, status: int) -> None:
    assert workshop.client()("GET", "/shop/things", headers={"X-Size": value}).status_code == status


def test_header_that_comes_twice_is_read_as_one(workshop: Any) -> None:
    twice = [("X-Size", "1"), ("X-Size", "2")]

    assert workshop.client()("GET", "/shop/things", headers=twice).json()["facts"][0]["where"] == "X-Size"


def test_unknown_query_parameter_is_refused_only_where_the_vendor_does(workshop: Any) -> None:
    workshop.system = replace(workshop.system, strict_query=frozenset({"list_things"}))
    client = workshop.client()

    refused = client("GET", "/shop/things?other=x").json()
    assert (refused["code"], refused["facts"][0]["where"]) == ("unknown_query", "other")
    assert client("GET", "/shop/things/abcd?other=x").status_code == 200


@pytest.mark.parametrize(
    ("body", "where", "keyword"),
    [
        ({}, "name", "required"),
        ({"name": 1}, "name", "type"),
        ({"name": ""}, "name", "minLength"),
        ({"name": "x" * 11}, "name", "maxLength"),
        ({"name": "a", "size": 0}, "size", "exclusiveMinimum"),
        ({"name": "a", "size": 1.0}, "size", "type"),
        ({"name": "a", "size": True}, "size", "type"),
        ({"name": "a", "weight": 0.3}, "weight", "multipleOf"),
        ({"name": "a", "when": "yesterday"}, "when", "format"),
        ({"name": "a", "color": "green"}, "color", "enum"),
        ({"name": "a", "more": 1}, "more", "additionalProperties"),
        ({"name": "a", "parts": [{}]}, "parts.0.id", "required"),
        ({"name": "a", "parts": [{"id": 1}, {"id": 2}, {"id": 3}]}, "parts", "maxItems"),
        ({"name": "a", "parts": [{"id": 1}, {"id": 1}]}, "parts", "uniqueItems"),
        ({"name": "a", "of": 1}, "of", "oneOf"),
        ([], "", "type"),
        (None, "", "type"),
    ],
)
def test_body_that_does_not_fit_is_refused_by_its_path(workshop: Any, body: Any, where: str, keyword: str) -> None:
    answer = workshop.client()("POST", "/shop/things", content=json.dumps(body))

    assert answer.json()["facts"] == [{"kind": "invalid_body", "where": where, "keyword": keyword}]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a", "color": None},
        {"name": "a", "when": "2026-01-01T00:00:00Z", "weight": 1.5, "size": 2**70},
        {"name": "a", "parts": [{"id": 1, "owner": None}], "of": {"id": 1}},
    ],
)
def test_body_that_fits_reaches_the_handler(workshop: Any, body: Any) -> None:
    assert workshop.client()("POST", "/shop/things", json=body).json()["body"] == body


@pytest.mark.parametrize(
    "raw",
    [
        b'{"name": "a"',
        b"name=a",
        b'{"name": "\xff"}',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"name": NaN}',
        b'{"name": "a", "weight": Infinity}',
        b'{"name": "a", "weight": 1e999}',
        b'{"name": "\\ud800"}',
        b'{"name": "a", "size": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 500 + b"1" + b"}" * 500,
    ],
    ids=range(13),
)
def test_body_that_is_no_json_is_refused_as_malformed(workshop: Any, raw: Any) -> None:
    answer = workshop.client()("POST", "/shop/things", content=raw, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("text/plain", "unsupported_media_type"),
        ("application/json; charset=klingon", "unsupported_media_type"),
        ("application/jsonx", "unsupported_media_type"),
        ("", "unsupported_media_type"),
        ("application/json", None),
        ("Application/JSON; Charset=UTF-8", None),
        ('application/json;charset="utf-8"', None),
    ],
)
def test_media_type_is_compared_without_its_parameters(workshop: Any, content_type: Any, code: Any) -> None:
    answer = workshop.client()("POST", "/shop/things", content=b'{"name": "a"}', headers={"content-type": content_type})

    assert answer.json().get("code") == code


def test_body_without_a_media_type_is_taken_for_the_documented_one(workshop: Any) -> None:
    assert workshop.client()("POST", "/shop/things", content=b'{"name": "a"}').status_code == 200


def test_required_body_must_be_there_and_an_optional_one_need_not(workshop: Any) -> None:
    client = workshop.client()

    assert client("POST", "/shop/things").json()["code"] == "missing_body"
    assert client("PUT", "/shop/things/abcd", headers={"content-type": "text/plain"}).status_code == 200


def test_schema_of_a_body_is_that_of_its_media_type(workshop: Any) -> None:
    client = workshop.client()

    assert client("PUT", "/shop/things/abcd", json={}).status_code == 200
    merge = client("PUT", "/shop/things/abcd", content=b"{}", headers={"content-type": "application/merge-patch+json"})
    assert merge.json()["facts"] == [{"kind": "invalid_body", "where": "size", "keyword": "required"}]


def test_large_body_is_refused_for_its_first_fault_and_at_once(workshop: Any) -> None:
    parts = [{"id": "x"}] * 60_000

    answer = workshop.client()("POST", "/shop/things", json={"name": "a", "parts": [[]] * 100_000, "more": parts})

    assert len(answer.json()["facts"]) == 1


@pytest.mark.parametrize("announced", [{}, {"content-length": str(BODY_LIMIT + 1)}], ids=["streamed", "announced"])
def test_body_that_is_too_large_is_refused_though_no_spec_says_so(workshop: Any, announced: Any) -> None:
    async def stream():
        for _ in range(BODY_LIMIT // 65536 + 1):
            yield b" " * 65536

    answer = workshop.client()("POST", "/shop/things", content=stream(), headers=announced)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_missing_credentials_are_refused_before_anything_is_looked_at(workshop: Any) -> None:
    answer = workshop.client(authorization="")("POST", "/shop/things", content=b"nonsense")

    assert answer.status_code == 401


def test_operation_that_asks_for_no_credentials_gets_by_without(workshop: Any) -> None:
    assert workshop.client(authorization="")("GET", "/shop/things/latest").status_code == 200


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ({"name": "x", "in": "cookie", "schema": {"type": "string"}}, "no cookie parameters of type string"),
        ({"name": "x", "in": "query", "schema": {"type": "object"}}, "no query parameters of type object"),
        ({"name": "x", "in": "query", "style": "deepObject", "schema": {"type": "array"}}, "style deepObject"),
    ],
)
def test_parameter_that_the_mock_cannot_read_is_refused_at_start(workshop: Any, parameter: Any, reason: Any) -> None:
    workshop.patch = lambda document: document["paths"]["/things"]["get"]["parameters"].append(parameter)

    with pytest.raises(UsageError, match=reason):
        workshop.client()


def test_body_that_the_mock_cannot_read_is_refused_at_start(workshop: Any) -> None:
    form = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    workshop.patch = lambda document: document["paths"]["/things"]["post"]["requestBody"].update(content=form)

    with pytest.raises(UsageError, match="reads JSON bodies only"):
        workshop.client()
