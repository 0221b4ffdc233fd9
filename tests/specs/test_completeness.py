"""Nothing is missing: every system has its three folders, and spec, evidence and mock know the same things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

import specs
from mockserver import discovery
from mockserver.clock import VirtualClock
from mockserver.ids import Ids
from mockserver.state.memory import MemoryStorage
from mockserver.system import Parts, Request, World
from specs.document import ROOT
from specs.lifecycle import GONE, asynchronous_moves, next_states, state_of
from specs.lint import lint
from specs.rules.evidence import entries

READINGS = [(system, variant) for system in specs.systems() for variant in specs.load(system).variants]
TESTS = Path(__file__).parents[1]
CITATION = re.compile(r"(?<=[(# ,])[EAC][1-9]\d*(?=[),;:.]|$)", re.MULTILINE)


def parts_of(system: str, variant: str = "default") -> Parts:
    world = World(specs.load(system, variant), MemoryStorage().store(system), VirtualClock(), Ids(0))
    return discovery.find(system).build(world)


@pytest.mark.parametrize("system", specs.systems())
def test_system_has_all_its_files(system: str) -> None:
    mock = discovery.FOLDER / system
    wanted = [
        ROOT / system / "EVIDENCE.md",
        *(mock / name for name in ("__init__.py", "handlers.py", "model.py", "errors.py")),
        TESTS / "systems" / system / "test_model.py",
    ]

    assert [str(path) for path in wanted if not path.is_file()] == []


def test_mock_and_specs_know_the_same_systems() -> None:
    assert discovery.names() == specs.systems()


@pytest.mark.parametrize("system", specs.systems())
def test_lint_finds_nothing(system: str) -> None:
    assert [str(problem) for problem in lint([ROOT / system])] == []


@pytest.mark.parametrize(("system", "variant"), READINGS)
def test_every_operation_has_a_call_and_every_call_an_operation(system: str, variant: str) -> None:
    parts = parts_of(system, variant)
    outside = set(discovery.find(system).extra_routes.values())

    assert set(parts.operations) - outside == set(parts.spec.operations)


@pytest.mark.parametrize("system", specs.systems())
def test_system_answers_to_its_folders_name(system: str) -> None:
    assert discovery.find(system).name == system


@pytest.mark.parametrize("system", specs.systems())
def test_identities_are_the_three_that_every_system_has(system: str) -> None:
    identities = parts_of(system).identities

    assert {"owner", "reader", "stranger"} <= set(identities)
    assert identities["owner"].tenant == identities["reader"].tenant != identities["stranger"].tenant


@pytest.mark.parametrize("system", specs.systems())
def test_identities_use_a_scheme_of_the_spec(system: str) -> None:
    parts = parts_of(system)
    schemes = {each["scheme"] for each in parts.spec.document["components"]["securitySchemes"].values()}

    assert {identity.scheme for identity in parts.identities.values()} <= schemes


@pytest.mark.parametrize("system", specs.systems())
def test_every_refusal_has_a_code_that_the_mock_can_say(system: str) -> None:
    source = "".join(path.read_text() for path in discovery.FOLDER.parent.rglob("*.py"))
    effects = [operation.effect for operation in specs.load(system).operations.values() if operation.effect]
    open_codes = [
        {code for refusal in refusals for code in refusal.codes}
        for effect in effects
        for refusals in effect.refused.values()
    ]

    assert [codes for codes in open_codes if codes and not any(str(code) in source for code in codes)] == []


def cited_in_code(system: str) -> Iterator[tuple[str, str]]:
    """Every evidence id that the mock or the tests of a system cite, with the file that does."""
    for folder in (discovery.FOLDER / system, TESTS / "systems" / system):
        for path in folder.rglob("*.py"):
            yield from ((path.name, number) for number in CITATION.findall(path.read_text()))


@pytest.mark.parametrize("system", specs.systems())
def test_everything_that_code_cites_is_evidence(system: str) -> None:
    numbers = {number for number, _ in entries((ROOT / system / "EVIDENCE.md").read_text())}

    assert {(name, number) for name, number in cited_in_code(system) if number not in numbers} == set()


@pytest.mark.parametrize(("system", "variant"), READINGS)
def test_every_state_can_be_placed_and_is_read_as_what_it_is(system: str, variant: str) -> None:
    parts = parts_of(system, variant)
    lifecycle = parts.spec.cancellable

    placed = {state.name: placed_in(parts, state.name) for state in lifecycle.states}

    assert {name: parts.model.resource(job).state for name, job in placed.items()} == {name: name for name in placed}
    assert {name: state_of(lifecycle, representation(parts, job)) for name, job in placed.items()} == {
        name: name for name in placed
    }


@pytest.mark.parametrize(("system", "variant"), READINGS)
def test_step_the_model_takes_is_one_that_the_lifecycle_lists(system: str, variant: str) -> None:
    parts = parts_of(system, variant)
    lifecycle = parts.spec.cancellable
    triggers = {trigger for moves in lifecycle.moves.values() for trigger in moves}

    for state, trigger in product((state.name for state in lifecycle.states), sorted(triggers)):
        job = placed_in(parts, state)
        if moves(parts, job, trigger) and GONE not in next_states(lifecycle, state, trigger):
            assert parts.model.resource(job).state in next_states(lifecycle, state, trigger), f"{state} {trigger}"


@pytest.mark.parametrize(("system", "variant"), READINGS)
def test_state_that_ends_by_itself_can_be_made_to(system: str, variant: str) -> None:
    parts = parts_of(system, variant)
    lifecycle = parts.spec.cancellable

    for state in lifecycle.states:
        triggers = asynchronous_moves(parts.spec, lifecycle, state.name)
        taken = [trigger for trigger in triggers if moves(parts, placed_in(parts, state.name), trigger)]
        assert bool(taken) is bool(triggers), state.name


@pytest.mark.parametrize(("system", "variant"), READINGS)
def test_cancel_moves_where_the_lifecycle_says_and_nowhere_else(system: str, variant: str) -> None:
    parts = parts_of(system, variant)
    lifecycle = parts.spec.cancellable

    for state in lifecycle.states:
        job = placed_in(parts, state.name)
        following = next_states(lifecycle, state.name, "cancel")
        if following:
            parts.model.move(job, "cancel")
            assert parts.model.resource(job).state in following, state.name
        else:
            with pytest.raises(ValueError, match=re.escape(state.name)):
                parts.model.move(job, "cancel")
            assert parts.model.resource(job).state == state.name


@pytest.mark.parametrize("system", specs.systems())
def test_demo_scenario_has_jobs_of_the_owner_and_of_the_stranger(system: str) -> None:
    parts = parts_of(system)

    discovery.find(system).seed(parts)

    tenants = {resource.tenant for resource in parts.model.resources()}
    assert {parts.identities["owner"].tenant, parts.identities["stranger"].tenant} <= tenants
    assert all(resource.state != GONE for resource in parts.model.resources())


def placed_in(parts: Parts, state: str) -> str:
    return parts.model.place(state, {}, parts.identities["owner"].tenant)


def moves(parts: Parts, job: str, trigger: str) -> bool:
    """Take a step now, if this job can: some depend on more than its state."""
    try:
        parts.model.move(job, trigger)
    except ValueError:
        return False
    return True


def representation(parts: Parts, job: str) -> object:
    """What the owner reads of a job."""
    read = parts.spec.operation(parts.spec.cancellable.resource, "read")
    assert read is not None
    parameters = parts.model.resource(job).parameters
    names = [each.name for each in read.parameters if each.where == "path"]
    path_params = {name: parameters.get(name, job) for name in names}
    owner = parts.identities["owner"]
    return parts.operations[read.operation_id](
        Request(read.operation_id, read.method, read.path, read.path, {}, path_params, identity=owner)
    ).body
