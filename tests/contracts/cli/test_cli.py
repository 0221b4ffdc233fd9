"""The command as a person or CI uses it: its own process, its exit code, its words."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.exit import worst
from contracts.wanted import checked_systems, claim_ids, vendors

TARGETS = """
[paper]
system = "example"
url = "http://127.0.0.1:9"

[paper.identities.owner]
scheme = "bearer"
token = "tok-very-secret-1234"

[far]
system = "example"
url = "https://paper.example"
may = ["read", "cancel"]
"""
FEW = ("--max-examples", "3", "--no-color")


def contracts(*words: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "contracts", *words]
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli")
    (path / "targets.toml").write_text(TARGETS, encoding="utf-8")
    (path / "rubbish-pool.toml").write_text(
        TARGETS.replace("[far]", '[paper.supply]\nfrom = ["pool"]\npool = "targets.toml"\n[far]'), encoding="utf-8"
    )
    (path / "broken.toml").write_text("[paper\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(folder: Path) -> subprocess.CompletedProcess[str]:
    """One run on a mock that everything below looks at."""
    kinds = ("--report", "junit,html,json,har")
    return contracts("run", "example", "--seed", "3", *FEW, *kinds, cwd=folder)


@pytest.fixture(scope="module")
def record(folder: Path, ran: subprocess.CompletedProcess[str]) -> Iterator[dict[str, object]]:
    yield json.loads((folder / "contracts-report/example/report.json").read_text(encoding="utf-8"))


def test_run_on_a_clean_mock_conforms_and_exits_0(ran: subprocess.CompletedProcess[str]) -> None:
    assert (ran.returncode, "example conforms:" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_run_says_how_it_goes_on_standard_error_only(ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.stderr.splitlines()[:1] == ["example: begins"]
    assert "begins" not in ran.stdout
    assert "\x1b" not in ran.stdout + ran.stderr


def test_run_writes_every_report_it_was_asked_for(folder: Path, ran: subprocess.CompletedProcess[str]) -> None:
    names = {path.name for path in (folder / "contracts-report/example").iterdir()}

    assert names == {"report.json", "junit.xml", "report.html", "run.har"}


def test_run_judges_every_claim_and_keeps_nothing_back(record: dict[str, object]) -> None:
    claims = {claim["id"]: claim["verdict"] for claim in record["claims"]}  # type: ignore[attr-defined]

    assert set(claims) == set(claim_ids())
    assert "broken" not in claims.values()
    assert (record["verdict"], record["refused_by_guard"], record["seed"]) == ("conforms", 0, 3)
    assert record["target"]["mock"] is True  # type: ignore[index]


def test_run_of_the_same_seed_generates_the_same_requests(folder: Path, ran: object, tmp_path: Path) -> None:
    promise = ("--claims", "replies_match_the_spec", "--report", "har", "--seed", "11")
    first = contracts("run", "example", *FEW, *promise, "--report-dir", str(tmp_path / "a"), cwd=folder)
    second = contracts("run", "example", *FEW, *promise, "--report-dir", str(tmp_path / "b"), cwd=folder)

    assert (first.returncode, second.returncode) == (0, 0)
    assert requests_in(tmp_path / "a") == requests_in(tmp_path / "b")


def requests_in(folder: Path) -> list[tuple[str, str, str]]:
    entries = json.loads((folder / "example/run.har").read_text(encoding="utf-8"))["log"]["entries"]
    asked = [each["request"] for each in entries]
    return [(r["method"], re.sub(r":\d+/", "/", r["url"]), r.get("postData", {}).get("text", "")) for r in asked]


@pytest.mark.parametrize("only", ["cancel_settles", "no_server_errors"])
def test_run_of_one_claim_tests_no_other(folder: Path, tmp_path: Path, only: str) -> None:
    done = contracts("run", "example", *FEW, "--claims", only, "--report-dir", str(tmp_path), cwd=folder)

    [claim] = json.loads((tmp_path / "example/report.json").read_text(encoding="utf-8"))["claims"]
    assert (done.returncode, claim["id"], claim["verdict"]) == (0, only, "held")


def test_run_that_can_test_nothing_exits_3(folder: Path, tmp_path: Path) -> None:
    asked = ("--claims", "digest_replay_is_refused", "--report-dir", str(tmp_path))

    done = contracts("run", "example", *asked, cwd=folder)

    assert (done.returncode, "example inconclusive:" in done.stdout) == (3, True)
    assert "why: none of the claims asked for could be tested: " in done.stdout
    page = (tmp_path / "example/report.html").read_text(encoding="utf-8")
    assert "why: none of the claims asked for could be tested: " in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "nosuch"), "unknown system `nosuch`. Known: atlas"),
        (("run", "--claims", "nosuch"), "unknown claim `nosuch`"),
        (
            ("run", "example", "--variant", "nosuch"),
            "unknown variant of example `nosuch`. Known: default, repeat_cancel_accepted",
        ),
        (("run", "example", "--report-dir", "targets.toml/x"), "targets.toml is a file. Name a folder."),
        (("fuzz", "example", "--report-dir", "targets.toml"), "targets.toml is a file. Name a folder."),
        (("defects", "example", "--write", "targets.toml/x/y.md"), "--write targets.toml/x:"),
        (("plan", "--target", "paper", "--targets", "rubbish-pool.toml"), "line 1: there is no column `id`"),
        (("run", "--report", "pdf"), "unknown kind `pdf`. Known: json, junit, html, har"),
        (("run", "--target", "nosuch"), "there is no target `nosuch`. Found: paper, far"),
        (("run", "--target", "paper", "--targets", "absent.toml"), "absent.toml: there is no such file"),
        (("run", "--target", "paper", "--targets", "broken.toml"), "broken.toml: is not TOML"),
        (("run", "atlas", "--target", "paper"), "`paper` is a target of example, and atlas was asked for"),
        (("run", "--target", "far"), "`far` is paper.example, and nobody can be asked. Add --yes paper.example."),
        (("run", "--target", "far", "--yes", "other.example"), "--yes other.example was given"),
        (("run", "--max-examples", "0"), "Invalid value for '--max-examples'"),
        (("fuzz", "example", "--max-time", "soon"), "`soon` is no duration. Expected a number with s, m or h"),
        (("replay", "absent.json"), "absent.json: cannot be read"),
        (("plan",), "`plan` needs a system for a mock"),
        (("plan", "atlas", "--target", "paper"), "`paper` is a target of example, not of atlas"),
        (("nosuch",), "No such command 'nosuch'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_word_that_means_nothing_is_refused_in_a_sentence(folder: Path, words: tuple[str, ...], message: str) -> None:
    done = contracts(*words, cwd=folder)

    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_target_that_does_not_answer_exits_3(folder: Path, tmp_path: Path) -> None:
    done = contracts("run", "--target", "paper", "--report-dir", str(tmp_path), cwd=folder)

    assert done.returncode == 3
    assert "example: http://127.0.0.1:9 cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr and "tok-very-secret-1234" not in done.stdout + done.stderr


def test_report_that_cannot_be_written_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "example/report.json").mkdir(parents=True)

    done = contracts("run", "example", "--claims", "cancel_settles", "--report-dir", str(tmp_path), cwd=folder)

    assert done.returncode == 2
    assert f"{tmp_path}/example/report.json: a report cannot be written: Is a directory" in done.stderr
    assert done.stderr.count("\n") < 5


def test_reader_who_leaves_early_does_not_change_the_verdict(folder: Path, tmp_path: Path) -> None:
    asked = f"{sys.executable} -m contracts run example --claims cancel_settles --report-dir {tmp_path}"

    for command in (asked, f"{sys.executable} -m contracts claims"):
        done = subprocess.run(
            ["bash", "-c", f"({command}; echo code $? >&2) | true"], cwd=folder, capture_output=True, text=True
        )

        assert done.stderr.splitlines()[-1] == "code 0"
        assert "Error" not in done.stderr


def test_ctrl_c_ends_with_a_report_of_what_was_touched(folder: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "contracts",
        "run",
        "example",
        "--max-examples",
        "500",
        "--report-dir",
        str(tmp_path),
    ]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline() == "example: begins\n"
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)

    record = json.loads((tmp_path / "example/report.json").read_text(encoding="utf-8"))
    assert (process.returncode, record["verdict"]) == (3, "inconclusive"), output + errors
    assert "Traceback" not in output + errors
    assert "the run was stopped" in {claim["reason"] for claim in record["claims"]}
    assert "  why: " in output


def test_annotations_are_written_where_github_runs_us(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)}

    contracts("run", "example", "--claims", "cancel_settles", "--report-dir", str(tmp_path), cwd=folder, env=env)

    assert "| `cancel_settles` | ✅" in page.read_text(encoding="utf-8")


def test_claims_lists_each_with_meaning_and_source(folder: Path) -> None:
    done = contracts("claims", cwd=folder)

    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == list(claim_ids())
    assert sum(line.startswith("  holds when ") for line in lines) == len(claim_ids())
    assert sum(line.startswith("  source: ") for line in lines) == len(claim_ids())
    assert [line for line in lines if line.endswith(" ")] == []


def test_plan_tells_all_and_sends_nothing(folder: Path) -> None:
    done = contracts("plan", "--target", "far", "--max-examples", "2", cwd=folder)

    assert done.returncode == 0, done.stderr
    assert "far: example at https://paper.example/example/v1, variant default" in done.stdout
    assert re.search(r"POST /jobs +create +never", done.stdout)
    assert re.search(r"POST /jobs/\{jobId\}/cancel +cancel +yes", done.stdout)
    assert re.search(r"weak_role_is_refused[a-z_,\s]*: the target has no identity", done.stdout)
    assert "nothing was sent to the target" in done.stdout


def test_lint_of_a_wrong_spec_names_it_and_exits_2(folder: Path, tmp_path: Path) -> None:
    done = contracts("lint", str(tmp_path), cwd=folder)

    assert (done.returncode, "there is no spec here" in done.stdout) == (2, True)
    assert done.stderr == "1 problem\n"


@pytest.mark.parametrize(("codes", "code"), [((0, 0), 0), ((0, 3), 3), ((3, 2), 2), ((2, 1, 3), 1), ((), 3)])
def test_several_systems_exit_with_the_worst_code(codes: tuple[int, ...], code: int) -> None:
    assert worst(codes) == code


def test_system_named_twice_is_checked_once() -> None:
    assert checked_systems(("example", "atlas", "example")) == ("example", "atlas")


def test_systems_checked_unasked_are_those_of_vendors() -> None:
    assert vendors() == ("atlas", "cloud_foundry", "ops_manager", "permission_assist")


def test_jobs_that_a_claim_deletes_are_not_missed_by_those_that_follow(tmp_path: Path) -> None:
    """Ops Manager lets failed imports be deleted."""
    claims = ("other_requests_keep_to_the_lifecycle", "settled_state_never_changes", "list_agrees_with_get")

    result = contracts("run", "ops_manager", "--seed=1", f"--claims={','.join(claims)}", "--report-dir=r", cwd=tmp_path)

    assert result.returncode == 0, result.stdout
    assert "unreadable" not in (tmp_path / "r/ops_manager/report.json").read_text()
