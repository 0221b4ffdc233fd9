"""What the options of a scenario change, and what they may not be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import UsageError
from tests.systems.digest_door import DigestDoor

PATH = "/api/public/v1.0/automation/importDeployment/507f1f77bcf86cd799439012"


def opened(folder: Path, options: dict[str, Any]) -> DigestDoor:
    """A mock whose scenario has these options."""
    scenario = folder / "scenario.yaml"
    scenario.write_text(json.dumps({"description": "options", "options": {"ops_manager": options}}))
    return DigestDoor.to("ops_manager", scenario=str(scenario))


def test_digest_algorithm_can_be_sha_256(tmp_path: Path) -> None:
    reply = opened(tmp_path, {"digest_algorithm": "SHA-256"}).send("GET", PATH)

    assert "algorithm=SHA-256," in reply.history[0].headers["www-authenticate"]
    assert reply.status_code == 200


@pytest.mark.parametrize(("network", "status"), [("127.0.0.0/8", 200), ("192.0.2.0/24", 403), ("::1/128", 403)])
def test_access_list_says_from_where_a_key_may_be_used(tmp_path: Path, network: str, status: int) -> None:
    door = opened(tmp_path, {"access_lists": {"owner": [network]}})

    assert door.send("GET", PATH).status_code == status  # E26


def test_access_list_can_let_the_offsite_key_in(tmp_path: Path) -> None:
    door = opened(tmp_path, {"access_lists": {"offsite": ["0.0.0.0/0"]}})

    assert door.send("GET", PATH, identity="offsite").status_code == 200


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"digest": "MD5"}, "unknown option `digest`. Known options: access_lists, digest_algorithm"),
        ({"digest_algorithm": "SHA-1"}, "digest_algorithm is 'SHA-1'. Give one of MD5, SHA-256"),
        ({"access_lists": {"nobody": []}}, "unknown identity `nobody`. Known: owner, reader, stranger, offsite"),
        ({"access_lists": {"owner": ["here"]}}, "'here' does not appear to be an IPv4 or IPv6 network"),
    ],
    ids=["unknown", "algorithm", "identity", "network"],
)
def test_option_that_cannot_be_is_refused_in_a_sentence(
    tmp_path: Path, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        opened(tmp_path, options)

    assert str(refusal.value).startswith("options of ops_manager: ")
    assert complaint in str(refusal.value)
