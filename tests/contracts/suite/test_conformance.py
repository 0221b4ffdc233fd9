"""Replies held against the spec: what is said of one that does not fit."""

from __future__ import annotations

import json

import specs
from contracts.conformance import Conformance
from contracts.exchange import Reply
from contracts.secret import conceal


def test_reply_that_echoes_a_long_secret_is_told_without_any_part_of_it() -> None:
    token = "-".join(f"part{number}" for number in range(200))
    conceal(token)
    spec = specs.load("example")
    reply = Reply(200, {"content-type": "application/json"}, json.dumps([f"who is {token}?"]).encode())

    found = Conformance(spec).violations(spec.operations["get_job"], reply)

    assert found and "who is ***?" in found[0].found
    assert [each for each in found if "part7" in each.found] == []
