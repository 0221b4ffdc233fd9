"""Two mocks on one database act as one: whatever a client tells the first, the second knows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import httpx
import pytest

from mockserver.app import Mock, Settings, build
from mockserver.errors import UsageError

JOBS = "/example/v1/jobs"
OWNER = {"Authorization": "Bearer paperboy-owner"}


class Alternating(httpx.AsyncBaseTransport):
    """Each request goes to the next of several mocks, like behind a load balancer."""

    def __init__(self, *mocks: Mock) -> None:
        self._next = cycle([httpx.ASGITransport(mock.asgi) for mock in mocks])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await next(self._next).handle_async_request(request)


def ask(mock: Mock | Alternating, method: str, path: str, **options: Any) -> httpx.Response:
    """A request by the owner."""

    async def send() -> httpx.Response:
        transport = mock if isinstance(mock, Alternating) else httpx.ASGITransport(mock.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=OWNER) as client:
            return await client.request(method, path, **options)

    return asyncio.run(send())


def control(mock: Mock, method: str, path: str, **options: Any) -> Any:
    answer = ask(mock, method, f"/__mock__{path}", **options)
    assert answer.status_code < 300, answer.text
    return answer.json()


def settings(url: str, **more: Any) -> Settings:
    return Settings(**{"systems": ("example",), "state": url, "clock": "virtual", **more})


@pytest.fixture
def pair(shared_url: str) -> Iterator[tuple[Mock, Mock]]:
    first, second = build(settings(shared_url)), build(settings(shared_url))
    yield first, second
    first.close()
    second.close()


def order(mock: Mock) -> str:
    """The id of a new job."""
    id: str = ask(mock, "POST", JOBS, json={"title": "Leaflet", "pages": 1}).json()["id"]
    return id


def listed(mock: Mock) -> list[str]:
    return [each["id"] for each in control(mock, "GET", "/resources/example")["resources"]]


def test_jobs_of_either_are_there_for_both_under_ids_that_never_repeat(
    pair: tuple[Mock, Mock], shared_url: str
) -> None:
    before = listed(pair[0])
    third = build(settings(shared_url))

    ids = [order(mock) for _ in range(5) for mock in (*pair, third)]

    assert len(set(ids) | set(before)) == len(ids) + len(before)
    assert listed(pair[0]) == listed(pair[1]) == [*before, *ids]
    third.close()


def test_first_content_has_the_ids_of_its_seed_wherever_it_lives(pair: tuple[Mock, Mock]) -> None:
    in_memory = build(settings("memory:"))

    assert listed(pair[0]) == listed(in_memory) != listed(build(settings("memory:", seed=1)))


def test_later_start_keeps_what_is_there(pair: tuple[Mock, Mock], shared_url: str) -> None:
    job = order(pair[0])
    jobs = listed(pair[0])

    later = build(settings(shared_url, scenario="empty", seed=7))

    assert listed(later) == jobs
    assert ask(later, "GET", f"{JOBS}/{job}").status_code == 200
    later.close()


def test_job_cancelled_at_one_is_refused_at_the_other(pair: tuple[Mock, Mock]) -> None:
    first, second = pair
    job = order(first)

    answers = [ask(mock, "POST", f"{JOBS}/{job}/cancel").status_code for mock in (second, first, second)]

    assert answers == [200, 409, 409]


def test_clock_that_one_moves_is_moved_at_the_other(pair: tuple[Mock, Mock]) -> None:
    first, second = pair
    job = order(first)
    assert ask(second, "GET", f"{JOBS}/{job}").json()["status"] == "QUEUED"

    control(first, "POST", "/clock/advance", json={"seconds": 1e6})

    assert ask(second, "GET", f"{JOBS}/{job}").json()["status"] == "PRINTED"
    assert control(second, "GET", "/clock") == control(first, "GET", "/clock")


def test_fault_strikes_the_nth_request_whoever_serves_it(pair: tuple[Mock, Mock]) -> None:
    control(pair[0], "PUT", "/faults", json={"faults": [{"kind": "server_error", "nth": 4}]})
    both = Alternating(*pair)

    statuses = [ask(both, "GET", JOBS).status_code for _ in range(6)]

    assert statuses == [200, 200, 200, 503, 200, 200]
    assert [control(mock, "GET", "/faults")["faults"][0]["struck"] for mock in pair] == [1, 1]


def test_defect_planted_at_one_shows_at_the_other(pair: tuple[Mock, Mock]) -> None:
    first, second = pair
    control(first, "PUT", "/defects", json={"defects": ["cancel_takes_any_secret"]})

    stranger = ask(second, "POST", f"{JOBS}/{order(second)}/cancel", headers={"Authorization": "Bearer wrong"})

    assert stranger.status_code == 200
    control(second, "DELETE", "/defects")
    assert ask(first, "GET", JOBS, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_reset_at_one_is_a_fresh_start_for_the_other_but_defects_stay(pair: tuple[Mock, Mock]) -> None:
    first, second = pair
    jobs, clock = listed(first), control(first, "GET", "/clock")
    control(first, "PUT", "/defects", json={"defects": ["cancel_takes_any_secret"]})
    control(first, "PUT", "/faults", json={"faults": [{"kind": "latency", "seconds": 0}]})
    control(first, "POST", "/clock/advance", json={"seconds": 60})
    order(second)

    control(second, "POST", "/reset")

    for mock in pair:
        assert listed(mock) == jobs
        assert control(mock, "GET", "/clock") == clock
        assert control(mock, "GET", "/faults")["faults"] == []
        assert control(mock, "GET", "/defects")["defects"] == ["cancel_takes_any_secret"]
        assert control(mock, "GET", "/journal")["entries"] == []


def test_journal_and_metrics_of_either_tell_of_both(pair: tuple[Mock, Mock]) -> None:
    first, second = pair
    job = order(first)
    ask(second, "POST", f"{JOBS}/{job}/cancel")

    shown = [[(each["operation"], each["status"]) for each in control(m, "GET", "/journal")["entries"]] for m in pair]

    assert shown[0] == shown[1] == [("create_job", 201), ("cancel_job", 200)]
    for mock in pair:
        metrics = ask(mock, "GET", "/__mock__/metrics").text
        assert 'mockserver_requests_total{system="example",operation="cancel_job",status="200"} 1\n' in metrics


def test_secrets_never_reach_the_database(pair: tuple[Mock, Mock]) -> None:
    ask(pair[0], "GET", f"{JOBS}?token=hunter2")
    log = pair[0].storage.log(1000)
    assert log is not None

    kept = str(list(log.entries()))

    assert "/example/v1/jobs" in kept
    assert "paperboy-owner" not in kept
    assert "hunter2" not in kept


def test_digest_nonce_of_one_is_good_once_at_either(shared_url: str) -> None:
    first, second = (build(settings(shared_url, systems=("ops_manager",))) for _ in range(2))
    owner = control(first, "GET", "/identities")["ops_manager"]["owner"]
    job = control(first, "GET", "/resources/ops_manager")["resources"][0]
    path = f"/api/public/v1.0/automation/importDeployment/{job['parameters']['PROJECT-ID']}"

    answer = ask(Alternating(first, second), "GET", path, headers={"Authorization": ""}, auth=digest(owner))

    assert answer.status_code == 200
    authorization = answer.request.headers["Authorization"]
    replays = [ask(mock, "GET", path, headers={"Authorization": authorization}).status_code for mock in (first, second)]
    assert replays == [401, 401]
    first.close()
    second.close()


def digest(identity: dict[str, str]) -> httpx.DigestAuth:
    return httpx.DigestAuth(identity["username"], identity["password"])


def test_state_that_lived_on_another_clock_is_refused(pair: tuple[Mock, Mock], shared_url: str) -> None:
    with pytest.raises(UsageError, match="Use --clock virtual, or another --state"):
        build(settings(shared_url, clock="real"))
