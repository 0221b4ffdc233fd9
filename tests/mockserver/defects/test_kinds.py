"""A bug of each kind, and the wrong answer that it makes, spelt out."""

from __future__ import annotations

from tests.mockserver.defects.conftest import Plant


def test_state_logic_cancel_that_does_nothing_is_accepted_and_the_job_prints_on(plant: Plant) -> None:
    walk = plant("example", "cancel_does_nothing")
    job = walk.place("PRINTING")

    answer = walk.cancel(job)

    assert (answer.status, answer.json["status"]) == (200, "CANCELLING")
    assert walk.read(job).json["status"] == "PRINTING"


def test_convergence_cancelled_job_that_comes_back_prints_again_later(plant: Plant) -> None:
    walk = plant("example", "cancelled_job_comes_back")
    job = walk.place("PRINTING")
    walk.cancel(job)

    walk.wait(6)
    settled = walk.read(job).json["status"]
    walk.wait(60)

    assert (settled, walk.read(job).json["status"]) == ("CANCELLED", "PRINTING")


def test_timing_late_cancel_is_accepted_and_not_seen_for_five_seconds(plant: Plant) -> None:
    walk = plant("ops_manager", "cancel_shows_late")
    job = walk.place("PENDING")
    walk.cancel(job)

    at_once = walk.read(job).json["state"]
    walk.wait(5)

    assert (at_once, walk.read(job).json["state"]) == ("PENDING", "CANCELLED")


def test_isolation_cancel_of_one_stops_all(plant: Plant) -> None:
    walk = plant("cloud_foundry", "cancel_cancels_all")
    ours, other = walk.place("DEPLOYING"), walk.place("DEPLOYING")

    walk.cancel(ours)

    assert walk.read(other).json["status"]["reason"] == "CANCELING"


def test_isolation_job_is_cancelled_under_a_project_of_the_strangers(plant: Plant) -> None:
    walk = plant("ops_manager", "scope_in_path_is_all_that_counts")
    ours, theirs = walk.place("PENDING"), walk.place("PENDING", "stranger")
    call = walk.call("cancel", ours)
    own_project = call.target.replace(ours.parameters["PROJECT-ID"], theirs.parameters["PROJECT-ID"])

    answer = walk.send(call.to(own_project), "stranger")

    assert answer.status == 200
    assert walk.read(ours).json["state"] == "CANCELLED"


def test_authorization_reader_cancels(plant: Plant) -> None:
    walk = plant("permission_assist", "reader_may_cancel")
    job = walk.place("Running")

    answer = walk.cancel(job, "reader")

    assert (answer.status, answer.json["status"]) == (200, "Canceling")


def test_authorization_recorded_digest_answer_is_good_twice(plant: Plant) -> None:
    walk = plant("ops_manager", "digest_count_is_ignored")
    call = walk.call("read", walk.place("PENDING"))
    header = walk.door.digest("owner", call.method, call.target)

    statuses = [walk.send(call, None, Authorization=header).status for _ in range(2)]

    assert statuses == [200, 200]


def test_side_effects_challenge_goes_out_after_the_job_was_cancelled(plant: Plant) -> None:
    walk = plant("atlas", "cancel_comes_before_login")
    job = walk.place("IN_PROGRESS")

    answer = walk.cancel(job, None)

    assert answer.status == 401
    assert walk.read(job).json["cancelled"] is True


def test_races_each_of_several_cancels_is_told_that_it_was_the_one(plant: Plant) -> None:
    walk = plant("ops_manager", "both_cancels_win")
    call = walk.call("cancel", walk.place("PENDING"))

    answers = walk.door.ask_together([(call.method, call.target)] * 3)

    assert [answer.status for answer in answers] == [200, 200, 200]


def test_races_one_cancel_after_the_other_is_told_the_truth(plant: Plant) -> None:
    walk = plant("ops_manager", "both_cancels_win")
    job = walk.place("PENDING")

    assert [walk.cancel(job).status, walk.cancel(job).status] == [200, 409]


def test_protocol_trailing_slash_cancels(plant: Plant) -> None:
    walk = plant("permission_assist", "trailing_slash_is_dropped")
    job = walk.place("Running")
    call = walk.call("cancel", job)

    answer = walk.send(call.to(call.target + "/"))

    assert answer.status == 200
    assert walk.read(job).json["status"] == "Canceling"


def test_representation_state_is_spelt_otherwise(plant: Plant) -> None:
    walk = plant("cloud_foundry", "state_in_other_english")

    shown = walk.read(walk.place("CANCELED")).json

    assert shown["status"]["reason"] == "CANCELLED"


def test_error_shape_refusal_is_a_page(plant: Plant) -> None:
    walk = plant("atlas", "errors_are_pages")

    answer = walk.cancel(walk.place("CANCELLED"))

    assert (answer.status, answer.headers["content-type"]) == (400, "text/html")


def test_robustness_quotation_mark_crashes_the_server(plant: Plant) -> None:
    walk = plant("cloud_foundry", "quote_in_id_crashes")

    answer = walk.send(walk.call("cancel", walk.place("DEPLOYING"), "x'"))

    assert (answer.status, answer.body) == (500, b"Internal Server Error")
