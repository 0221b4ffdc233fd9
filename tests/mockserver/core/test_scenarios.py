"""Starting states: those that are shipped, and those of a user's own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mockserver import scenarios
from mockserver.app import Mock, Settings, build
from mockserver.control.site import control_spec
from mockserver.discovery import names
from mockserver.scenarios import SCHEMA
from mockserver.system import Resource
from specs.document import read_yaml

FILE = """
description: Two jobs of one's own, a day later.
resources:
  example:
    - {state: PRINTED, count: 2, fields: {title: Weekly}}
    - {state: JAMMED, tenant: stranger}
advance: 86400
faults:
  - {kind: latency, seconds: 0.0}
"""


def mock_of(scenario: str, *systems: str) -> Mock:
    return build(Settings(systems=systems or ("example",), clock="virtual", scenario=scenario))


def jobs(mock: Mock) -> list[Resource]:
    return mock.sites["example"].parts.model.resources()


def test_file_says_what_there_is(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(FILE)

    mock = mock_of(str(file))

    assert [job.state for job in jobs(mock)] == ["PRINTED", "PRINTED", "JAMMED"]
    assert [job.tenant for job in jobs(mock)] == ["morning-post", "morning-post", "evening-star"]
    assert mock.clock.now() == mock_of("empty").clock.now() + 86400
    assert [fault["kind"] for fault in mock.faults.to_json()] == ["latency"]


def test_crowded_has_many_jobs_of_two_tenants_in_every_state() -> None:
    mock = mock_of("crowded")

    states = {state.name for state in mock.sites["example"].spec.cancellable.states}
    assert set(Counter(job.state for job in jobs(mock)).values()) == {50}
    assert {job.state for job in jobs(mock)} == states
    assert {job.tenant for job in jobs(mock)} == {"morning-post", "evening-star"}


def test_empty_has_no_jobs() -> None:
    assert jobs(mock_of("empty")) == []


def test_flaky_is_the_demo_with_faults() -> None:
    mock = mock_of("flaky")

    assert [job.state for job in jobs(mock)] == [job.state for job in jobs(mock_of("demo"))]
    assert {fault["kind"] for fault in mock.faults.to_json()} == {"latency", "rate_limit", "proxy_error", "drop_after"}


def test_aftermath_has_nothing_left_that_ends_by_itself() -> None:
    lifecycle = mock_of("empty").sites["example"].spec.cancellable

    assert {job.state for job in jobs(mock_of("aftermath"))} <= lifecycle.terminal


@pytest.mark.parametrize("name", scenarios.names())
def test_shipped_scenario_says_what_it_is_for_and_suits_every_system(name: str) -> None:
    assert scenarios.load(name, names()).description
    mock_of(name, *names())


def test_faults_of_a_scenario_are_those_of_the_control_api() -> None:
    """One rule, written down for both doors."""
    scenario = read_yaml(SCHEMA)["properties"]["faults"]["items"]["properties"]
    control = control_spec().document["components"]["schemas"]["Rule"]["properties"]

    assert scenario == {
        name: {key: value for key, value in each.items() if key != "description"}
        for name, each in control.items()
        if not each.get("readOnly")
    }
