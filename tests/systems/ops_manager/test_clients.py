"""Clients as they are: curl, requests and httpx themselves, and byte for byte what others send (E21)."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from urllib.parse import urlsplit

import httpx
import pytest
import requests
from requests.auth import HTTPDigestAuth

from mockserver.server import served
from tests.systems.digest_door import DigestDoor

BASE = "/api/public/v1.0/automation/importDeployment/507f1f77bcf86cd799439012"
USER, KEY = "omownerk", "0d6d9b6e-7f0b-4f4c-9f5a-5b1f1d0f0a01"
KNOWN_TO_GO = {"realm", "domain", "nonce", "opaque", "stale", "algorithm", "qop"}


@dataclass
class Served:
    """A mock on a port."""

    door: DigestDoor
    url: str

    def placed(self, state: str = "PENDING") -> tuple[str, str]:
        """A request in a state: its id and its path."""
        import_id = self.door.placed(state)
        return import_id, f"{BASE}/{import_id}"

    def curl(self, *arguments: str, user: str = f"{USER}:{KEY}") -> tuple[str, list[str]]:
        """The last body, and the status lines of all replies."""
        command = ["curl", "--silent", "--include", "--digest", "--user", user, *arguments]
        out = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
        heads = re.findall(r"^HTTP/1.1 (\d+)", out, re.MULTILINE)
        return out.rpartition("\n\n")[2], heads

    def raw(self, method: str, target: str, *headers: str, body: str = "") -> tuple[int, dict[str, str]]:
        """One request, byte for byte, on a connection of its own: status and headers of the reply."""
        at = urlsplit(self.url)
        lines = [f"{method} {target} HTTP/1.1", f"Host: {at.netloc}", *headers, "Connection: close", "", body]
        with socket.create_connection((at.hostname, at.port), timeout=10) as connection:
            connection.sendall("\r\n".join(lines).encode())
            reply = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        head, *fields = reply.partition("\r\n\r\n")[0].split("\r\n")
        return int(head.split()[1]), dict(field.split(": ", 1) for field in fields)


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    door = DigestDoor.to("ops_manager")
    with served(door.mock) as url:
        yield Served(door, url)


@pytest.fixture
def mock(shared: Served) -> Served:
    shared.door.mock.reset()
    return shared


def hexed(text: str) -> str:
    return md5(text.encode()).hexdigest()


def answered(method: str, target: str, nonce: str, nc: str, rest: str) -> str:
    """An `Authorization` header whose last members are as a client writes them."""
    secret, request = hexed(f"{USER}:MMS Public API:{KEY}"), hexed(f"{method}:{target}")
    proof = hexed(f"{secret}:{nonce}:{nc}:abcdef:auth:{request}")
    return (
        f'Authorization: Digest username="{USER}", realm="MMS Public API", nonce="{nonce}", uri="{target}", '
        f'response="{proof}", nc={nc}, cnonce="abcdef", {rest}'
    )


def challenged(mock: Served, method: str, target: str, *headers: str) -> str:
    """The nonce of a challenge."""
    status, reply = mock.raw(method, target, *headers)
    assert status == 401
    return reply["WWW-Authenticate"].split('nonce="')[1].split('"')[0]


def test_curl_cancels_with_the_documented_command(mock: Served) -> None:
    import_id, path = mock.placed("AWAIT_GOAL_STATE")
    command = ["--header", "Accept: application/json", "--request", "POST", f"{mock.url}{path}/cancel?pretty=true"]

    assert mock.curl(*command) == ("{}", ["401", "200"])
    assert mock.door.state(import_id) == "CANCELLED"
    assert mock.curl(*command)[1] == ["401", "409"]


def test_curl_sends_a_body_on_its_second_request_only(mock: Served) -> None:
    order = '{"seedHostport": "h:27017", "requiredProcesses": ["h:27017"]}'

    body, statuses = mock.curl("--header", "Content-Type: application/json", "--data", order, f"{mock.url}{BASE}")

    assert (body, statuses) == ("{}", ["401", "200"])


def test_curl_with_a_wrong_key_is_challenged_twice_and_cancels_nothing(mock: Served) -> None:
    import_id, path = mock.placed()

    _, statuses = mock.curl("--request", "POST", f"{mock.url}{path}/cancel", user=f"{USER}:wrong")

    assert statuses == ["401", "401"]
    assert mock.door.state(import_id) == "PENDING"


def test_requests_reuses_a_nonce_and_renews_one_that_is_over(mock: Served) -> None:
    _, path = mock.placed()

    with requests.Session() as session:
        session.auth = HTTPDigestAuth(USER, KEY)
        first = session.get(f"{mock.url}{path}", timeout=10)
        second = session.get(f"{mock.url}{path}?pretty=true", timeout=10)
        mock.door.wait(61)
        third = session.post(f"{mock.url}{path}/cancel", timeout=10)

    assert [[each.status_code for each in (*reply.history, reply)] for reply in (first, second, third)] == [
        [401, 200],
        [200],
        [401, 200],
    ]
    assert "stale=true" in third.history[0].headers["WWW-Authenticate"]  # E18


def test_httpx_goes_on_with_its_nonce_on_other_paths_and_methods(mock: Served) -> None:
    import_id, path = mock.placed()

    with httpx.Client(auth=httpx.DigestAuth(USER, KEY)) as client:
        listed = client.get(f"{mock.url}{BASE}")
        cancelled = client.post(f"{mock.url}{path}/cancel")
        read = client.get(f"{mock.url}{path}")

    assert [len(reply.history) for reply in (listed, cancelled, read)] == [1, 0, 0]
    assert read.json()["state"] == mock.door.state(import_id) == "CANCELLED"


def test_go_library_understands_the_challenge_and_is_understood(mock: Served) -> None:
    target = f"{mock.placed()[1]}/cancel"
    challenge = mock.raw("POST", target)[1]["WWW-Authenticate"].removeprefix("Digest ")

    given = dict(part.split("=", 1) for part in challenge.split(", "))
    answer = answered("POST", target, given["nonce"].strip('"'), "00000001", "algorithm=MD5, qop=auth")

    assert set(given) <= KNOWN_TO_GO
    assert mock.raw("POST", target, answer)[0] == 200


def test_kubernetes_operator_is_understood_with_its_short_nc(mock: Served) -> None:
    _, path = mock.placed()
    challenge = mock.raw("GET", path, "Content-Type: application/json")[1]["WWW-Authenticate"]

    given = {part.split("=")[0].strip(): part for part in challenge.removeprefix("Digest ").split(",")}
    realm, nonce, qop = (given[name].split('"')[1] for name in ("realm", "nonce", "qop"))
    answer = answered("GET", path, nonce, "1", f'qop={qop}, algorithm="MD5"')

    assert (realm, qop) == ("MMS Public API", "auth")
    assert mock.raw("GET", path, answer)[0] == 200


def test_node_urllib_is_understood_with_a_count_that_runs_on_across_nonces(mock: Served) -> None:
    _, path = mock.placed()

    nonces = [challenged(mock, "GET", path) for _ in range(3)]
    answers = [answered("GET", path, nonce, f"0000000{at}", "qop=auth") for at, nonce in enumerate(nonces, start=1)]

    assert [mock.raw("GET", path, answer)[0] for answer in answers] == [200, 200, 200]


def test_opsmanager_cancels_with_a_json_body_of_no_length(mock: Served) -> None:
    import_id, path = mock.placed()
    target, plain = f"{path}/cancel", ["Content-Type: application/json", "Content-Length: 0"]
    nonce = challenged(mock, "POST", target, *plain)
    answer = answered("POST", target, nonce, "00000001", 'algorithm="MD5", qop="auth"')

    assert mock.raw("POST", target, *plain, answer)[0] == 200  # E31
    assert mock.raw("POST", target, *plain, answer)[0] == 401  # the same answer again is a replay
    assert mock.door.state(import_id) == "CANCELLED"


@pytest.mark.parametrize("more", ["?pretty=true", "/"])
def test_answer_for_another_target_is_refused(mock: Served, more: str) -> None:
    import_id, path = mock.placed()
    target = f"{path}/cancel"
    answer = answered("POST", target, challenged(mock, "POST", target), "00000001", "qop=auth")

    assert mock.raw("POST", target + more, answer)[0] == 401
    assert mock.door.state(import_id) == "PENDING"
