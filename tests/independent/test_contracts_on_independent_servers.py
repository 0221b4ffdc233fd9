"""Servers that nobody tuned to the suite: correct ones conform, bugs are named, and nobody else's job is touched."""

from __future__ import annotations

import pytest

from tests.independent.bench import VENDORS, judge

CAUGHT = [
    ("ops_manager", "read_cancels", "safe_methods_never_cancel"),
    ("ops_manager", "digest_replay", "digest_replay_is_refused"),
    ("atlas", "ignores_cluster", "job_is_found_in_its_scope_only"),
    ("ops_manager", "cancel_does_nothing", "cancel_shows_at_once"),
    ("atlas", "automated_may", "terminal_job_refuses_cancel"),
    ("atlas", "list_differs", "list_agrees_with_get"),
    ("atlas", "leaky_errors", "errors_leak_nothing"),
    ("cloud_foundry", "settles_deployed", "cancel_settles"),
    ("cloud_foundry", "wrong_state_says_409", "terminal_job_refuses_cancel"),
    ("cloud_foundry", "refusal_acts", "missing_credentials_are_refused"),
    ("permission_assist", "reader_may", "weak_role_is_refused"),
    ("permission_assist", "cancels_sibling", "siblings_are_untouched"),
    ("permission_assist", "override_header", "wrong_methods_are_refused"),
    ("permission_assist", "takes_query_id", "malformed_id_is_refused"),
    ("atlas", "cancelled_and_failed", "cancel_settles"),
    ("atlas", "no_login_needed", "missing_credentials_are_refused"),
    ("cloud_foundry", "repeat_restarts", "retry_is_safe"),
    ("cloud_foundry", "time_goes_back", "history_is_monotonic"),
    ("cloud_foundry", "list_is_late", "list_agrees_with_get"),
    ("ops_manager", "refusal_locks", "refused_cancel_changes_nothing"),
    ("ops_manager", "dot_segments", "path_tricks_never_cancel"),
    ("atlas", "strangers_see_ended", "other_tenants_job_is_out_of_reach"),
    ("atlas", "method_in_form", "wrong_methods_are_refused"),
    ("atlas", "bad_query_acts", "refused_cancel_changes_nothing"),
    ("cloud_foundry", "pages_skip", "list_agrees_with_get"),
    ("cloud_foundry", "filters_by_the_old", "list_agrees_with_get"),
    ("cloud_foundry", "begins_anew", "history_is_monotonic"),
    ("permission_assist", "query_id_wins", "siblings_are_untouched"),
    ("permission_assist", "hang_up_sticks", "retry_is_safe"),
    ("permission_assist", "text_acts", "refused_cancel_changes_nothing"),
]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("system", VENDORS)
def test_correct_server_conforms_and_no_foreign_job_is_named(system: str) -> None:
    judged = judge(system, options=("--max-examples", "3"))

    assert judged.foreign == []
    assert (judged.exit_code, judged.broken()) == (0, []), judged.output
    assert judged.report["touched"]


@pytest.mark.parametrize(("system", "bug", "claim"), CAUGHT, ids=[f"{row[0]}-{row[1]}" for row in CAUGHT])
def test_bug_of_a_server_is_named_by_its_claim(system: str, bug: str, claim: str) -> None:
    judged = judge(system, bug, options=("--claims", claim))

    assert judged.foreign == []
    assert (judged.exit_code, judged.broken()) == (1, [claim]), judged.output
