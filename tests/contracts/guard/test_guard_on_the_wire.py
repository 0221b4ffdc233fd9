"""The guard under every sender of the process, with the server's own log as the judge."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import requests

import specs
from contracts.bench import Bench
from contracts.claim import Outcome, discover, run
from contracts.exchange import Outgoing, Reply
from contracts.guard import Guard, GuardRefused
from contracts.target import Target, TargetError
from contracts.wire import Wire
from tests.contracts.claims import paperboys as wrong
from tests.contracts.fakevendor import BASE, TOKENS, Answer, FakeVendor, Question, serving

OWNER = {"Authorization": f"Bearer {next(iter(TOKENS))}"}


class Redirects(FakeVendor):
    """Every cancel is answered by pointing at another job's."""

    def cancel(self, question: Question, id: str) -> Answer:
        other = next(each for each in self.jobs if each != id)
        return Answer(307, None, {"Location": f"{BASE}/jobs/{other}/cancel"})


@pytest.fixture
def press() -> Iterator[tuple[FakeVendor, Guard, str]]:
    vendor = Redirects()
    with serving(vendor) as url:
        target = Target("press", "example", url, may=frozenset({"read", "cancel"}))
        guard = Guard(specs.load("example"), target)
        with guard.installed():
            yield vendor, guard, f"{url}{BASE}/jobs"


def test_requests_under_the_guard_for_a_foreign_job_send_nothing(press: tuple[FakeVendor, Guard, str]) -> None:
    vendor, guard, jobs = press
    foreign = vendor.place("PRINTING")

    with pytest.raises(GuardRefused), requests.Session() as session:
        session.post(f"{jobs}/{foreign.id}/cancel", headers=OWNER)

    assert vendor.log == []
    assert len(guard.kept_back) == 1


def test_requests_under_the_guard_follow_no_redirect(press: tuple[FakeVendor, Guard, str]) -> None:
    vendor, guard, jobs = press
    vendor.place("PRINTING")
    ours = vendor.place("PRINTING")
    guard.ledger.give(ours.id)

    with requests.Session() as session:
        response = session.post(f"{jobs}/{ours.id}/cancel", headers=OWNER)

    assert response.status_code == 307
    assert [question.path for question in vendor.log] == [f"{BASE}/jobs/{ours.id}/cancel"]


def test_requests_under_the_guard_are_not_sent_again_after_a_lost_answer() -> None:
    vendor = wrong.HangsUp()
    ours = vendor.place("PRINTED")
    with serving(vendor) as url, requests.Session() as session:
        guard = Guard(specs.load("example"), Target("press", "example", url, may=frozenset({"cancel"})))
        guard.ledger.give(ours.id)
        cancel = requests.Request("POST", f"{url}{BASE}/jobs/{ours.id}/cancel", headers=OWNER).prepare()

        with guard.installed():
            with pytest.raises(requests.ConnectionError):
                session.send(cancel)
            with pytest.raises(GuardRefused, match="second time"):
                session.send(cancel)

    assert len(vendor.log) == 1


def test_requests_after_the_guard_is_gone_are_free_again() -> None:
    send = requests.adapters.HTTPAdapter.send

    with Guard(specs.load("example"), Target("press", "example", "http://press.example")).installed():
        assert requests.adapters.HTTPAdapter.send is not send

    assert requests.adapters.HTTPAdapter.send is send


@pytest.mark.parametrize("vendor", [FakeVendor, wrong.CancelsANeighbour, wrong.ListsAllJobs, wrong.EchoesAnotherJob])
@pytest.mark.parametrize("seed", range(2))
def test_all_claims_among_foreign_jobs_send_nothing_to_them(
    vendor: type[FakeVendor], seed: int, bench_for: Callable[..., Bench]
) -> None:
    server = vendor()
    bench = bench_for(server, seed=seed)
    given = {*bench.guard.ledger.ours}
    foreign = set(server.jobs) - given

    for claim in discover():
        run(claim, bench)

    created = set(server.jobs) - given - foreign
    named = [question for question in server.log if any(id in _said(question) for id in foreign)]
    assert len(foreign) >= len(given)
    assert created
    assert named == []


def test_outcomes_of_all_claims_hold_no_secret(bench_for: Callable[..., Bench]) -> None:
    bench = bench_for(wrong.ShowsTokens())

    outcomes = [run(claim, bench) for claim in discover()]

    text = json.dumps([_written(outcome) for outcome in outcomes])
    assert any(outcome.findings for outcome in outcomes)
    assert [token for token in TOKENS if token in text] == []


def test_file_of_trusted_certificates_without_any_is_refused_in_a_sentence(tmp_path: Path) -> None:
    target = Target("press", "example", "https://press.example", tls_ca=tmp_path / "ca.pem")
    (tmp_path / "ca.pem").write_text("id,state", encoding="utf-8")

    with pytest.raises(TargetError, match=r"ca\.pem: holds no certificates\. Expected PEM, as \[press\] tls_ca\."):
        Wire(target, Guard(specs.load("example"), target))


def test_rate_of_requests_is_kept() -> None:
    target = Target("press", "example", "http://press.example", rate=50.0)
    guard = Guard(specs.load("example"), target)
    started = time.monotonic()

    for _ in range(6):
        guard.admit(Outgoing("GET", target.url, f"{BASE}/jobs"))

    assert time.monotonic() - started >= 5 / 50.0


def test_retry_after_holds_the_next_request_back() -> None:
    target = Target("press", "example", "http://press.example")
    guard = Guard(specs.load("example"), target)
    ask = Outgoing("GET", target.url, f"{BASE}/jobs")
    guard.settle(guard.admit(ask), Reply(429, {"retry-after": "1"}, b""))
    started = time.monotonic()

    guard.admit(ask)

    assert time.monotonic() - started >= 0.9


def _said(question: Question) -> str:
    return question.path + question.query + question.body.decode("utf-8", "replace")


def _written(outcome: Outcome) -> object:
    return [asdict(outcome.result), [(asdict(found.finding), found.steps) for found in outcome.findings]]
