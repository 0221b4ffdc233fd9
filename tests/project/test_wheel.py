"""What a user installs is the wheel, not the checkout: it must bring its data and run anywhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new venv that has the built wheel, and the dependencies of this one; no network."""
    folder = tmp_path_factory.mktemp("wheel")
    source = copy_of_the_source(folder / "source")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "-w", str(folder), str(source)], check=True, cwd=folder)
    (wheel,) = folder.glob("countermand-*.whl")
    venv.create(folder / "venv", with_pip=False)
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(folder / "venv"),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*install, "--ignore-installed", str(wheel)], check=True, cwd=folder)
    return folder / "venv" / "bin"


def copy_of_the_source(folder: Path) -> Path:
    """Built in a copy, so that no leftover of an earlier build gets in."""
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for package in ("specs", "mockserver", "contracts"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [str(installed / command[0]), *command[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=170,
        env=environment,
    )


def test_wheel_outside_the_checkout_is_what_runs(installed: Path, tmp_path: Path) -> None:
    code = "import specs, mockserver, contracts; print(specs.__file__, mockserver.__file__, contracts.__file__)"

    where = run(installed, tmp_path, "python", "-c", code).stdout.split()

    assert len(where) == 3
    assert all(path.startswith(str(installed.parent)) for path in where)


def test_wheel_mockserver_serves_and_stops(installed: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [str(installed / "mockserver"), "serve", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    ready = process.stdout.readline()
    found = re.fullmatch(r"mockserver ready: (http://127\.0\.0\.1:\d+)\n", ready)
    assert found, ready

    with urllib.request.urlopen(f"{found[1]}/__mock__/identities", timeout=10) as reply:
        identities = json.load(reply)
    process.send_signal(signal.SIGTERM)
    code = process.wait(15)
    process.stdout.close()

    assert set(identities) == {"ops_manager", "atlas", "cloud_foundry", "permission_assist"}
    assert code == 0


@pytest.mark.timeout(240)
def test_wheel_contracts_demo_conforms(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "contracts", "demo", "--max-examples", "3", "--report-dir", "out")

    reports = {p.parent.name: json.loads(p.read_text()) for p in tmp_path.glob("out/*/report.json")}
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: report["verdict"] for name, report in reports.items()} == dict.fromkeys(
        ("ops_manager", "atlas", "cloud_foundry", "permission_assist"), "conforms"
    )
