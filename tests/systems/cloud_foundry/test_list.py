"""The list: filters, order, pages and links, and every query that is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mockserver.state import Record
from mockserver.state.memory import MemoryStore
from tests.systems.cloud_foundry.door import BILLING, Door, error

VALID = (
    "'page', 'per_page', 'order_by', 'created_ats', 'updated_ats', 'guids', 'app_guids', 'states', 'status_reasons', "
    "'status_values', 'label_selector'"
)
BAD_TIME = "has an invalid timestamp format. Timestamps should be formatted as 'YYYY-MM-DDThh:mm:ssZ'"


def found(door: Door, query: str, identity: str = "stranger") -> list[str]:
    """The guids of one page. The stranger's space is nearly empty, so that tests know what is in it."""
    reply = door.listed(query, identity=identity)
    assert reply.status_code == 200, reply.text
    return [resource["guid"] for resource in reply.json()["resources"]]


def placed(door: Door, *states: str, **fields: Any) -> list[str]:
    return [door.placed(state, "stranger", **fields) for state in states]


@pytest.fixture
def seeded(door: Door) -> str:
    """The one deployment that the demo scenario puts into the stranger's space."""
    [guid] = found(door, "")
    return guid


def test_list_shows_what_get_shows(door: Door) -> None:
    for resource in door.listed("?per_page=5000").json()["resources"]:
        assert door.get(resource["guid"]).json() == resource


def test_order_is_that_of_creation_unless_asked_otherwise(door: Door, seeded: str) -> None:  # E42
    late = []
    for _ in range(3):
        door.wait(1)
        late += placed(door, "DEPLOYING")

    assert found(door, "") == [seeded, *late]
    assert found(door, "?order_by=created_at") == [seeded, *late]
    assert found(door, "?order_by=%2Bcreated_at") == [seeded, *late]
    assert found(door, "?order_by=-created_at") == [*reversed(late), seeded]


def test_guid_breaks_ties_of_time(door: Door, seeded: str) -> None:  # E42
    guids = [seeded, *placed(door, "DEPLOYING", "DEPLOYING", "DEPLOYING")]

    assert found(door, "?order_by=created_at") == sorted(guids)
    assert found(door, "?order_by=-updated_at") == sorted(guids, reverse=True)


def test_filters_find_states_values_and_reasons(door: Door, seeded: str) -> None:  # E40
    states = ("DEPLOYING", "PREPAUSED", "PAUSED", "CANCELING", "DEPLOYED", "CANCELED", "SUPERSEDED", "ABANDONED")
    by = dict(zip(states, placed(door, *states), strict=True))

    def names(query: str) -> set[str]:
        return {name for name, guid in by.items() if guid in found(door, query)}

    assert names("?status_values=ACTIVE") == {"DEPLOYING", "PREPAUSED", "PAUSED", "CANCELING"}
    assert names("?status_values=FINALIZED,ACTIVE") == set(states)
    assert names("?status_reasons=DEPLOYING") == {"DEPLOYING", "PREPAUSED"}
    assert names("?status_reasons=SUPERSEDED,%20CANCELED") == {"SUPERSEDED", "ABANDONED", "CANCELED"}
    assert names("?states=DEPLOYED") == {"DEPLOYED", "SUPERSEDED"}
    assert names("?states=CANCELED") == {"CANCELED", "ABANDONED"}
    assert names("?states=PREPAUSED") == {"PREPAUSED"}
    assert names("?states=NONSENSE") == names("?status_values=") == set()
    assert names("?status_values=ACTIVE&states=DEPLOYED") == set()


def test_cancelled_one_leaves_the_active_ones_when_it_has_settled(door: Door) -> None:  # E40
    guid = door.create().json()["guid"]
    door.cancel(guid)

    during = found(door, f"?app_guids={BILLING}&status_values=ACTIVE", "owner")
    door.wait(5)

    assert (during, found(door, f"?app_guids={BILLING}&status_values=ACTIVE", "owner")) == ([guid], [])
    assert guid in found(door, "?status_reasons=CANCELED", "owner")


def test_guids_and_apps_are_comma_lists(door: Door, seeded: str) -> None:  # E40
    one, two, _ = placed(door, "DEPLOYING", "DEPLOYING", "DEPLOYING")
    app = door.get(two, identity="stranger").json()["relationships"]["app"]["data"]["guid"]

    assert found(door, f"?guids={one},{two}") == [one, two]
    assert found(door, f"?app_guids={app},nothing") == [two]


