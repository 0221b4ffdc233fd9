"""Indented JSON as Jackson writes it, byte for byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.jackson import indented


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{ }"),
        ([], "[ ]"),
        ([1, "a", None, True], '[ 1, "a", null, true ]'),
        ({"a": 1, "b": {}}, '{\n  "a" : 1,\n  "b" : { }\n}'),
        ({"a": {"b": [1]}}, '{\n  "a" : {\n    "b" : [ 1 ]\n  }\n}'),
        ([{"a": 1}, {"b": 2}], '[ {\n  "a" : 1\n}, {\n  "b" : 2\n} ]'),
        ({"r": [{"a": [{"b": 1}]}]}, '{\n  "r" : [ {\n    "a" : [ {\n      "b" : 1\n    } ]\n  } ]\n}'),
        ({'"é\n': 'ü"'}, '{\n  "\\"é\\n" : "ü\\""\n}'),
    ],
    ids=["empty object", "empty array", "scalars", "object", "nested", "objects in array", "deep", "escapes"],
)
def test_indented_is_what_jackson_writes(value: Any, text: str) -> None:
    assert indented(value).decode() == text
    assert json.loads(indented(value)) == value
