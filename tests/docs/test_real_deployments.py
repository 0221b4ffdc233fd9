"""docs/real-deployments.md, step by step, against a mock that plays a real deployment."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "real-deployments.md"
HOST = "https://om.staging.example:8443"
KEYS = {"OM_PUBLIC_KEY": "omownerk", "OM_PRIVATE_KEY": "0d6d9b6e-7f0b-4f4c-9f5a-5b1f1d0f0a01"}


@pytest.fixture
def deployment() -> Iterator[str]:
    """Where an Ops Manager without a control API listens."""
    command = [sys.executable, "-m", "mockserver", "serve", "ops_manager", "--no-control", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1]
    process.send_signal(signal.SIGTERM)
    process.wait(15)
    process.stdout.close()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


def commands() -> list[list[str]]:
    return [shlex.split(line[2:]) for text in blocks("console") for line in text.splitlines() if line.startswith("$ ")]


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    assert command[0] == "contracts"
    return subprocess.run(
        [sys.executable, "-m", *command, *(["--max-examples", "2"] if "--report-dir" in command else [])],
        cwd=folder,
        env=os.environ | KEYS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=170,
    )


@pytest.mark.timeout(400)
def test_page_leads_from_nothing_to_a_verdict(deployment: str, tmp_path: Path) -> None:
    first, second = (text.replace(HOST, deployment) for text in blocks("toml"))
    plan, look, begin, everything = commands()

    (tmp_path / "targets.toml").write_text(first, encoding="utf-8")
    planned, looked = run(plan, tmp_path), run(look, tmp_path)
    (tmp_path / "targets.toml").write_text(second, encoding="utf-8")
    begun, done = run(begin, tmp_path), run(everything, tmp_path)

    codes = [each.returncode for each in (planned, looked, begun, done)]
    assert codes == [0, 3, 0, 0], "\n".join(each.stdout + each.stderr for each in (planned, looked, begun, done))
    report = json.loads((tmp_path / "reports" / "ops_manager" / "report.json").read_text(encoding="utf-8"))
    assert report["refused_by_guard"] == 0
    assert report["touched"]


def test_page_shows_no_secret_of_its_run_anywhere(deployment: str, tmp_path: Path) -> None:
    second = blocks("toml")[1].replace(HOST, deployment)
    (tmp_path / "targets.toml").write_text(second, encoding="utf-8")

    done = run([*commands()[3][:-1], "junit,html,json,har", "--claims", "running_job_accepts_cancel"], tmp_path)

    texts = [p.read_text(errors="replace") for p in (tmp_path / "reports").rglob("*") if p.is_file()]
    assert texts
    assert not [1 for text in [*texts, done.stdout, done.stderr] if KEYS["OM_PRIVATE_KEY"] in text]
