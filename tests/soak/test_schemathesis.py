"""Schemathesis as anybody runs it, straight against the mock: `st run`, every phase, every check, no code of ours.

Two things have to be told to it, or it takes what vendors document for faults: see OFF and `configured`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.suite.configuration import answers_to_valid_requests
from specs import Spec, load, systems
from tests.mockserver.workers.conftest import Serve
from tests.mockserver.workers.process import MockProcess

HERE = Path(__file__).parent
COMMAND = [str(Path(sys.executable).with_name("st")), "--no-color"]
MAX_EXAMPLES = 25
SEEDS = range(1, 21)
SOAKED = [
    pytest.param(system, seed, marks=[pytest.mark.soak, pytest.mark.timeout(600)])
    for system in systems()
    for seed in SEEDS
]

OFF: dict[str, dict[str, str]] = {
    "cloud_foundry": {
        "unsupported_method": "the vendor has no 405: a method that a path lacks is 404 `Unknown request` (E28)",
    },
    "atlas": {
        "use_after_free": "DELETE cancels a job and does not delete it: it can still be read (E8)",
    },
}
"""Checks that a vendor's documents contradict, and where."""


def configured(spec: Spec) -> str:
    """A `schemathesis.toml`.

    By default a 400 or 422 to a request that fits the schema counts as a fault. Yet a schema cannot say that a job has
    ended, or that there is no such app: each operation has its documented refusals of that kind added to the statuses
    that stock Schemathesis accepts.
    """
    lines = []
    for operation in spec.operations.values():
        statuses = json.dumps(sorted(answers_to_valid_requests(operation)))
        lines += [
            f'[[operations]]\ninclude-operation-id = "{operation.operation_id}"',
            f"[operations.checks.positive_data_acceptance]\nexpected-statuses = {statuses}",
        ]
    return "\n".join(lines)


def login(credentials: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Options and environment with which `st` is who it should be."""
    if credentials["scheme"] == "bearer":
        return ["--header", f"Authorization: Bearer {credentials['token']}"], {}
    user = {"DIGEST_USER": credentials["username"], "DIGEST_PASSWORD": credentials["password"]}
    return [], {**user, "SCHEMATHESIS_HOOKS": "digest_login", "PYTHONPATH": str(HERE)}


def run_stock(mock: MockProcess, spec: Spec, seed: int, directory: Path) -> subprocess.CompletedProcess[str]:
    """One run of the stock command, with everything it has to say."""
    options, environment = login(mock.control("GET", "/identities")[spec.system]["owner"])
    config = directory / "schemathesis.toml"
    config.write_text(configured(spec), encoding="utf-8")
    place = ["--url", mock.url + spec.base_path, "--seed", str(seed), "--max-examples", str(MAX_EXAMPLES)]
    checks = ["--checks", "all", *(f"--exclude-checks={name}" for name in OFF.get(spec.system, {}))]
    command = [*COMMAND, "--config-file", str(config), "run", str(spec.path), *place, *checks, *options]
    return subprocess.run(command, capture_output=True, text=True, cwd=directory, env={**os.environ, **environment})


@pytest.mark.parametrize(("system", "seed"), [("example", 0), *SOAKED])
def test_stock_schemathesis_finds_nothing(serve: Serve, tmp_path: Path, system: str, seed: int) -> None:
    spec = load(system)
    mock = serve("--seed", str(seed), system=system)

    run = run_stock(mock, spec, seed, tmp_path)

    assert run.returncode == 0, run.stdout
    assert f"Tested: {len(spec.operations)}\n" in run.stdout, run.stdout
    assert failures(mock) == []


def failures(mock: MockProcess) -> list[Any]:
    """What went wrong in the mock itself."""
    entries: list[Any] = mock.control("GET", "/journal?errors=true")["entries"]
    return entries
