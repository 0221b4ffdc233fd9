"""Faults: when the rules strike, and what a client then sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.errors import UsageError
from mockserver.faults import Reach, Rule, refuse_unserved
from mockserver.pipeline.delivery import TICK
from mockserver.system import Reply, VendorFault

THINGS = "/shop/things"
THING = "/shop/things/abcd"


def statuses(workshop: Any, count: int, *rules: Rule) -> list[int]:
    workshop.faults.replace(rules)
    client = workshop.client()
    return [client("GET", THING).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("rule", "struck"),
    [
        (Rule("server_error"), [1, 2, 3, 4, 5, 6]),
        (Rule("server_error", nth=2), [2]),
        (Rule("server_error", first=2), [1, 2]),
        (Rule("server_error", nth=2, first=1), []),
        (Rule("server_error", probability=0.0), []),
        (Rule("server_error", probability=1.0, first=1), [1]),
        (Rule("server_error", system="workshop", operation="get_thing"), [1, 2, 3, 4, 5, 6]),
        (Rule("server_error", operation="list_things"), []),
        (Rule("server_error", system="other"), []),
    ],
)
def test_rule_strikes_when_all_its_conditions_hold(workshop: Any, rule: Rule, struck: list[int]) -> None:
    found = statuses(workshop, 6, rule)

    assert [n for n, status in enumerate(found, 1) if status == 503] == struck


def test_chance_is_drawn_from_the_seed_and_begins_anew_with_the_rules(workshop: Any) -> None:
    first = statuses(workshop, 40, Rule("server_error", probability=0.5))

    assert statuses(workshop, 40, Rule("server_error", probability=0.5)) == first
    assert 5 < first.count(503) < 35


def test_rule_counts_only_what_it_concerns(workshop: Any) -> None:
    workshop.faults.replace([Rule("server_error", operation="get_thing", nth=2)])
    client = workshop.client()

    found = [client("GET", path).status_code for path in (THING, THINGS, THINGS, THING)]

    assert found == [200, 200, 200, 503]
    assert workshop.faults.to_json() == [{"kind": "server_error", "operation": "get_thing", "nth": 2, "struck": 1}]


def test_rate_limit_says_when_to_come_again(workshop: Any) -> None:
    workshop.faults.replace([Rule("rate_limit", retry_after=7)])

    answer = workshop.client()("GET", THING)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_proxy_error_is_a_page_and_not_dressed_as_the_vendors(workshop: Any) -> None:
    workshop.dress = lambda reply, request: Reply(reply.status, reply.body, {"X-Dressed": "yes", "X-Trace": "t"})
    workshop.faults.replace([Rule("proxy_error", status=502)])

    answer = workshop.client()("GET", THING)

    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert "<h1>502 Bad Gateway</h1>" in answer.text
    assert "x-dressed" not in answer.headers


def test_server_error_is_the_vendors_own_form_with_the_status_asked_for(workshop: Any) -> None:
    workshop.faults.replace([Rule("server_error", status=500)])

    answer = workshop.client()("GET", THING)

    assert (answer.status_code, answer.json()["code"]) == (500, "unavailable")


@pytest.mark.parametrize(("kind", "effects"), [("drop_before", 0), ("drop_after", 1)])
def test_connection_drops_before_or_after_the_effect(workshop: Any, kind: str, effects: int) -> None:
    happened: list[str] = []
    workshop.calls = {"cancel_thing": lambda request: happened.append("x") or Reply(200, {}, {"X-Trace": "t"})}
    workshop.faults.replace([Rule(kind)])

    with pytest.raises(ConnectionResetError):
        workshop.client()("POST", f"{THING}/cancel")

    assert len(happened) == effects


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
@pytest.mark.parametrize("other", ["truncated_body", "slow_body"])
def test_connection_that_drops_carries_no_part_of_a_reply(workshop: Any, kind: str, other: str) -> None:
    workshop.faults.replace([Rule(kind), Rule(other)])

    with pytest.raises(ConnectionResetError):
        workshop.client()("GET", THING)


def test_fault_before_any_effect_asks_for_no_credentials(workshop: Any) -> None:
    workshop.faults.replace([Rule("proxy_error")])

    assert workshop.client(authorization="")("GET", THING).status_code == 503


def test_slow_body_comes_whole_but_in_pieces(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("mockserver.pipeline.delivery.asyncio.sleep", sleep)
    workshop.faults.replace([Rule("slow_body", pace=200)])

    answer = workshop.client()("GET", THING)

    assert answer.json()["path"] == {"thing-id": "abcd"}
    assert waits == [TICK] * -(-len(answer.content) // 10)


@pytest.mark.parametrize(("sigma", "alike"), [(0.0, True), (0.5, False)])
def test_latency_is_fixed_or_spread_around_its_median(
    workshop: Any, monkeypatch: pytest.MonkeyPatch, sigma: float, alike: bool
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("mockserver.pipeline.faulty.asyncio.sleep", sleep)

    assert statuses(workshop, 25, Rule("latency", seconds=0.2, sigma=sigma)) == [200] * 25

    assert (len(set(waits)) == 1) is alike
    assert 0.1 < sorted(waits)[12] < 0.4


def test_several_faults_strike_one_request(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("mockserver.pipeline.faulty.asyncio.sleep", sleep)

    assert statuses(workshop, 1, Rule("latency", seconds=3), Rule("rate_limit"), Rule("server_error")) == [429]

    assert waits == [3]
    assert workshop.journal.entries()[-1].fault == "latency, rate_limit, server_error"


def test_vendors_own_fault_answers_or_spoils_an_answer(workshop: Any) -> None:
    limit = VendorFault("rate_limit", "the vendor's words", instead=lambda parts, request: Reply(429, {"code": "slow"}))
    misprint = VendorFault(
        "misprint", "a header", change=lambda reply, request: replace(reply, headers={"X-Trace": "!"})
    )
    vendor = workshop.with_faults(limit, misprint)
    vendor.faults.replace([Rule("rate_limit", nth=1), Rule("misprint")])
    client = vendor.client()

    limited, misprinted = client("GET", THING), client("GET", THING)

    assert (limited.status_code, limited.json()) == (429, {"code": "slow"})
    assert (misprinted.status_code, misprinted.headers["x-trace"]) == (200, "!")


SERVED = {
    "shop": Reach(frozenset({"get_thing"}), frozenset({"misprint"})),
    "post": Reach(frozenset({"get_letter"}), frozenset()),
}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Rule("odd"), "unknown fault `odd`. Known faults: drop_after, "),
        (Rule("misprint", system="post"), "unknown fault `misprint`"),
        (Rule("latency", system="odd"), "unknown system `odd`. Known systems: post, shop. Name one of these."),
        (Rule("latency", operation="odd"), "unknown operation `odd`. Known operations: get_letter, get_thing."),
        (Rule("latency", system="shop", operation="get_letter"), "unknown operation `get_letter`"),
    ],
)
def test_rule_that_could_never_strike_is_refused(rule: Rule, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        refuse_unserved([Rule("latency"), rule], SERVED)

    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    "rule", [Rule("misprint"), Rule("misprint", system="shop"), Rule("latency", system="post", operation="get_letter")]
)
def test_rule_that_may_strike_is_taken(rule: Rule) -> None:
    refuse_unserved([rule], SERVED)


@pytest.mark.parametrize("value", [{"kind": "latency", "odd": 1}, {"seconds": 1}])
def test_rule_with_unknown_or_missing_members_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="is missing or unknown"):
        Rule.from_json(value)
