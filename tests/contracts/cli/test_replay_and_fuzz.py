"""A failure is recorded, met again, and gone once it is mended; fuzzing stops at the first one."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from contracts import exit as codes
from contracts.fuzz import Fuzz
from contracts.order import Order
from contracts.run import Ended
from contracts.verdict import ClaimResult, Conclusion, RunResult, TargetFacts, Verdict
from tests.contracts.fakevendor import TOKENS, Job, Refused, serving
from tests.contracts.suite.printers import StrictVendor

PRESS = ("--target", "press", "--targets", "our targets.toml")
SOME = ("--claims", "replies_match_the_spec,terminal_job_refuses_cancel", "--max-examples", "4")


class Mendable(StrictVendor):
    """Says 418 where a job has ended, until it is mended."""

    mended = False

    def not_cancellable(self, job: Job) -> Refused:
        return super().not_cancellable(job) if self.mended else Refused(418, "job_not_cancellable", "short and stout")


def contracts(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "contracts", *words]
    return subprocess.run(command, cwd=cwd, env=os.environ, stdin=subprocess.DEVNULL, capture_output=True, text=True)


@pytest.fixture(scope="module")
def vendor() -> Mendable:
    return Mendable()


@pytest.fixture(scope="module")
def folder(vendor: Mendable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A vendor with a fault, a target that points at it, and the recordings of one run."""
    path = tmp_path_factory.mktemp("replay")
    owner = next(iter(TOKENS))
    ended = [vendor.place(state) for state in ("PRINTED", "PRINTED", "JAMMED", "CANCELLED")]
    pool = "\n".join(["id,state", *(f"{job.id},{job.state}" for job in ended)])
    (path / "pool.csv").write_text(pool, encoding="utf-8")
    with serving(vendor) as url:
        (path / "our targets.toml").write_text(
            f'[press]\nsystem = "example"\nurl = "{url}"\nmay = ["read", "create", "cancel"]\nsettle_timeout = 1.0\n'
            f'[press.identities.owner]\nscheme = "bearer"\ntoken = "{owner}"\n'
            '[press.supply]\nfrom = ["create", "pool"]\npool = "pool.csv"\n',
            encoding="utf-8",
        )
        done = contracts("run", *PRESS, *SOME, cwd=path)
        assert done.returncode == 1, done.stdout + done.stderr
        (path / "console.txt").write_text(done.stdout, encoding="utf-8")
        yield path


def recordings(folder: Path, claim: str) -> list[str]:
    record = json.loads((folder / "contracts-report/example/report.json").read_text(encoding="utf-8"))
    return [finding["replay"] for finding in record["findings"] if finding["claim"] == claim]


@pytest.mark.parametrize("claim", ["replies_match_the_spec", "terminal_job_refuses_cancel"])
def test_failure_is_met_again_until_it_is_mended(folder: Path, vendor: Mendable, claim: str) -> None:
    recording = recordings(folder, claim)[0]

    vendor.mended = False
    before = contracts("replay", recording, *PRESS, cwd=folder)
    vendor.mended = True
    after = contracts("replay", recording, *PRESS, cwd=folder)

    assert (before.returncode, "still broken: " in before.stdout) == (1, True), before.stdout + before.stderr
    assert (after.returncode, "fixed: " in after.stdout) == (0, True), after.stdout + after.stderr


def test_command_that_the_console_shows_works_when_pasted(folder: Path, vendor: Mendable) -> None:
    lines = (folder / "console.txt").read_text(encoding="utf-8").splitlines()
    pasted = next(line for line in lines if line.startswith("    replay: ")).removeprefix("    replay: ")

    vendor.mended = False
    name, *words = shlex.split(pasted)
    done = contracts(*words, cwd=folder)

    assert (name, done.returncode, "still broken: " in done.stdout) == ("contracts", 1, True), done.stdout + done.stderr


def test_recording_of_another_system_is_refused(folder: Path) -> None:
    path = folder / "other.json"
    recording = json.loads(Path(folder, recordings(folder, "replies_match_the_spec")[0]).read_text(encoding="utf-8"))
    path.write_text(json.dumps(recording | {"system": "atlas"}), encoding="utf-8")

    done = contracts("replay", str(path), *PRESS, cwd=folder)

    assert (done.returncode, "`press` is a target of example, and this was recorded on atlas" in done.stderr) == (
        2,
        True,
    )


def test_fuzzing_ends_with_the_first_round_that_breaks_something(folder: Path, vendor: Mendable) -> None:
    vendor.mended = False

    done = contracts("fuzz", "example", *PRESS, *SOME, "--max-time", "10m", cwd=folder)

    assert (done.returncode, done.stdout.splitlines()[-1].startswith("1 round, ")) == (1, True), done.stderr


class Rounds(Fuzz):
    """Fuzzing whose rounds are told, not run."""

    seeds: list[int]
    told: list[Ended]

    def _round(self, order: Order) -> Ended:
        self.seeds.append(order.seed)
        self.rounds += 1
        return self.told.pop(0)


def ended(conclusion: Conclusion, *, stopped: bool = False) -> Ended:
    claims = [ClaimResult("some_claim", Verdict.HELD, 1)]
    facts = TargetFacts("mock", "example", "http://127.0.0.1", "default", True)
    result = RunResult(facts, 0, conclusion, requests=10, claims=claims)
    return Ended("example", codes.OF[conclusion], result, stopped=stopped)


CONFORMS, VIOLATES, INCONCLUSIVE = Conclusion.CONFORMS, Conclusion.VIOLATES, Conclusion.INCONCLUSIVE


@pytest.mark.parametrize(
    ("told", "seeds", "code"),
    [
        ([ended(CONFORMS), ended(CONFORMS), ended(VIOLATES)], [5, 6, 7], 1),
        ([ended(CONFORMS), ended(INCONCLUSIVE, stopped=True)], [5, 6], 0),
        ([ended(CONFORMS), ended(VIOLATES, stopped=True)], [5, 6], 1),
        ([ended(INCONCLUSIVE)], [5], 3),
        ([Ended("example", codes.WRONG, message="no such spec")], [5], 2),
    ],
    ids=["broken at last", "out of time", "broken when out of time", "nothing tested", "impossible"],
)
def test_rounds_go_on_with_the_next_seed_until_there_is_something_to_say(
    told: list[Ended], seeds: list[int], code: int
) -> None:
    rounds = len(told)
    fuzz = Rounds(Console(quiet=True), Console(quiet=True), quiet=True, until=rounds, now=lambda: len(fuzz.seeds))
    fuzz.seeds, fuzz.told = [], told

    assert fuzz.run(Order("example", "mock", "out", seed=5)) == code
    assert fuzz.seeds == seeds
