"""Ids that no job has look like the documented example, and are never the example itself."""

from __future__ import annotations

import random
import re

import pytest

from contracts.identifiers import IdShape


@pytest.mark.parametrize(
    ("example", "shape"),
    [
        ("5b622f7087d9d6039fafe03f", r"[0-9a-f]{24}"),
        (
            "305cea31-5a44-45ca-b51b-e89c7a8ef8b2",
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
        ("MyCluster", r"[A-Z][a-z][A-Z][a-z]{6}"),
        ("AB-7", r"[A-F]{2}-[0-9]"),
        ("7", r"[0-9]"),
        ("", r"[0-9a-f-]{36}"),
        ("-", r"[0-9a-f-]{36}"),
    ],
)
def test_absent_id_looks_like_the_example_and_differs(example: str, shape: str) -> None:
    made = {IdShape({}, example).absent(random.Random(seed)) for seed in range(200)}

    assert all(re.fullmatch(shape, each) for each in made)
    assert example not in made


def test_absent_id_with_a_part_that_is_always_the_same_keeps_it() -> None:
    shape = IdShape({"type": "string", "pattern": "^pj-[0-9a-f]{12}$"}, "pj-0a1b2c3d4e5f")

    assert all(shape.valid(shape.absent(random.Random(seed))) for seed in range(50))
