"""A mock as a whole: what it shares with others (nothing), what it refuses to start with, what it does not do twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from connexion.json_schema import Draft4RequestValidator, Draft4ResponseValidator

from mockserver import defects, discovery
from mockserver.app import Mock, Settings, build
from mockserver.errors import UsageError
from mockserver.switchboard import Switchboard
from mockserver.system import Defect, Reply
from specs import validation

JOBS = "/example/v1/jobs"


def test_two_mocks_of_one_process_share_nothing(client: Any) -> None:
    first, second = (build(Settings(systems=("example",), clock="virtual", scenario="empty")) for _ in range(2))
    ours, theirs = (type(client)(each.asgi, authorization="Bearer paperboy-owner") for each in (first, second))

    created = ours("POST", JOBS, json={"title": "x", "pages": 1}).json()
    first.clock.advance(60)

    assert theirs("GET", JOBS).json()["items"] == []
    assert second.clock.now() == first.clock.now() - 60
    assert theirs("POST", JOBS, json={"title": "x", "pages": 1}).json()["id"] == created["id"]
    assert len(second.journal.entries()) == 2


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_ids_come_from_the_seed(seed: int, same: bool) -> None:
    mocks = [build(Settings(systems=("example",), seed=each)) for each in (0, seed)]
    ids = [mock.sites["example"].parts.model.resources()[0].id for mock in mocks]

    assert (ids[0] == ids[1]) is same


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("/api", "short"),
        ("/api/x", "short"),
        ("/api/public/v1/x", "long"),
        ("/api/publicity", "short"),
        ("/apix", None),
        ("/", None),
        ("/API", None),
    ],
)
def test_longest_prefix_of_whole_segments_wins(client: Any, path: str, served: str | None) -> None:
    def app(name: str) -> Any:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", name.encode())]})
            await send({"type": "http.response.body", "body": b""})

        return answer

    board = Switchboard({"/api": app("short"), "/api/public": app("long")}, on_shutdown=lambda: None)

    answer = type(client)(board)("GET", path)

    assert answer.headers.get("x-app") == served
    assert served or (answer.status_code, answer.headers["x-mockserver-error"]) == (404, "unknown path")


def test_all_vendors_are_served_when_none_is_named() -> None:
    assert set(build(Settings()).sites) == set(discovery.names()) - {discovery.TEMPLATE}


@pytest.fixture
def flying() -> Defect:
    """A bug: every job reads as FLYING, which is no documented state."""

    def plant(parts: Any) -> None:
        read = parts.operations["get_job"]

        def wrong(request: Any) -> Reply:
            reply = read(request)
            return replace(reply, body=reply.body | {"title": "flying"})

        parts.operations["get_job"] = wrong

    return Defect("flying", "representation", "every job has another title", plant)


@pytest.fixture
def known_defect(flying: Defect, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(defects, "generic_defects", lambda: (flying,))
    return


@pytest.mark.usefixtures("known_defect")
def test_defect_is_planted_and_taken_out_while_the_jobs_stay(mock: Mock, client: Any, control: Any) -> None:
    path = f"{JOBS}/{control('POST', '/resources/example', json={'state': 'QUEUED'}).json()['id']}"
    before = client("GET", path).json()

    assert control("PUT", "/defects", json={"defects": ["flying"]}).json() == {"defects": ["flying"]}
    assert client("GET", path).json()["title"] == "flying"

    assert control("DELETE", "/defects").json() == {"defects": []}
    assert client("GET", path).json() == before


@pytest.mark.usefixtures("known_defect")
def test_defect_of_the_start_survives_a_reset(client: Any) -> None:
    mock = build(Settings(systems=("example",), defects=("flying",)))

    mock.reset()

    id = mock.sites["example"].parts.model.resources()[0].id
    ours = type(client)(mock.asgi, authorization="Bearer paperboy-owner")
    assert ours("GET", f"{JOBS}/{id}").json()["title"] == "flying"


def test_operation_without_a_handler_is_refused_at_start(workshop: Any) -> None:
    drop = {"operationId": "drop_things", "responses": {"204": {"description": ""}}}
    workshop.patch = lambda document: document["paths"]["/things"].update(delete=drop)
    client = workshop.client
    workshop._parts = lambda parts=workshop._parts: _without(parts(), "drop_things")

    with pytest.raises(UsageError) as refused:
        client()

    assert str(refused.value) == (
        "specs/workshop/openapi.yaml: DELETE /things names `drop_things`, but it has no handler. "
        "Add it to mockserver/systems/workshop/handlers.py, or remove the operation."
    )


def test_handler_without_an_operation_is_refused_at_start(workshop: Any) -> None:
    workshop.calls = {"fly": lambda request: Reply()}

    with pytest.raises(UsageError, match="`fly` is handled, but no operation or extra route has that name"):
        workshop.client()


def test_document_that_openapi_does_not_allow_is_refused_at_start(workshop: Any) -> None:
    workshop.patch = lambda document: document["paths"]["/things"]["get"].update(responses=[])

    with pytest.raises(UsageError, match=r"Workshop: paths /things get responses: \[\] is not of type"):
        workshop.client()


def _without(parts: Any, name: str) -> Any:
    del parts.operations[name]
    return parts


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """Every validator that is made, ours and those of stock Connexion."""
    found: list[type] = []

    def counted(kind: type) -> Any:
        return lambda *_, **__: found.append(kind)

    monkeypatch.setattr(validation, "Draft4Validator", counted(jsonschema_rs.Draft4Validator))
    for kind in (jsonschema.Draft4Validator, Draft4RequestValidator, Draft4ResponseValidator):
        monkeypatch.setattr(kind, "__init__", counted(kind))
    return found


def test_no_validator_is_built_while_requests_are_served(client: Any, built: list[type]) -> None:
    created = client("POST", JOBS, json={"title": "x", "pages": 1})
    cancelled = client("POST", f"{JOBS}/{created.json()['id']}/cancel")
    refused = client("POST", JOBS, json={"title": 3})

    assert [answer.status_code for answer in (created, cancelled, refused)] == [201, 200, 422]
    assert built == []


def test_validators_are_counted_where_they_are_built(built: list[type]) -> None:
    Draft4RequestValidator({})
    with pytest.raises(AttributeError):  # what is counted is not built
        build(Settings(systems=("example",)))

    assert built == [Draft4RequestValidator, jsonschema_rs.Draft4Validator]
