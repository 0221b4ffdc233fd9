"""Run `contracts run` against one independent server and say what came of it (also used by hand).

python -m tests.independent.bench cloud_foundry [BUG ...]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.independent.atlas import Atlas
from tests.independent.cloud_foundry import CloudFoundry
from tests.independent.doors import DOORS, bent
from tests.independent.gates import GATES
from tests.independent.kit import Vendor
from tests.independent.ops_manager import OpsManager
from tests.independent.permission_assist import PermissionAssist

VENDORS: dict[str, type[Vendor]] = {
    "ops_manager": OpsManager,
    "atlas": Atlas,
    "cloud_foundry": CloudFoundry,
    "permission_assist": PermissionAssist,
}


@dataclass
class Judged:
    """What one run said, and what the server's own log says of it."""

    exit_code: int
    report: dict[str, Any]
    foreign: list[str]  # requests that named a job that was not given and did not come from this run
    output: str
    seconds: float

    def broken(self) -> list[str]:
        return [c["id"] for c in self.report.get("claims", []) if c["verdict"] == "broken"]


def judge(system: str, *bugs: str, options: tuple[str, ...] = ()) -> Judged:
    """One run against a fresh server."""
    vendor: Any = VENDORS[system](frozenset(bugs))
    vendor.door = bent(vendor, vendor.straight, {**DOORS, **GATES})
    started_with = set(vendor.jobs)
    given = vendor.pool()
    allowed = {row["id"] for row in given}
    with vendor.serving(), tempfile.TemporaryDirectory() as folder:
        write_target(Path(folder), system, vendor, given)
        began = time.monotonic()
        command = [sys.executable, "-m", "contracts", "run", system, "--target", "it", "--targets", "targets.toml"]
        done = subprocess.run(
            [*command, "--report-dir", "out", "--no-color", *options],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=600,
        )
        seconds = time.monotonic() - began
        path = Path(folder, "out", system, "report.json")
        report = json.loads(path.read_text()) if path.exists() else {}
    foreign = [f"{e.method} {e.target}" for e in vendor.log for id in e.ids if id in started_with and id not in allowed]
    return Judged(done.returncode, report, foreign, done.stdout + done.stderr, seconds)


def write_target(folder: Path, system: str, vendor: Any, given: list[dict[str, str]]) -> None:
    """The targets file and pool that a stranger would write."""
    facts = vendor.target()
    columns = list(given[0])
    lines = [",".join(columns)] + [",".join(row[c] for c in columns) for row in given]
    (folder / "pool.csv").write_text("\n".join(lines) + "\n")
    parameters = ", ".join(f'"{k}" = "{v}"' for k, v in facts["parameters"].items())
    text = [
        "[it]", f'system = "{system}"', f'url = "{vendor.url}"', "settle_timeout = 4.0",
        'may = ["read", "create", "cancel"]', f"parameters = {{ {parameters} }}",
    ]  # fmt: skip
    for name, secret in vendor.users.items():
        text += [f"[it.identities.{name}]", f'scheme = "{vendor.scheme}"']
        text += (
            [f'username = "{name}"', f'password = "{secret}"'] if vendor.scheme == "digest" else [f'token = "{secret}"']
        )
    text += [
        "[it.supply]",
        'from = ["create", "pool"]',
        f"create = {{ body = {inline(facts['create'])} }}",
        'pool = "pool.csv"',
    ]
    (folder / "targets.toml").write_text("\n".join(text) + "\n")


def inline(value: Any) -> str:
    """JSON data as an inline TOML value."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


if __name__ == "__main__":
    judged = judge(sys.argv[1], *sys.argv[2:])
    print(judged.output)
    print(
        f"exit {judged.exit_code} in {judged.seconds:.1f} s; broken: {judged.broken()}; foreign: {judged.foreign[:5]}"
    )
