"""Broken specs: the example's good one, with something wrong put in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

import specs
from specs.document import merge_patch

Wrong = Mapping[str, Any]
"""Places, as keys with blanks between them, and what to put there; None removes what is there."""


def patch_of(wrong: Wrong) -> dict[str, Any]:
    """The merge patch that puts the wrong things in."""
    patches = [
        reduce(lambda inner, key: {key: inner}, reversed(place.split()), value) for place, value in wrong.items()
    ]
    return reduce(_joined, patches, {})


def _joined(one: Any, other: Any) -> Any:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return one | {key: _joined(one.get(key), value) for key, value in other.items()}


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[Wrong], Path]:
    """Writes the example's spec with something wrong in it, and says where it is."""

    def write(wrong: Wrong) -> Path:
        example = specs.load("example")
        folder = shutil.copytree(example.path.parent, tmp_path / "paperboy")
        path = folder / "openapi.yaml"
        path.write_text(json.dumps(merge_patch(example.document, patch_of(wrong))))
        return path

    return write


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a document as it is, and says where it is."""

    def write(text: str) -> Path:
        path = tmp_path / "openapi.yaml"
        path.write_text(text)
        return path

    return write
