"""The claims that need Digest, wrapping parameters or a scope, on a vendor that has all three."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from contracts.bench import Bench, Budget
from contracts.claim import discover, run
from contracts.guard import Guard
from contracts.verdict import Verdict
from tests.contracts.claims import citypress as city
from tests.contracts.fakevendor import serving

CLAIMS = {claim.id: claim for claim in discover()}
BROKEN_BY: list[tuple[str, type[city.CityPress]]] = [
    ("digest_handshake_cancels_once", city.CancelsBeforeAsking),
    ("digest_handshake_cancels_once", city.RepeatsNonces),
    ("missing_credentials_are_refused", city.SkipsTheSignIn),
    ("digest_handshake_cancels_once", city.WantsQuotesGone),
    ("digest_replay_is_refused", city.CountsNothing),
    ("digest_replay_is_refused", city.RemembersTheLastCount),
    ("digest_replay_is_refused", city.TrustsTheUri),
    ("envelope_and_pretty_agree", city.WrapsTwice),
    ("envelope_and_pretty_agree", city.PrettyIsShort),
    ("envelope_and_pretty_agree", city.EnvelopeOnlyAsks),
    ("job_is_found_in_its_scope_only", city.AnyPress),
    ("list_agrees_with_get", city.LosesBetweenPages),
    ("list_agrees_with_get", city.RepeatsBetweenPages),
    ("history_is_monotonic", city.NeverDates),
]

Benches = Callable[[city.CityPress], Bench]


@pytest.fixture
def city_bench(tmp_path: Path) -> Iterator[Benches]:
    with ExitStack() as stack:

        def bench(vendor: city.CityPress) -> Bench:
            spec = city.city_spec(tmp_path)
            target = city.city_target(stack.enter_context(serving(vendor)))
            made = Bench(spec, target, Guard(spec, target), budget=Budget(rounds=2))
            stack.callback(made.close)
            made.prepare()
            return made

        yield bench


@pytest.mark.parametrize(("claim", "vendor"), BROKEN_BY, ids=[f"{c}-{v.__name__}" for c, v in BROKEN_BY])
def test_claim_on_a_wrong_vendor_is_broken(claim: str, vendor: type[city.CityPress], city_bench: Benches) -> None:
    bench = city_bench(vendor())

    outcome = run(CLAIMS[claim], bench)

    assert outcome.result.verdict is Verdict.BROKEN, outcome.result.reason


@pytest.mark.parametrize("claim", ["other_tenants_job_is_out_of_reach", "digest_replay_is_refused"])
def test_claim_on_a_vendor_whose_nonces_are_good_once_holds(claim: str, city_bench: Benches) -> None:
    outcome = run(CLAIMS[claim], city_bench(city.OneNonceARequest()))

    assert (outcome.result.verdict, outcome.findings) == (Verdict.HELD, ())


def test_owner_whose_nonce_is_too_old_reads_with_another(city_bench: Benches) -> None:
    bench = city_bench(city.ForgetsNonces())
    job = bench.job("QUEUED")
    time.sleep(1.2)

    assert bench.read(job).state == "QUEUED"


def test_every_claim_on_a_correct_vendor_holds(city_bench: Benches) -> None:
    bench = city_bench(city.CityPress())

    outcomes = {id: run(claim, bench) for id, claim in CLAIMS.items()}

    assert {id: outcome.findings for id, outcome in outcomes.items() if outcome.findings} == {}
    assert {outcomes[claim].result.verdict for claim, _ in BROKEN_BY} == {Verdict.HELD}
    assert not bench.guard.kept_back
