"""Generated data before it is sent: nobody's job is named but ours."""

from __future__ import annotations

from typing import Any

import pytest
from schemathesis import Case, openapi

import specs
from contracts.ledger import Ledger
from contracts.suite.subjects import Subject, Subjects

OURS, FOREIGN, NOBODYS = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
MALFORMED = "not-an-id"


@pytest.fixture
def ledger() -> Ledger:
    found = Ledger()
    found.give(OURS, {"applicationImportId": OURS})
    found.saw([FOREIGN], 1)
    found.reserve(NOBODYS)
    return found


def case(operation: str, **data: Any) -> Case[Any]:
    """A case of a permission_assist operation, as Schemathesis might have made it."""
    schema = openapi.from_dict(dict(specs.load("permission_assist").document))
    found = specs.load("permission_assist").operations[operation]
    made: Case[Any] = schema[found.path][found.method].Case(**data)
    return made


def addressed(ledger: Ledger, operation: str, *, subjects: tuple[str, ...] = (OURS, NOBODYS), **data: Any) -> Case[Any]:
    spec = specs.load("permission_assist")
    several = [Subject(id, ledger.parameters_of(id)) for id in subjects]
    made = case(operation, **data)
    Subjects(spec, ledger, dict.fromkeys(spec.operations, several), {}).address(made)
    return made


def test_invented_id_becomes_one_of_ours_in_turn(ledger: Ledger) -> None:
    spec = specs.load("permission_assist")
    several = [Subject(id, {}) for id in (OURS, NOBODYS)]
    subjects = Subjects(spec, ledger, {"cancel_import": several}, {})
    cases = [case("cancel_import", body={"applicationImportId": FOREIGN}) for _ in range(3)]

    for each in cases:
        subjects.address(each)

    assert [each.body["applicationImportId"] for each in cases] == [OURS, NOBODYS, OURS]


@pytest.mark.parametrize("id", [OURS, NOBODYS, MALFORMED, ""])
def test_id_that_may_be_sent_stays_as_it_is(ledger: Ledger, id: str) -> None:
    made = addressed(ledger, "cancel_import", body={"applicationImportId": id})

    assert made.body == {"applicationImportId": id}


@pytest.mark.parametrize("body", [{}, {"applicationImportId": 7}, [], None, "text"])
def test_body_without_an_id_stays_as_wrong_as_it_is(ledger: Ledger, body: Any) -> None:
    made = addressed(ledger, "cancel_import", body=body)

    assert made.body == body


def test_foreign_id_is_taken_out_of_any_other_place(ledger: Ledger) -> None:
    query = {"applicationId": FOREIGN, "page": [1, FOREIGN.replace("-", "")]}

    made = addressed(ledger, "list_imports", query=query)

    assert made.query == {"applicationId": NOBODYS, "page": [1, ""]}


def test_text_that_looks_like_an_id_is_changed_where_something_changes(ledger: Ledger) -> None:
    lookalike = "9" * 32
    body = {"applicationImportId": OURS, "note": lookalike}

    made = addressed(ledger, "cancel_import", body=body)

    assert made.body == {"applicationImportId": OURS, "note": lookalike[:-1]}