def test_comma_inside_a_value_is_encoded_twice_and_echoed_so(door: Door) -> None:  # E40, E42
    door.placed("DEPLOYING", app_name="one,two")

    listed = [door.send("GET", f"/v3/apps?names={names}").json() for names in ("one%252Ctwo", "one%2Ctwo", "one,two")]

    assert [[each["name"] for each in page["resources"]] for page in listed] == [["one,two"], [], []]
    assert "names=one%252Ctwo&" in listed[0]["pagination"]["first"]["href"]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("env", {"prod", "test"}),
        ("!env", {"plain"}),
        ("env=prod", {"prod"}),
        ("env==prod", {"prod"}),
        ("env!=prod", {"test", "plain"}),
        ("env in (prod,test)", {"prod", "test"}),
        ("env notin (prod,test)", {"plain"}),
        ("env,tier=web", {"test"}),
        ("example.com/owner=me", {"plain"}),
        ("tier=", set()),
    ],
)
def test_label_selectors_select(door: Door, seeded: str, selector: str, names: set[str]) -> None:  # E40
    labels = {"prod": {"env": "prod"}, "test": {"env": "test", "tier": "web"}, "plain": {"example.com/owner": "me"}}
    by = {name: placed(door, "DEPLOYING", metadata={"labels": each})[0] for name, each in labels.items()}

    reply = door.send("GET", "/v3/deployments", identity="stranger", params={"label_selector": selector})

    selected = {resource["guid"] for resource in reply.json()["resources"]} - {seeded}
    assert selected == {by[name] for name in names}


def test_times_are_found_exactly_and_within_bounds(door: Door, seeded: str) -> None:  # E40
    door.wait(10)
    late = placed(door, "DEPLOYING")[0]
    door.wait(5)
    door.cancel(late, identity="stranger")

    assert found(door, "?created_ats=2026-01-01T00:00:10Z") == [late]
    assert found(door, "?created_ats=2026-01-01T00:00:10Z,2026-01-01T00:00:00Z") == [seeded, late]
    assert found(door, "?created_ats[lt]=2026-01-01T00:00:10Z") == [seeded]
    assert found(door, "?created_ats[lte]=2026-01-01T00:00:10Z") == [seeded, late]
    assert found(door, "?created_ats[gt]=2026-01-01T00:00:10Z") == []
    assert found(door, "?created_ats%5Bgte%5D=2026-01-01T00:00:10Z") == [late]
    assert found(door, "?updated_ats[gt]=2026-01-01T00:00:14Z&updated_ats[lt]=2026-01-01T00:00:16Z") == [late]


def test_pages_link_to_each_other_and_repeat_the_question(door: Door, seeded: str) -> None:  # E42
    guids = [seeded, *placed(door, *["DEPLOYING"] * 4)]
    query = "?per_page=2&order_by=created_at&status_values=ACTIVE,FINALIZED&page={}"

    pages = [door.listed(query.format(number), identity="stranger").json() for number in (1, 2, 3)]

    base = "http://cf.test/v3/deployments?order_by=%2Bcreated_at"
    rest = "&per_page=2&status_values=ACTIVE%2CFINALIZED"
    links = {number: {"href": f"{base}&page={number}{rest}"} for number in (1, 2, 3)}
    assert [page["pagination"] for page in pages] == [
        {
            "total_results": 5,
            "total_pages": 3,
            "first": links[1],
            "last": links[3],
            "next": links.get(number + 1),
            "previous": links.get(number - 1),
        }
        for number in (1, 2, 3)
    ]
    assert [resource["guid"] for page in pages for resource in page["resources"]] == sorted(guids)


def test_next_link_leads_to_the_next_page(door: Door, seeded: str) -> None:
    placed(door, "DEPLOYING", metadata={"labels": {"a": "b"}})
    placed(door, "DEPLOYING", metadata={"labels": {"a": "b"}})

    first = door.listed(
        "?per_page=1&label_selector=a%20in%20(b,c)&created_ats[gte]=2026-01-01T00:00:00Z", identity="stranger"
    )
    link = urlsplit(first.json()["pagination"]["next"]["href"])
    second = door.listed(f"?{link.query}", identity="stranger")

    assert parse_qs(link.query)["label_selector"] == ["a in (b,c)"]
    assert (first.json()["pagination"]["total_results"], len(second.json()["resources"])) == (2, 1)
    assert first.json()["resources"] != second.json()["resources"]


