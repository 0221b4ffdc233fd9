"""`contracts` at length: a mock without a bug conforms whatever the seed, and each bug is found.

That each is found on every store and number of workers as well is in tests/mockserver/workers/test_claims.py.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from contracts.order import MOCK, Order
from contracts.run import Ended, Runner
from contracts.verdict import Conclusion
from specs import systems

SEEDS = range(1, 21)


def told(ended: Ended) -> list[str]:
    """Everything a run has to say but that the target conforms."""
    if ended.result is None:
        return [ended.message]
    if ended.result.conclusion is Conclusion.CONFORMS:
        return []
    return [ended.result.conclusion, *(f"{each.claim}: {each.cause}" for each in ended.result.findings)]


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("system", systems())
def test_nothing_is_found_on_a_clean_mock_whatever_the_seed(system: str, tmp_path: Path) -> None:
    orders = [Order(system, MOCK, str(tmp_path / str(seed)), seed=seed, reports=("json",)) for seed in SEEDS]

    ended = Runner(lambda event: None).run(orders)

    assert {seed: told(each) for seed, each in zip(SEEDS, ended, strict=True)} == {seed: [] for seed in SEEDS}


@pytest.mark.soak
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("system", systems())
def test_every_defect_is_caught_by_a_claim_that_names_it(system: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "contracts", "defects", system, "--report", "json", "--report-dir", str(tmp_path)]

    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
