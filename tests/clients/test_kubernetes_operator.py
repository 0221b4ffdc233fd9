"""MongoDB's operator for Kubernetes (mongodb/mongodb-kubernetes: controllers/om/api/digest.go and http.go).

It asks once without its body and insists on a 401, reads the challenge by commas and quotes, and counts with `nc=1`.
"""

from __future__ import annotations

from mockserver.testing import Mockserver
from tests.clients.wire import Reply, exchange, proof

PATH = "/api/public/v1.0/automation/importDeployment/507f1f77bcf86cd799439012"
ORDER = '{"seedHostport":"mongodb1.example.com:27017","requiredProcesses":["mongodb1.example.com:27017"]}'
GO = "User-Agent: Go-http-client/1.1"


def parts(challenge: str) -> dict[str, str]:
    """As `digestParts` picks them: the first wanted word that a piece contains names what stands in its quotes."""
    found: dict[str, str] = {}
    for piece in challenge.split(","):
        word = next((each for each in ("nonce", "realm", "qop") if each in piece), None)
        if word:
            found[word] = piece.split('"')[1]
    return found


def create(mockserver: Mockserver, password: str) -> Reply:
    """Send a request with a body as `Client.Request` does."""
    user = mockserver.identities["ops_manager"].owner.username
    first = exchange(mockserver.url, f"POST {PATH} HTTP/1.1", GO, "Content-Length: 0", "Accept-Encoding: gzip")
    assert first.status == 401  # anything else is an error there
    given = parts(first.headers["www-authenticate"])
    response = proof(user, given["realm"], password, "POST", PATH)
    between = f"{given['nonce']}:1:52fdfc072182654f:{given.get('qop', '')}"
    credentials = (
        f'Digest username="{user}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{PATH}", '
        f'cnonce="52fdfc072182654f", nc=1, qop={given.get("qop", "")}, response="{response(between)}", algorithm="MD5"'
    )
    return exchange(
        mockserver.url,
        f"POST {PATH} HTTP/1.1",
        GO,
        f"Content-Length: {len(ORDER)}",
        f"Authorization: {credentials}",
        "Content-Type: application/json; charset=UTF-8",
        "Provider: KUBERNETES",
        "Accept-Encoding: gzip",
        body=ORDER,
    )


def test_operator_is_served_with_its_short_count(mockserver: Mockserver) -> None:
    created = create(mockserver, mockserver.identities["ops_manager"].owner.password)

    assert (created.status, created.json) == (200, {})
    assert [job.state for job in mockserver.ops_manager.jobs()] == ["PENDING"]


def test_operator_with_a_wrong_key_reads_the_documented_words(mockserver: Mockserver) -> None:
    refused = create(mockserver, "wrong")

    assert (refused.status, refused.json["detail"]) == (401, "You are not authorized for this resource.")
    assert mockserver.ops_manager.jobs() == []


def test_operator_is_lost_without_a_qop(mockserver: Mockserver) -> None:
    mockserver.faults.add("misprinted_challenge")

    assert create(mockserver, mockserver.identities["ops_manager"].owner.password).status == 401
    assert mockserver.ops_manager.jobs() == []
