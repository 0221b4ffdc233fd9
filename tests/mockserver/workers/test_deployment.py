"""The commands in `docs/scaling.md` and the files in `docs/deploy` are ones that the command line takes."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from mockserver.cli import serve

DOCS = Path(__file__).parents[3] / "docs"
UNIT = DOCS / "deploy" / "mockserver.service"
CONTAINER = DOCS / "deploy" / "Containerfile"


def documented() -> list[list[str]]:
    """The arguments of every `mockserver serve` that is documented."""
    in_text = re.findall(r"^\$ mockserver serve (.*)$", (DOCS / "scaling.md").read_text(), re.MULTILINE)
    in_unit = re.findall(r"^ExecStart=\S+/mockserver serve (.*)$", UNIT.read_text(), re.MULTILINE)
    return [shlex.split(line) for line in (*in_text, *in_unit)] + [in_container()]


def in_container() -> list[str]:
    text = CONTAINER.read_text()
    entry, command = (
        json.loads(re.findall(rf"^{word} (.*)$", text, re.MULTILINE)[0]) for word in ("ENTRYPOINT", "CMD")
    )
    assert entry[:2] == ["mockserver", "serve"]
    return [*entry[2:], *command]


def test_documented_commands_are_found() -> None:
    assert len(documented()) == 4


@pytest.mark.parametrize("arguments", documented(), ids=" ".join)
def test_documented_command_is_understood(arguments: list[str]) -> None:
    context = serve.make_context("serve", list(arguments))

    assert context.params["workers"] == 4


def test_documented_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = (DOCS / "scaling.md").read_text() + UNIT.read_text() + CONTAINER.read_text()
    names = {option.envvar for option in serve.params if getattr(option, "envvar", None)}
    assert set(re.findall(r"\bMOCKSERVER_[A-Z_]+", texts)) == names
    for name in names:
        monkeypatch.setenv(str(name), f"value of {name}")

    context = serve.make_context("serve", [])

    assert context.params["state"] == "value of MOCKSERVER_STATE"
    assert context.params["control_token"] == "value of MOCKSERVER_CONTROL_TOKEN"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")
def test_unit_is_one_that_systemd_takes() -> None:
    verified = subprocess.run(["systemd-analyze", "verify", str(UNIT)], capture_output=True, text=True)

    complaints = [line for line in verified.stderr.splitlines() if UNIT.name in line and "not executable" not in line]
    assert complaints == []