def test_list_of_nothing_has_one_page(door: Door) -> None:  # E42
    page = door.listed(identity="newcomer").json()

    assert (page["resources"], page["pagination"]["total_results"], page["pagination"]["total_pages"]) == ([], 0, 1)
    assert page["pagination"]["first"]["href"] == "http://cf.test/v3/deployments?page=1&per_page=50"


@pytest.mark.parametrize("number", ["99", "99999999999999999999"])
def test_page_beyond_the_end_counts_nothing(door: Door, number: str) -> None:  # E43, A15
    page = door.listed(f"?page={number}", identity="stranger").json()

    assert (page["resources"], page["pagination"]["total_results"], page["pagination"]["total_pages"]) == ([], 0, 1)


BAD_QUERIES = [  # E41
    ("page=0", "Page must be a positive integer"),
    ("page=-1", "Page must be a positive integer"),
    ("page=", "Page must be a positive integer"),
    ("page=two", "Page must be a positive integer"),
    ("per_page=0", "Per page must be a positive integer"),
    ("per_page=5001", "Per page must be between 1 and 5000"),
    ("order_by=name", "Order by can only be: 'created_at', 'updated_at'"),
    ("order_by=--created_at", "Order by can only be: 'created_at', 'updated_at'"),
    ("label_selector=", "Missing label_selector value"),
    ("label_selector=!", "Invalid label_selector value"),
    ("label_selector=a=b,%20", "Invalid label_selector value"),
    ("label_selector=-a", "'-a' starts or ends with invalid characters"),
    ("label_selector=a=b%20c", "'b c' contains invalid characters"),
    ("label_selector=" + ",".join(["a"] * 51), "Too many label_selector requirements (maximum is 50)"),
    ("created_ats=yesterday", f"Created ats {BAD_TIME}"),
    ("created_ats=2026-01-01", f"Created ats {BAD_TIME}"),
    ("updated_ats[lt]=2026-01-01T00:00:00.5Z", f"Updated ats {BAD_TIME}"),
    ("created_ats[foo]=2026-01-01T00:00:00Z", "Created ats Invalid relational operator: 'foo'"),
    (
        "created_ats[lt]=2026-01-01T00:00:00Z,2026-01-01T00:00:00Z",
        "Created ats only accepts one value when using a relational operator",
    ),
    ("bad_param=1", f"Unknown query parameter(s): 'bad_param'. Valid parameters are: {VALID}"),
    ("a=1&b=2", f"Unknown query parameter(s): 'a', 'b'. Valid parameters are: {VALID}"),
    ("names[lt]=1", f"Unknown query parameter(s): 'names[lt]'. Valid parameters are: {VALID}"),
    ("page=0&per_page=0", "Page must be a positive integer, Per page must be a positive integer"),
]


@pytest.mark.parametrize(("query", "detail"), BAD_QUERIES, ids=[query[:40] for query, _ in BAD_QUERIES])
def test_bad_query_is_refused_in_the_vendors_words(door: Door, query: str, detail: str) -> None:
    refused = door.listed(f"?{query}")

    assert error(refused) == (400, 10005, "CF-BadQueryParameter", f"The query parameter is invalid: {detail}")


def test_timestamp_that_is_no_date_is_badly_formatted(door: Door) -> None:  # A9
    code, _, _, detail = error(door.listed("?created_ats=2026-02-30T00:00:00Z"))

    assert (code, detail) == (400, f"The query parameter is invalid: Created ats {BAD_TIME}")


@pytest.mark.parametrize("day", ["2028-02-29", "2026-01-31", "2026-04-30", "2000-02-29"])
def test_every_date_there_is_can_be_asked_for(door: Door, day: str) -> None:
    assert found(door, f"?created_ats={day}T23:59:59Z") == []


def test_page_without_filters_reads_no_other_deployments(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int | None] = []
    search = MemoryStore.find

    def noting(store: MemoryStore, *place: str, limit: int | None = None, **more: Any) -> list[Record]:
        asked.append(limit)
        return search(store, *place, limit=limit, **more)

    monkeypatch.setattr(MemoryStore, "find", noting)

    assert len(door.listed("?per_page=2").json()["resources"]) == 2
    assert asked == [2]
