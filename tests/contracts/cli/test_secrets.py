"""Whatever a run says or writes, no secret is in it: not even with a server that repeats what it was sent."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from contracts.control import Control, ControlError
from contracts.mockprocess import MockOptions, serving
from contracts.secret import Secret
from tests.contracts.fakevendor import TOKENS, Answer, Question, Refused
from tests.contracts.fakevendor import serving as serving_vendor
from tests.contracts.suite.printers import StrictVendor

KINDS = ("--report", "json,junit,html,har", "--verbose", "--max-examples", "3")


class Parrot(StrictVendor):
    """Repeats credentials in every refusal of a body, and fails on top of it."""

    def new_job_facts(self, question: Question) -> Mapping[str, Any]:
        raise Refused(500, "out_of_order", f"cannot work for {question.headers.get('authorization')}")


def everything_of(command: list[str], folder: Path) -> dict[str, str]:
    """Every output of a command, and every file it left, by name."""
    done = subprocess.run(
        [sys.executable, "-m", "contracts", *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    files = {str(path): path.read_text(encoding="utf-8") for path in (folder / "contracts-report").rglob("*.*")}
    return {"stdout": done.stdout, "stderr": done.stderr, **files}


def test_bearer_tokens_are_in_no_output_of_a_failing_run(tmp_path: Path) -> None:
    owner, reader, stranger = TOKENS
    with serving_vendor(Parrot()) as url:
        identities = "".join(
            f'[press.identities.{name}]\nscheme = "bearer"\ntoken = "{token}"\n'
            for name, token in zip(("owner", "reader", "stranger"), TOKENS, strict=True)
        )
        head = f'[press]\nsystem = "example"\nurl = "{url}"\nmay = ["read", "create", "cancel"]\nsettle_timeout = 0.5\n'
        (tmp_path / "targets.toml").write_text(head + identities, encoding="utf-8")
        found = everything_of(["run", "--target", "press", *KINDS], tmp_path)

    assert "no_server_errors is broken" in found["stdout"]
    assert any("/replay/" in name for name in found) and any(name.endswith(".har") for name in found)
    assert [name for name, text in found.items() if owner in text or reader in text or stranger in text] == []


@pytest.fixture
def passwords() -> list[str]:
    with serving(["ops_manager"]) as address:
        identities = Control(address + "/__mock__").identities("ops_manager")
    return [each["password"] for each in identities.values()]


def test_digest_answers_are_in_no_output_of_a_run(tmp_path: Path, passwords: list[str]) -> None:
    found = everything_of(["run", "ops_manager", *KINDS], tmp_path)

    assert "ops_manager conforms" in found["stdout"]
    assert [name for name, text in found.items() if any(each in text for each in passwords)] == []
    assert [name for name, text in found.items() if re.search(r"response=\\*\"[0-9a-f]{32}", text)] == []


def test_mock_behind_a_control_token_gives_jobs_and_its_token_is_in_no_output(tmp_path: Path) -> None:
    with serving(["example"], MockOptions(arguments=("--control-token", "open-sesame-42"))) as url:
        owner = Control(url + "/__mock__", Secret("open-sesame-42")).identities("example")["owner"]["token"]
        (tmp_path / "targets.toml").write_text(
            f'[shared]\nsystem = "example"\nurl = "{url}"\nmay = ["read", "cancel"]\n'
            'supply = {from = ["control"], control_token = "file:token"}\n'
            f'[shared.identities.owner]\nscheme = "bearer"\ntoken = "{owner}"\n',
            encoding="utf-8",
        )
        (tmp_path / "token").write_text("open-sesame-42\n", encoding="utf-8")
        asked = ["--claims", "running_job_accepts_cancel", "--report-dir", "contracts-report"]
        found = everything_of(["run", "--target", "shared", *KINDS, *asked], tmp_path)

    assert "example conforms: 1 held" in found["stdout"]
    assert [name for name, text in found.items() if "open-sesame-42" in text] == []


class Redirecting(StrictVendor):
    """Sends everybody elsewhere."""

    def __init__(self, elsewhere: str) -> None:
        super().__init__()
        self.elsewhere = elsewhere

    def respond(self, question: Question) -> Answer:
        return Answer(302, None, headers={"Location": f"{self.elsewhere}{question.path}"})


def test_control_token_is_taken_nowhere_else() -> None:
    other = StrictVendor()
    with (
        serving_vendor(other) as elsewhere,
        serving_vendor(Redirecting(elsewhere)) as url,
        pytest.raises(ControlError, match="answered 302"),
    ):
        Control(url + "/__mock__", Secret("open-sesame-42")).clock()

    assert other.log == []
