"""Generated requests against vendors that nobody generated the requests for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

import specs
from contracts.bench import Bench
from contracts.guard import Guard
from contracts.suite import Settings, generate
from contracts.verdict import ClaimResult, Verdict
from tests.contracts.fakevendor import FakeVendor
from tests.contracts.suite import printers

FEW = Settings(seed=1, max_examples=5)

BenchFor = Callable[[FakeVendor], Bench]


def results(bench: Bench, settings: Settings = FEW) -> dict[str, ClaimResult]:
    with bench.guard.installed():
        generated = generate(bench, settings, lambda share, doing: None)
    return {outcome.result.id: outcome.result for outcome in generated.outcomes}


def findings(bench: Bench, settings: Settings = FEW) -> dict[str, list[str]]:
    """What is broken: claim -> causes."""
    with bench.guard.installed():
        generated = generate(bench, settings, lambda share, doing: None)
    return {
        outcome.result.id: [found.finding.cause for found in outcome.findings]
        for outcome in generated.outcomes
        if outcome.findings
    }


def test_generated_requests_on_a_correct_vendor_hold_every_promise(bench_for: BenchFor) -> None:
    found = results(bench_for(printers.StrictVendor()))

    assert {id: each.verdict for id, each in found.items()} == dict.fromkeys(
        (
            "replies_match_the_spec",
            "no_server_errors",
            "invalid_requests_are_refused",
            "valid_requests_are_accepted",
        ),
        Verdict.HELD,
    )
    assert all(each.cases > 20 for each in found.values())


@pytest.mark.parametrize("seed", range(3))
def test_generated_requests_whatever_the_seed_name_no_job_that_is_not_ours(bench_for: BenchFor, seed: int) -> None:
    vendor = printers.StrictVendor()
    bench = bench_for(vendor)
    foreign = set(vendor.jobs) - set(bench.guard.ledger.ours)

    results(bench, Settings(seed=seed, max_examples=10))

    named = [asked.path for asked in vendor.log if any(id in asked.path for id in foreign)]
    assert len(foreign) == 7
    assert (named, bench.guard.kept_back) == ([], [])


def test_generated_requests_reach_cancels_that_are_accepted_and_refused(bench_for: BenchFor) -> None:
    bench = bench_for(printers.StrictVendor())

    results(bench)

    statuses = {e.reply.status for e in bench.guard.journal if e.operation_id == "cancel_job" and e.reply}
    assert statuses >= {200, 400, 401, 404, 409}


@pytest.mark.parametrize(
    ("vendor", "claim", "cause"),
    [
        (printers.ForgetsHistory, "replies_match_the_spec", "response_schema_conformance 200"),
        (printers.SaysTeapot, "replies_match_the_spec", "UndefinedStatusCode 418"),
        (printers.FallsOverPages, "no_server_errors", "GET /jobs: not_a_server_error ServerError 500"),
        (printers.HangsUpOnOddBodies, "no_server_errors", "POST /jobs: no answer"),
        (printers.TakesAnything, "invalid_requests_are_refused", "AcceptedNegativeData 201"),
        (printers.DislikesSecondPages, "valid_requests_are_accepted", "RejectedPositiveData 400"),
    ],
)
def test_fault_is_found_by_the_claim_that_names_it(
    bench_for: BenchFor, vendor: type[FakeVendor], claim: str, cause: str
) -> None:
    broken = findings(bench_for(vendor()))

    assert claim in broken
    assert any(cause in each for each in broken[claim])


def test_finding_carries_evidence_a_command_and_steps(bench_for: BenchFor) -> None:
    bench = bench_for(printers.SaysTeapot())

    with bench.guard.installed():
        generated = generate(bench, FEW, lambda share, doing: None)

    [found, *_] = next(o.findings for o in generated.outcomes if o.result.id == "replies_match_the_spec")
    assert found.finding.operation == "POST /jobs/{jobId}/cancel"
    assert found.finding.received["status"] == 418
    assert set(found.finding.evidence) == {"E4", "E5", "E6"}
    assert found.finding.curl.startswith("curl -sS -i -X POST ")
    assert '-H "Authorization: Bearer $TOKEN"' in found.finding.curl
    assert "{job1}" in found.steps[-1]["send"]["target"]


def test_vendor_that_lets_nobody_in_has_not_been_tested(bench_for: BenchFor) -> None:
    vendor = printers.StrictVendor()
    bench = bench_for(vendor)
    vendor.authenticate = printers.KnowsNobody().authenticate  # type: ignore[method-assign]

    found = results(bench)

    assert {each.verdict for each in found.values()} == {Verdict.NOT_TESTED}
    assert found["no_server_errors"].reason == "every answer was 401 or 403"


def test_target_that_may_only_be_read_gets_reads_only(bench_for: BenchFor) -> None:
    vendor = printers.StrictVendor()
    target = replace(bench_for(vendor).target, may=frozenset({"read"}))
    bench = Bench(specs.load("example"), target, Guard(specs.load("example"), target))
    before = len(vendor.log)

    with closing(bench):
        found = results(bench)

    assert {asked.method for asked in vendor.log[before:]} == {"GET"}
    assert found["replies_match_the_spec"].verdict is Verdict.HELD
    assert bench.guard.kept_back == []


def test_progress_never_goes_back_and_ends_at_the_whole(bench_for: BenchFor) -> None:
    bench, shares = bench_for(printers.StrictVendor()), []

    with bench.guard.installed():
        generate(bench, FEW, lambda share, doing: shares.append(share))

    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
