"""Merge patches and references, as their standards have them."""

from __future__ import annotations

from typing import Any

import pytest

from specs.document import References, label_of, merge_patch

RFC_7396 = [  # the examples of its appendix A
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "merged"), RFC_7396)
def test_merge_patch_does_as_the_rfc_says(target: Any, patch: Any, merged: Any) -> None:
    assert merge_patch(target, patch) == merged


def test_merge_patch_leaves_its_target_alone() -> None:
    target = {"a": {"b": "c"}}

    merge_patch(target, {"a": {"b": None}})

    assert target == {"a": {"b": "c"}}


def test_reference_is_replaced_by_its_target() -> None:
    document = {"paths": {"/a": {"x": 1}}, "y": {"$ref": "#/paths/~1a"}}

    assert References(document).resolved(document["y"]) == {"x": 1}


def test_references_that_form_a_cycle_end_where_it_closes() -> None:
    document = {"a": {"b": {"$ref": "#/b"}}, "b": {"a": {"$ref": "#/a"}}}

    assert References(document).resolved({"$ref": "#/a"}) == {"b": {"a": {"$ref": "#/a"}}}


def test_reference_in_data_is_data() -> None:
    node = {"properties": {"value": {"$ref": "#/a"}}, "example": {"$ref": "#/a"}, "value": {"$ref": "#/nowhere"}}

    assert References({"a": 1}).resolved(node) == {**node, "properties": {"value": 1}}


@pytest.mark.parametrize("reference", ["#/nowhere", "#/a/b/c", "other.yaml#/a", "a"])
def test_reference_out_of_the_document_points_nowhere(reference: str) -> None:
    assert not References({"a": {"b": 1}}).points_somewhere(reference)


@pytest.mark.parametrize(
    ("place", "label"),
    [
        (("paths", "/jobs", "post"), "POST /jobs"),
        (("paths", "/jobs", "post", "responses", "201"), "POST /jobs responses.201"),
        (("paths", "/jobs", "parameters", "0"), "paths./jobs.parameters.0"),
        (("components", "schemas", "Job"), "schema Job"),
        (("info", "title"), "info.title"),
        ((), ""),
    ],
)
def test_place_is_named_in_its_authors_words(place: tuple[str, ...], label: str) -> None:
    assert label_of(place) == label
