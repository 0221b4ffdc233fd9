"""docs/detection.md: what README.md quotes of it is what it says, and its tables add up."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
TOTALS = re.compile(r"^\| all +\| (\d+) +\| (\d+) +\| (\d+) +\|$", re.M)


def test_readme_quotes_the_page() -> None:
    summary = PAGE.split("\n\n")[1]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert " ".join(summary.split()) in " ".join(readme.split())


def test_both_tables_have_the_totals_of_the_summary() -> None:
    caught, planted, stock = re.search(r"\*\*(\d+) of (\d+)\*\* .*? Schemathesis \*\*(\d+)\*\*", PAGE).groups()

    assert TOTALS.findall(PAGE) == [(planted, caught, stock)] * 2
