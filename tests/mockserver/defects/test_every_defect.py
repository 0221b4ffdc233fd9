"""Every bug shows on the wire, goes away when it is taken out, and is never an error of the mock's own."""

from __future__ import annotations

from functools import cache

import pytest

import specs
from contracts.claim import discover
from contracts.promises import PROMISES
from mockserver import discovery
from mockserver.defects import KINDS, fitting_defects
from mockserver.system import Defect
from tests.mockserver.defects.planted import door_of, mock_of
from tests.mockserver.defects.walk import CHAPTERS, Walk

ENOUGH = 20  # bugs of a system
CLAIMS = {each.id for each in (*discover(), *PROMISES)}
PLANTABLE = {name: fitting_defects(discovery.find(name), specs.load(name)) for name in discovery.names()}


def walked(system: str, kind: str, *planted: str) -> list[str]:
    walk = Walk(door_of(system, *planted), specs.load(system))
    for chapter in CHAPTERS[kind]:
        chapter(walk)
    return walk.said


@cache
def walked_clean(system: str, kind: str) -> list[str]:
    return walked(system, kind)


@pytest.mark.parametrize(
    ("system", "defect"),
    [pytest.param(name, each, id=f"{name}-{each.id}") for name, several in PLANTABLE.items() for each in several],
)
def test_defect_planted_at_run_time_shows_and_is_no_error_of_the_mock(system: str, defect: Defect) -> None:
    spoilt = walked(system, defect.kind, defect.id)

    assert spoilt != walked_clean(system, defect.kind)
    assert not [said for said in spoilt if "error of the mock" in said]


@pytest.mark.parametrize("system", PLANTABLE)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "races"])
def test_mock_whose_defects_are_taken_out_answers_as_before(system: str, kind: str) -> None:
    clean = walked_clean(system, kind)
    door_of(system, *(each.id for each in PLANTABLE[system] if each.kind == kind))

    assert walked(system, kind) == clean


@pytest.mark.parametrize("system", PLANTABLE)
def test_system_has_defects_of_every_kind_under_names_of_their_own(system: str) -> None:
    ids = [each.id for each in PLANTABLE[system]]

    assert len(ids) == len(set(ids)) >= ENOUGH
    assert {each.kind for each in PLANTABLE[system]} == set(KINDS)
    assert all(each.claims for each in PLANTABLE[system])
    assert {claim for each in PLANTABLE[system] for claim in each.claims} <= CLAIMS


def test_planted_defects_outlive_a_reset_and_are_listed() -> None:
    door = door_of("example", "cancel_does_nothing")

    door.control("POST", "/reset", {})

    assert door.control("GET", "/defects") == {"defects": ["cancel_does_nothing"]}
    assert mock_of("example").planted == ("cancel_does_nothing",)
