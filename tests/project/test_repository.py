"""Promises about the repository itself."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REGISTRIES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npmjs" + ".org",
    "deb.debian" + ".org",
    "npmjs" + ".com",
)
WORKPLACES = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("words", [REGISTRIES, WORKPLACES], ids=["registries", "absolute-paths"])
def test_files_name_no_registry_and_no_path_of_a_machine(words: tuple[str, ...]) -> None:
    found = [f"{path.relative_to(ROOT)}: {word}" for path in tracked() for word in words if word in read(path)]

    assert found == []


def test_constraints_are_the_hashed_requirements_without_hashes() -> None:
    pinned = re.findall(r"^([a-zA-Z0-9._-]+==.*?) *\\$", read(ROOT / "requirements-hashed.txt"), re.M)

    assert read(ROOT / "constraints.txt").splitlines() == pinned


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.match(r"[A-Za-z0-9._-]+", w)[0].lower().replace("_", "-") for w in wanted}  # type: ignore[index]

    pinned = {line.split("==")[0] for line in read(ROOT / "constraints.txt").splitlines()}

    assert names - pinned == set()


def test_readme_names_only_files_that_exist() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", read(ROOT / "README.md"))

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_readme_make_targets_exist() -> None:
    named = set(re.findall(r"`?make ([a-z]+)`?", read(ROOT / "README.md")))
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.M))

    assert named - targets == set()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
