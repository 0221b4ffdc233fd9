"""Every claim of `contracts` holds on a mock of several processes too, whatever its database."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from specs import systems
from tests.mockserver.workers.conftest import Serve
from tests.mockserver.workers.process import MockProcess

SOAKED = [pytest.param(system, marks=[pytest.mark.soak, pytest.mark.timeout(900)]) for system in systems()]


def targets_file(directory: Path, mock: MockProcess) -> Path:
    """The mock as a target: everything allowed, jobs from its control API."""
    identities = mock.control("GET", "/identities")[mock.system]
    lines = [
        "[shared]",
        f'system = "{mock.system}"',
        f'url = "{mock.url}"',
        f"may = {json.dumps(['read', 'create', 'cancel', *more_effects(mock.system)])}",
        'supply = {from = ["control", "create"]}',
    ]
    for name in ("owner", "reader", "stranger"):
        credentials = identities[name].items()
        lines += [f"[shared.identities.{name}]", *(f'{key} = "{value}"' for key, value in credentials)]
    file = directory / "targets.toml"
    file.write_text("\n".join(lines))
    return file


def more_effects(system: str) -> list[str]:
    return {"cloud_foundry": ["continue", "update"], "ops_manager": ["delete"]}.get(system, [])


def check(mock: MockProcess, directory: Path) -> tuple[int, Any]:
    """Exit code and report of `contracts run`."""
    targets = targets_file(directory, mock)
    command = [sys.executable, "-m", "contracts", "run", mock.system, "--target", "shared", "--targets", str(targets)]
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
