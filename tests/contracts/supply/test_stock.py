"""Where jobs come from, and that each is what it is said to be when a claim gets it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import specs
from contracts.bench import Bench, Unreachable
from contracts.guard import Guard
from contracts.mockprocess import MockOptions
from contracts.mockprocess import serving as serving_mock
from contracts.secret import conceal
from contracts.supply.command import Command
from contracts.supply.job import NotAvailable
from contracts.supply.pool import Pool
from contracts.supply.stock import ENOUGH
from contracts.table import TargetError
from contracts.target import SupplyPlan, Target
from mockserver.tls import self_signed
from tests.contracts.fakevendor import FakeVendor, Question, serving

Benches = Callable[..., Bench]


class Patient(FakeVendor):
    """Jobs leave the queue after a moment."""

    queue_takes = 0.1


class Choosy(FakeVendor):
    """Takes no jobs."""

    def new_job_facts(self, question: Question) -> dict[str, object]:
        raise self.not_signed_in()


def test_job_in_a_starting_state_is_created(bench_for: Benches) -> None:
    bench = bench_for(FakeVendor(), pooled=())

    job = bench.job("QUEUED")

    assert (job.source, job.state, bench.guard.ledger.is_ours(job.id)) == ("create", "QUEUED", True)


def test_job_that_another_request_created_is_used_where_no_other_can_be_had(bench_for: Benches) -> None:
    vendor = FakeVendor()
    bench = bench_for(vendor, pooled=())
    created = bench.send(bench.call("create", body={"title": "Left", "pages": 4})).reply.json["id"]
    vendor.new_job_facts = Choosy().new_job_facts  # type: ignore[method-assign]

    assert bench.job("QUEUED").id == created


def test_job_in_another_state_comes_from_the_pool(bench_for: Benches) -> None:
    bench = bench_for(FakeVendor(), pooled=("PRINTED",))

    assert bench.job("PRINTED").source == "pool"


def test_job_said_to_be_in_a_state_is_read_before_it_is_used(bench_for: Benches) -> None:
    vendor = FakeVendor()
    bench = bench_for(vendor, pooled=("PRINTING", "PRINTING"))
    first = vendor.jobs[bench.guard.ledger.ours[0]]
    first.moves.append((first.moves[-1][0] + 1, "JAMMED"))

    assert bench.job("PRINTING").id == bench.guard.ledger.ours[1]
    assert bench.job("JAMMED").id == first.id


def test_job_of_a_pool_that_reads_otherwise_is_named(bench_for: Benches) -> None:
    bench = bench_for(FakeVendor(), pooled=("JAMMED",))
    [job] = bench.stock.sources[-1].jobs  # type: ignore[attr-defined]
    job.state = "PRINTED"

    with pytest.raises(NotAvailable, match=f"pool: {job.id} reads as JAMMED; pool: no unused job in PRINTED;"):
        bench.job("PRINTED")


def test_supply_of_control_where_there_is_no_control_api_says_what_to_do() -> None:
    with serving(FakeVendor()) as url:
        target = Target("press", "example", url, supply=SupplyPlan(("control",)), control=f"{url}/__mock__")
        spec = specs.load("example")

        with pytest.raises(Unreachable, match=r"the supply's `from` names control\. Take it out where there is none\."):
            Bench(spec, target, Guard(spec, target))


def test_job_of_a_mock_with_a_certificate_of_its_own_comes_from_its_control_api() -> None:
    with self_signed("127.0.0.1") as files:
        asked = ("--tls-cert", str(files.certificate), "--tls-key", str(files.key))
        with serving_mock(["example"], MockOptions(arguments=asked)) as url:
            supply = SupplyPlan(("control",))
            target = Target("press", "example", url, tls_ca=files.certificate, supply=supply, control=f"{url}/__mock__")
            spec = specs.load("example")
            with closing(Bench(spec, target, Guard(spec, target))) as bench:
                job = bench.stock.sources[0].take("PRINTED", "owner")

    assert (job.source, bench.guard.ledger.is_ours(job.id)) == ("control", True)


def test_supply_of_control_that_asks_for_a_token_says_where_to_put_it() -> None:
    with serving_mock(["example"], MockOptions(arguments=("--control-token", "let-me-in"))) as url:
        target = Target("press", "example", url, supply=SupplyPlan(("control",)), control=f"{url}/__mock__")
        spec = specs.load("example")

        with pytest.raises(Unreachable, match=r"Where it asks for a token, give it as the supply's `control_token`\."):
            Bench(spec, target, Guard(spec, target))


def test_job_once_leased_is_not_leased_to_another(bench_for: Benches) -> None:
    bench = bench_for(FakeVendor(), pooled=("PRINTED",))
    bench.job("PRINTED")

    with pytest.raises(NotAvailable, match="pool: no unused job in PRINTED"):
        bench.job("PRINTED")


def test_job_given_back_unchanged_is_leased_again(bench_for: Benches) -> None:
    bench = bench_for(FakeVendor(), pooled=("PRINTED",))
    job = bench.job("PRINTED")
    bench.stock.release()

    assert bench.job("PRINTED") is job


def test_job_in_a_state_that_a_request_leads_to_is_walked_there(bench_for: Benches) -> None:
    bench = bench_for(FakeVendor(), pooled=())

    job = bench.job("CANCELLED")

    assert (job.source, job.path, job.spent) == ("create", ["cancel"], True)


def test_job_in_a_state_that_comes_by_itself_is_waited_for(bench_for: Benches) -> None:
    bench = bench_for(Patient(), pooled=())

    assert bench.job("PRINTING", patient=True).source == "create"


def test_job_in_a_state_that_nothing_leads_to_says_why(bench_for: Benches) -> None:
    bench = bench_for(FakeVendor(), pooled=())

    with pytest.raises(NotAvailable, match="create: a job does not start in JAMMED"):
        bench.job("JAMMED", patient=True)


def test_job_looked_for_in_vain_again_and_again_costs_no_more_requests(bench_for: Benches) -> None:
    bench = bench_for(FakeVendor(), pooled=("PRINTED", "PRINTED"))
    for _ in range(ENOUGH):
        with pytest.raises(NotAvailable, match="no job in JAMMED"):
            bench.job("JAMMED")
    sent = bench.guard.requests

    with pytest.raises(NotAvailable, match="no job in JAMMED"):
        bench.job("JAMMED")

    assert bench.guard.requests == sent


def test_job_where_create_is_refused_says_what_was_answered(bench_for: Benches) -> None:
    bench = bench_for(Choosy(), pooled=())

    with pytest.raises(NotAvailable, match="POST /jobs was answered 401 not_signed_in"):
        bench.job("QUEUED")


POOL = "id,state,PROJECT-ID,tenant\n507f1f77bcf86cd799439011,PENDING,5b6212af90dc76637950a2c6,\n"


def pooled(text: str, folder: Path) -> Pool:
    path = folder / "pool.csv"
    path.write_text(text, encoding="utf-8")
    spec = specs.load("ops_manager")
    return Pool.load(path, spec, Guard(spec, Target("om", "ops_manager", "http://om.example")).ledger)


def test_pool_entry_holds_its_wire_parameters(tmp_path: Path) -> None:
    job = pooled(POOL, tmp_path).take("PENDING", "owner")

    assert (job.id, job.state, dict(job.parameters)) == (
        "507f1f77bcf86cd799439011",
        "PENDING",
        {"PROJECT-ID": "5b6212af90dc76637950a2c6"},
    )


@pytest.mark.parametrize(
    ("entry", "wanted", "had"),
    [
        ("a,PENDING,", "PENDING", True),
        ("a,,", "PENDING", True),
        ("a,SUCCESS,", "PENDING", False),
        ("a,PENDING,", "AWAIT_GOAL_STATE", True),
        ("a,PENDING,stranger", "PENDING", False),
        ("a,pending,", "PENDING", True),
        ("a,in progress,", "PENDING", True),
    ],
)
def test_pool_gives_what_may_be_in_the_state_by_now(entry: str, wanted: str, had: bool, tmp_path: Path) -> None:
    pool = pooled(f"id,state,tenant\n{entry}\n", tmp_path)

    try:
        found = pool.take(wanted, "owner").id == "a"
    except NotAvailable:
        found = False

    assert found is had


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("state\nPENDING\n", "line 1: there is no column `id`"),
        ("id,state\n,PENDING\n", "line 2: `id` is empty"),
        ("id,state\na,PENDING,x\n", "line 2: more values than columns"),
        (
            "id,state,PROJECT_ID\na,PENDING,x\n",
            "line 1: unknown column `PROJECT_ID`. Expected columns among id, state, ",
        ),
    ],
)
def test_pool_with_a_mistake_names_the_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=told):
        pooled(text, tmp_path)


def commanded(script: str, folder: Path) -> Command:
    (folder / "make.py").write_text(script, encoding="utf-8")
    spec = specs.load("example")
    ledger = Guard(spec, Target("press", "example", "http://press.example")).ledger
    return Command((sys.executable, "make.py", "{system}", "{state}"), "example", folder, ledger)


def test_command_is_told_system_and_state_and_prints_a_job(tmp_path: Path) -> None:
    script = "import json, sys; print(json.dumps({'id': '-'.join(sys.argv[1:]), 'parameters': {'press': 7}}))"
    command = commanded(script, tmp_path)

    job = command.take("QUEUED", "owner")

    assert (job.id, job.parameters, command.ledger.is_ours(job.id)) == ("example-QUEUED", {"press": "7"}, True)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("raise SystemExit('no quota')", "ended with 1: no quota"),
        ("print('done')", "printed no"),
        ("print('{}')", "printed no"),
        ("print('[]')", "printed no"),
        ("""print('{"id": ""}')""", "printed no"),
        ("""print('{"id": "a", "parameters": ["b"]}')""", "printed no"),
        ("""print('{"id": "a", "parameters": null}')""", "printed no"),
        ("import sys; sys.stdout.buffer.write(bytes([255]))", "printed no"),
        ("raise SystemExit(3)", "ended with 3: it said nothing"),
        ("import sys; sys.exit(sys.stderr.buffer.write(bytes([255])))", "ended with 1: \ufffd"),
    ],
)
def test_command_that_makes_no_job_says_why(script: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(NotAvailable, match=told):
        commanded(script, tmp_path).take("QUEUED", "owner")


def test_command_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    command = commanded("", tmp_path)
    command.words = ("./not-there.sh",)

    with pytest.raises(NotAvailable, match=r"command: \./not-there\.sh cannot be run: No such file or directory"):
        command.take("QUEUED", "owner")


def test_command_that_hangs_is_not_asked_again(tmp_path: Path) -> None:
    script = "import pathlib, time; pathlib.Path('asked').open('a').write('x'); time.sleep(60)"
    command = commanded(script, tmp_path)
    command.takes_at_most = 1.0

    for _ in range(3):
        with pytest.raises(NotAvailable, match="did not end within 1 s"):
            command.take("QUEUED", "owner")

    assert len((tmp_path / "asked").read_text(encoding="utf-8")) <= 1


def test_command_that_complains_with_a_secret_shows_no_part_of_it(tmp_path: Path) -> None:
    token = "-".join(f"part{number}" for number in range(200))
    conceal(token)

    with pytest.raises(NotAvailable) as raised:
        commanded(f"raise SystemExit('refused: {token} is no good')", tmp_path).take("QUEUED", "owner")

    assert str(raised.value).endswith("ended with 1: refused: *** is no good")
