"""Each variant takes the other side of one contradiction (C1-C9), and of nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.systems.permission_assist.door import BADGES, NOBODY, SYMITAR, Door

Answer = tuple[int, Any]


def cancel_finished(door: Door) -> Answer:
    reply = door.cancel(door.placed("Finished"))
    return reply.status_code, reply.json()["error"]


def cancel_unknown(door: Door) -> Answer:
    reply = door.cancel(NOBODY)
    return reply.status_code, reply.json()["error"]


def stage_unknown(door: Door) -> Answer:
    reply = door.send("POST", "/stage", json={"applicationId": NOBODY})
    return reply.status_code, reply.json()["error"]


def stage_unscheduled(door: Door) -> Answer:
    reply = door.send("POST", "/stage", json={"applicationId": BADGES})
    return reply.status_code, reply.json()["error"]


def staged_type(door: Door) -> Answer:
    staged = door.send("POST", "/stage", json={"applicationId": SYMITAR}).json()
    assert door.get(staged["id"]).json()["type"] == staged["type"]
    return 201, staged["type"]


def staged_members(door: Door) -> Answer:
    reply = door.send("POST", "/stage", json={"applicationId": SYMITAR})
    return reply.status_code, len(reply.json())


def start_time(door: Door) -> Answer:
    return 200, door.get(door.placed("Running")).json()["buildStart"]


def correlation_id(door: Door) -> Answer:
    reply = door.get(NOBODY)
    return reply.status_code, re.sub("[0-9a-f]", "x", reply.json()["correlationId"])


def reader_cancels(door: Door) -> Answer:
    reply = door.cancel(door.placed("Running"), identity="reader")
    return reply.status_code, reply.json().get("error")


def malformed_path(door: Door) -> Answer:
    reply = door.get("x")
    return reply.status_code, reply.json()["error"]


DEFAULT: dict[Callable[[Door], Answer], Answer] = {
    cancel_finished: (409, "conflict"),
    cancel_unknown: (404, "not_found"),
    stage_unknown: (404, "not_found"),
    stage_unscheduled: (422, "unprocessable_entity"),
    staged_type: (201, "API"),
    staged_members: (201, 12),
    start_time: (200, "2026-01-01T00:00:00Z"),
    correlation_id: (404, "x" * 32),
    reader_cancels: (403, "forbidden"),
    malformed_path: (400, "validation_error"),
}
OTHERWISE: dict[str, dict[Callable[[Door], Answer], Answer]] = {
    "default": {},
    "strict400": {cancel_finished: (400, "validation_error")},  # C1
    "schedule400": {stage_unscheduled: (400, "validation_error")},  # C2
    "unknown400": {cancel_unknown: (400, "validation_error"), stage_unknown: (400, "validation_error")},  # C3
    "type_api": {staged_type: (201, "Api")},  # C4
    "type_scheduled": {staged_type: (201, "Scheduled")},  # C4
    "local_times": {start_time: (200, "2026-01-01T00:00:00")},  # C5
    "stage_reference": {staged_members: (201, 11)},  # C6
    "stage_guide": {staged_members: (201, 8)},  # C6
    "dashed_correlation": {correlation_id: (404, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")},  # C8
    "no_roles": {reader_cancels: (200, None)},  # C9
    "guid_route": {malformed_path: (404, "not_found")},  # A21
}


@pytest.mark.parametrize("variant", OTHERWISE)
def test_variant_changes_its_own_answers_only(open_door: Callable[..., Door], variant: str) -> None:
    door = open_door(variant)

    answers = {question: question(door) for question in DEFAULT}

    assert answers == DEFAULT | OTHERWISE[variant]


def test_every_variant_is_tested(door: Door) -> None:
    spec = door.mock.sites["permission_assist"].spec

    assert set(spec.variants) == set(OTHERWISE)
