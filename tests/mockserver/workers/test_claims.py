"""Every claim of `contracts` holds on a mock of several processes too, whatever its database."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.defects import Defect, known
from contracts.order import Order
from contracts.run import Runner
from contracts.verdict import Verdict
from specs import systems
from tests.mockserver.workers.conftest import Serve
from tests.mockserver.workers.process import MockProcess
from tests.mockserver.workers.target import NAME, targets_file

SOAKED = [pytest.param(system, marks=[pytest.mark.soak, pytest.mark.timeout(900)]) for system in systems()]


def check(mock: MockProcess, directory: Path) -> tuple[int, Any]:
    """Exit code and report of `contracts run`."""
    targets = targets_file(directory, mock)
    command = [sys.executable, "-m", "contracts", "run", mock.system, "--target", NAME, "--targets", str(targets)]
    run = subprocess.run([*command, "--report-dir", str(directory), "--seed", "1"], capture_output=True, text=True)
    assert run.returncode != 2, run.stderr
    return run.returncode, json.loads((directory / mock.system / "report.json").read_text())


@pytest.mark.parametrize("system", ["example", *SOAKED])
def test_claims_hold_on_four_workers(serve: Serve, shared_url: str, tmp_path: Path, system: str) -> None:
    mock = serve("--state", shared_url, "--workers", "4", "--clock", "virtual", system=system)

    code, report = check(mock, tmp_path)

    assert report["findings"] == []
    assert (code, report["verdict"]) == (0, "conforms")
    assert mock.stop() == 0
    assert mock.said() == ""


@pytest.mark.timeout(900)
def test_defect_shows_on_four_workers(serve: Serve, sqlite_url: str, tmp_path: Path) -> None:
    mock = serve("--state", sqlite_url, "--workers", "4", "--clock", "virtual")
    defect = "cancel_never_settles"
    mock.control("PUT", "/defects", json={"defects": [defect]})

    code, report = check(mock, tmp_path)

    assert (code, report["verdict"]) == (1, "violates")


def shows(mock: MockProcess, directory: Path, defect: Defect) -> bool:
    """Whether a run, which ends as soon as it does, breaks a claim that names the defect."""
    mock.control("PUT", "/defects", json={"defects": [defect.id]})
    mock.control("POST", "/reset")
    folder, targets = str(directory / defect.id), str(targets_file(directory, mock))
    order = Order(mock.system, NAME, folder, targets, max_examples=20, reports=("json",), enough=defect.claims)
    [ended] = Runner(lambda event: None).run([order])
    assert ended.result is not None, ended.message
    return any(each.verdict is Verdict.BROKEN and each.id in defect.claims for each in ended.result.claims)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("system", systems())
def test_every_defect_shows_on_four_workers(serve: Serve, shared_url: str, tmp_path: Path, system: str) -> None:
    mock = serve("--state", shared_url, "--workers", "4", "--clock", "virtual", system=system)

    hidden = [defect.id for defect in known((system,)) if not shows(mock, tmp_path, defect)]

    assert hidden == []
