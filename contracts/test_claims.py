"""One item a claim and system. See `contracts.pytest_plugin` for the options."""

from __future__ import annotations

import pytest

from contracts.pytest_runs import case_id, runs_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every claim of every system asked for."""
    cases = runs_of(metafunc.config).cases
    metafunc.parametrize(("system", "claim"), cases, ids=[case_id(*each) for each in cases])


def test_claim(request: pytest.FixtureRequest, system: str, claim: str) -> None:
    """The claim holds for the system."""
    runs_of(request.config).check(system, claim)
