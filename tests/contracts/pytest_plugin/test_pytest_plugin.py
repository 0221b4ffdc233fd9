"""The claims as pytest items, in a pytest of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.pytest_plugin import is_asked_for
from contracts.wanted import claim_ids
from tests.contracts.fakevendor import TOKENS, serving
from tests.contracts.suite.printers import StrictVendor


def run_pytest(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    return subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def test_claims_are_items_that_pass_or_are_skipped_with_the_reason(tmp_path: Path) -> None:
    done = run_pytest("--pyargs", "contracts", "--system", "example", "-v", "-rs", cwd=tmp_path)

    outcomes = [line.split()[1] for line in done.stdout.splitlines() if "::test_claim[example-" in line]
    assert done.returncode == 0, done.stdout
    assert len(outcomes) == len(claim_ids())
    assert set(outcomes) == {"PASSED", "SKIPPED"}
    assert "the vendor does not use HTTP Digest" in done.stdout


def test_items_on_several_processes_are_as_much_of_a_success(tmp_path: Path) -> None:
    done = run_pytest("--pyargs", "contracts", "--system", "example", "-n", "2", cwd=tmp_path)

    assert " passed" in done.stdout
    assert done.returncode == 0


def test_items_of_a_deployment_are_not_spread_over_processes(tmp_path: Path) -> None:
    (tmp_path / "targets.toml").write_text('[t]\nsystem = "example"\nurl = "http://127.0.0.1:9"\n')

    done = run_pytest("--pyargs", "contracts", "--target", "t", "-n", "2", cwd=tmp_path)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "with -n every process would check `t` by itself" in done.stderr + done.stdout


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Path]:
    """A target where nothing may be cancelled."""
    vendor = StrictVendor()
    pool = "\n".join(["id,state", *(f"{vendor.place(state).id},{state}" for state in ("PRINTED", "PRINTING"))])
    (tmp_path / "pool.csv").write_text(pool, encoding="utf-8")
    with serving(vendor) as url:
        (tmp_path / "targets.toml").write_text(
            f'[press]\nsystem = "example"\nurl = "{url}"\nmay = ["read"]\n'
            f'[press.identities.owner]\nscheme = "bearer"\ntoken = "{next(iter(TOKENS))}"\n'
            '[press.supply]\nfrom = ["pool"]\npool = "pool.csv"\n',
            encoding="utf-8",
        )
        yield tmp_path


def test_items_of_a_target_where_no_cancel_was_tried_are_no_success(reading: Path) -> None:
    done = run_pytest("--pyargs", "contracts", "--target", "press", cwd=reading)

    assert " passed" in done.stdout and " failed" not in done.stdout, done.stdout
    assert done.returncode == 3
    [line] = [line for line in done.stdout.splitlines() if line.startswith("contracts: ")]
    why = "running_job_accepts_cancel could not be tested: .*cancel.*"
    assert re.fullmatch(rf"contracts: example is inconclusive: {why} \(exit status 3\)", line)


def test_items_chosen_are_all_that_is_checked_and_judged(reading: Path) -> None:
    done = run_pytest("--pyargs", "contracts", "--target", "press", "-k", "no_server_errors", cwd=reading)

    report = json.loads((reading / "contracts-report/example/report.json").read_text(encoding="utf-8"))
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout
    assert [claim["id"] for claim in report["claims"]] == ["no_server_errors"]
    assert "contracts: " not in done.stdout


def test_items_that_are_only_listed_are_no_failure(tmp_path: Path) -> None:
    done = run_pytest("--pyargs", "contracts", "--system", "example", "--collect-only", "-q", cwd=tmp_path)

    assert (done.returncode, "contracts: " in done.stdout) == (0, False)


def test_items_of_a_target_that_does_not_answer_fail_and_say_so(tmp_path: Path) -> None:
    owner = '[t.identities.owner]\nscheme = "bearer"\ntoken = "abcdef"\n'
    (tmp_path / "targets.toml").write_text(f'[t]\nsystem = "example"\nurl = "http://127.0.0.1:9"\n{owner}')

    done = run_pytest("--pyargs", "contracts", "--target", "t", "-k", "cancel_settles", cwd=tmp_path)

    assert done.returncode == 1
    assert "http://127.0.0.1:9 cannot be reached" in done.stdout


@pytest.mark.parametrize("processes", ["0", "2"])
def test_items_of_which_none_could_be_tested_are_no_success(tmp_path: Path, processes: str) -> None:
    words = ("--system", "example", "-k", "digest", "-n", processes)
    done = run_pytest("--pyargs", "contracts", *words, cwd=tmp_path)

    why = "none of the claims asked for could be tested: the vendor does not use HTTP Digest"
    told = f"contracts: example is inconclusive: {why} (exit status 3)"
    assert (done.returncode, done.stdout.count(told)) == (3, 1), done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [(("--system", "nosuch"), "unknown system `nosuch`"), (("--target", "nosuch"), "there is no such file")],
)
def test_word_that_means_nothing_ends_pytest_with_a_sentence(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    done = run_pytest("--pyargs", "contracts", *words, cwd=tmp_path)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert message in done.stderr + done.stdout


def test_plugin_leaves_other_peoples_pytest_alone(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("def pytest_addoption(parser):\n    parser.addoption('--target')\n")
    (tmp_path / "test_theirs.py").write_text(
        "import sys\n\ndef test_theirs(pytestconfig):\n"
        "    assert pytestconfig.getoption('--target') == 'theirs'\n"
        "    assert 'contracts.run' not in sys.modules\n"
    )

    done = run_pytest("--target", "theirs", cwd=tmp_path)

    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["--pyargs", "contracts"], True),
        (["--pyargs", "contracts.test_claims::test_claim"], True),
        (["contracts/test_claims.py"], True),
        (["tests"], False),
        (["tests/contracts"], False),
        (["-k", "contracts_of"], False),
        ([], False),
    ],
)
def test_plugin_is_asked_for_by_the_name_of_the_package(arguments: list[str], asked: bool) -> None:
    assert is_asked_for(arguments) is asked
