"""Requests that a vendor's documents leave open are told from those that they say are wrong."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, openapi

import specs
from contracts.suite.leniency import left_open

LIST = ("list_restore_jobs", "/groups/{GROUP-ID}/clusters/{CLUSTER-NAME}/backup/restoreJobs", "GET")


def generated(mode: GenerationMode) -> list[Case]:
    found: list[Case] = []
    operation = openapi.from_dict(dict(specs.load("atlas").document))[LIST[1]][LIST[2]]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=60,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


def wrong_places(case: Case) -> set[str]:
    return {place.value for place, part in case.meta.components.items() if part.mode.is_negative}


def test_request_with_nothing_wrong_is_not_open() -> None:
    operation = specs.load("atlas").operations[LIST[0]]

    assert not any(left_open(operation, case) for case in generated(GenerationMode.POSITIVE))


def test_request_is_open_if_only_open_parameters_are_wrong() -> None:
    operation = specs.load("atlas").operations[LIST[0]]
    cases = generated(GenerationMode.NEGATIVE)

    assert {"query"} in [wrong_places(case) for case in cases]
    assert any("path" in wrong_places(case) for case in cases)
    assert all(left_open(operation, case) == (wrong_places(case) == {"query"}) for case in cases)


def test_request_is_not_open_where_the_spec_says_nothing_of_the_kind() -> None:
    operation = specs.load("example").operations["list_jobs"]

    assert not any(left_open(operation, case) for case in generated(GenerationMode.NEGATIVE))
