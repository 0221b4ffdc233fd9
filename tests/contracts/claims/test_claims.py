"""Every claim holds on a correct vendor and is broken by what it is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contracts.bench import Bench
from contracts.claim import discover, run
from contracts.verdict import Verdict
from tests.contracts.claims import paperboys as wrong
from tests.contracts.fakevendor import FakeVendor

CLAIMS = {claim.id: claim for claim in discover()}
ELSEWHERE = {
    "other_requests_keep_to_the_lifecycle",
    "digest_handshake_cancels_once",
    "digest_replay_is_refused",
    "envelope_and_pretty_agree",
    "job_is_found_in_its_scope_only",
}
"""Claims that make no sense for Paperboy: test_claims_of_scoped_digest.py has them."""

BROKEN_BY: list[tuple[str, type[FakeVendor]]] = [
    ("running_job_accepts_cancel", wrong.KeepsPrinting),
    ("running_job_accepts_cancel", wrong.EchoesAnotherJob),
    ("running_job_accepts_cancel", wrong.EchoesTheOldState),
    ("cancel_shows_at_once", wrong.NodsOnly),
    ("cancel_shows_at_once", wrong.ForgetsCancelled),
    ("cancel_shows_at_once", wrong.StopsAtOnce),
    ("cancel_shows_at_once", wrong.KeepsItsTag),
    ("created_job_reads_as_told", wrong.BeginsElsewhere),
    ("created_job_reads_as_told", wrong.GivesOldIds),
    ("created_job_reads_as_told", wrong.CancelsTheNext),
    ("links_lead_to_the_job", wrong.LinksAstray),
    ("links_lead_to_the_job", wrong.OffersCancelForEver),
    ("concurrent_cancels_agree", wrong.MixesUpCallers),
    ("cancel_settles", wrong.NeverStops),
    ("cancel_settles", wrong.StopsByJam),
    ("cancel_settles", wrong.PrintsOnFirst),
    ("cancel_changes_nothing_else", wrong.LosesTheTitle),
    ("equal_cancels_are_answered_alike", wrong.WantsNoBody),
    ("settled_state_never_changes", wrong.RevivesLater),
    ("settled_state_never_changes", wrong.RequeuesOnRefusal),
    ("terminal_job_refuses_cancel", wrong.CancelsTheEnded),
    ("terminal_job_refuses_cancel", wrong.DeniesTheEnded),
    ("terminal_job_refuses_cancel", wrong.GivesIn),
    ("repeat_cancel_answers_as_documented", wrong.AcceptsRepeats),
    ("repeat_cancel_answers_as_documented", wrong.RequeuesOnRefusal),
    ("refused_cancel_changes_nothing", wrong.NotesRefusals),
    ("refused_cancel_changes_nothing", wrong.RenamesOnRefusal),
    ("refused_cancel_changes_nothing", wrong.ObeysLater),
    ("refused_cancel_changes_nothing", wrong.HoldsGrudges),
    ("refused_cancel_changes_nothing", wrong.RefusesTooLate),
    ("refused_cancel_changes_nothing", wrong.ChecksTooLate),
    ("refused_cancel_changes_nothing", wrong.KnowsNoCapitals),
    ("refused_create_leaves_nothing", wrong.QueuesRefused),
    ("siblings_are_untouched", wrong.CancelsANeighbour),
    ("siblings_are_untouched", wrong.RenumbersTheRest),
    ("siblings_are_untouched", wrong.CancelsANeighbourLater),
    ("siblings_are_untouched", wrong.ObeysTheQuery),
    ("siblings_are_untouched", wrong.ObeysTheBody),
    ("unknown_job_is_not_found", wrong.KnowsEveryJob),
    ("unknown_job_is_not_found", wrong.CancelsTheNewest),
    ("unknown_job_is_not_found", wrong.LosesItsHead),
    ("malformed_id_is_refused", wrong.GuessesIds),
    ("malformed_id_is_refused", wrong.StumblesOverIds),
    ("malformed_id_is_refused", wrong.TrimsIds),
    ("malformed_id_is_refused", wrong.TakesWildcards),
    ("malformed_id_is_refused", wrong.TakesWideLetters),
    ("malformed_id_is_refused", wrong.CountsIds),
    ("missing_credentials_are_refused", wrong.OpenToAll),
    ("missing_credentials_are_refused", wrong.SkipsTheSignIn),
    ("missing_credentials_are_refused", wrong.ListsToAll),
    ("missing_credentials_are_refused", wrong.Forbids),
    ("wrong_credentials_are_refused", wrong.IgnoresCase),
    ("wrong_credentials_are_refused", wrong.ComparesTheStart),
    ("safe_methods_never_cancel", wrong.CancelsByGet),
    ("safe_methods_never_cancel", wrong.CancelsByOptions),
    ("wrong_methods_are_refused", wrong.CancelsByPut),
    ("wrong_methods_are_refused", wrong.ObeysOverrides),
    ("wrong_methods_are_refused", wrong.AllowsNothing),
    ("wrong_methods_are_refused", wrong.LetsStatesBeWritten),
    ("weak_role_is_refused", wrong.TrustsReaders),
    ("weak_role_is_refused", wrong.RefusesReadersTooLate),
    ("other_tenants_job_is_out_of_reach", wrong.SharesJobs),
    ("other_tenants_job_is_out_of_reach", wrong.ShowsJobs),
    ("other_tenants_job_is_out_of_reach", wrong.ListsAllJobs),
    ("other_tenants_job_is_out_of_reach", wrong.AdmitsJobs),
    ("other_tenants_job_is_out_of_reach", wrong.ShowsTheEnded),
    ("other_tenants_job_is_out_of_reach", wrong.ListsTheCancelled),
    ("path_tricks_never_cancel", wrong.TrimsSlashes),
    ("path_tricks_never_cancel", wrong.DecodesSlashes),
    ("path_tricks_never_cancel", wrong.DecodesTwice),
    ("path_tricks_never_cancel", wrong.IgnoresPathCase),
    ("path_tricks_never_cancel", wrong.CancelsAllWithoutAnId),
    ("concurrent_cancels_agree", wrong.ChecksThenActs),
    ("concurrent_cancels_agree", wrong.StopsStopping),
    ("cancel_racing_completion_agrees", wrong.LosesTheRace),
    ("cancel_racing_completion_agrees", wrong.PrintsRegardless),
    ("retry_is_safe", wrong.CountsResends),
    ("retry_is_safe", wrong.BeginsAnew),
    ("retry_is_safe", wrong.StopsStopping),
    ("list_agrees_with_get", wrong.ListsOldStates),
    ("list_agrees_with_get", wrong.HidesCancelled),
    ("list_agrees_with_get", wrong.Miscounts),
    ("list_agrees_with_get", wrong.ListsLate),
    ("list_agrees_with_get", wrong.FilesCancelledWrongly),
    ("history_is_monotonic", wrong.TellsBackwards),
    ("history_is_monotonic", wrong.ForgetsThePast),
    ("history_is_monotonic", wrong.DatesBack),
    ("history_is_monotonic", wrong.ForgetsTheEnd),
    ("history_is_monotonic", wrong.EndsBeforeTheBeginning),
    ("history_is_monotonic", wrong.DatesTheBeginningAnew),
    ("history_is_monotonic", wrong.EndsTomorrow),
    ("errors_wear_the_vendor_envelope", wrong.Mumbles),
    ("errors_wear_the_vendor_envelope", wrong.Unnamed),
    ("errors_leak_nothing", wrong.ShowsItsStack),
    ("errors_leak_nothing", wrong.ShowsTokens),
    ("errors_leak_nothing", wrong.ComplainsInRuby),
]

OBSERVED_BY: list[tuple[str, type[FakeVendor]]] = [
    ("replies_match_the_spec", wrong.OmitsCopies),
    ("replies_match_the_spec", wrong.SpeaksHtml),
    ("replies_match_the_spec", wrong.CountsInText),
    ("no_server_errors", wrong.Breaks),
    ("no_server_errors", wrong.HangsUp),
    ("no_server_errors", wrong.StumblesOverIds),
]
FIRST = {  # what has to have run before a claim that looks back at what was met
    "links_lead_to_the_job": ["cancel_settles"],
    "errors_wear_the_vendor_envelope": ["unknown_job_is_not_found"],
    "errors_leak_nothing": ["terminal_job_refuses_cancel"],
    "created_job_reads_as_told": ["running_job_accepts_cancel"],
    "history_is_monotonic": ["cancel_settles"],
    "list_agrees_with_get": ["cancel_settles"],
    "settled_state_never_changes": ["cancel_settles"],
    "cancel_racing_completion_agrees": [
        "missing_credentials_are_refused",
        "cancel_settles",
        "refused_cancel_changes_nothing",
    ],
}


@pytest.mark.parametrize(("claim", "vendor"), BROKEN_BY, ids=[f"{c}-{v.__name__}" for c, v in BROKEN_BY])
def test_claim_on_a_wrong_vendor_is_broken(
    claim: str, vendor: type[FakeVendor], bench_for: Callable[[FakeVendor], Bench]
) -> None:
    bench = bench_for(vendor())
    for earlier in FIRST.get(claim, []):
        run(CLAIMS[earlier], bench)

    outcome = run(CLAIMS[claim], bench)

    assert outcome.result.verdict is Verdict.BROKEN, outcome.result.reason
    assert outcome.findings[0].finding.curl.startswith("curl")


@pytest.mark.parametrize(("claim", "vendor"), OBSERVED_BY, ids=[f"{c}-{v.__name__}" for c, v in OBSERVED_BY])
def test_answers_on_a_wrong_vendor_are_observed(
    claim: str, vendor: type[FakeVendor], bench_for: Callable[[FakeVendor], Bench]
) -> None:
    bench = bench_for(vendor())
    for each in ("malformed_id_is_refused", "terminal_job_refuses_cancel", "running_job_accepts_cancel"):
        run(CLAIMS[each], bench)

    assert claim in {found.finding.claim for found in bench.observed}


def test_every_claim_on_a_correct_vendor_holds(bench_for: Callable[[FakeVendor], Bench]) -> None:
    bench = bench_for(wrong.Linking())

    verdicts = {id: run(claim, bench).result.verdict for id, claim in CLAIMS.items()}

    untested = {id for id, verdict in verdicts.items() if verdict is Verdict.NOT_TESTED}
    assert Verdict.BROKEN not in verdicts.values()
    assert untested == ELSEWHERE | {"cancel_racing_completion_agrees"}  # its jobs take an hour
    assert not bench.observed
    assert not bench.guard.kept_back


@pytest.mark.parametrize("vendor", [wrong.Tagging, wrong.Sorting])
@pytest.mark.parametrize("claim", ["cancel_shows_at_once", "list_agrees_with_get"])
def test_claim_on_a_vendor_that_offers_more_holds(
    claim: str, vendor: type[FakeVendor], bench_for: Callable[[FakeVendor], Bench]
) -> None:
    outcome = run(CLAIMS[claim], bench_for(vendor()))

    assert (outcome.result.verdict, outcome.findings) == (Verdict.HELD, ())


def test_race_that_is_asked_to_slow_down_is_not_judged(bench_for: Callable[[FakeVendor], Bench]) -> None:
    outcome = run(CLAIMS["concurrent_cancels_agree"], bench_for(wrong.WantsFewer()))

    assert outcome.findings == ()
    assert "429" in outcome.result.reason


def test_every_claim_on_a_quick_vendor_holds(bench_for: Callable[[FakeVendor], Bench]) -> None:
    bench = bench_for(wrong.FleetingLinking())

    outcomes = [run(claim, bench) for claim in CLAIMS.values()]

    assert [outcome.result.id for outcome in outcomes if outcome.findings] == []
    assert {outcome.result.id for outcome in outcomes if outcome.result.verdict is Verdict.NOT_TESTED} == ELSEWHERE


def test_every_claim_has_a_wrong_vendor() -> None:
    assert {claim for claim, _ in BROKEN_BY} | ELSEWHERE == CLAIMS.keys()
