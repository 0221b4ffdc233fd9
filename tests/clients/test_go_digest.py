"""MongoDB's Go programs, by mongodb-forks/digest (digest.go): a challenge for every request, and a strict parser."""

from __future__ import annotations

import pytest

from mockserver.testing import Identity, Job, Mockserver
from tests.clients.wire import Reply, exchange, proof

KNOWN = {"realm", "domain", "nonce", "opaque", "stale", "algorithm", "qop"}
CANCELS = {
    "ops_manager": ("POST", "/api/public/v1.0/automation/importDeployment/{PROJECT-ID}/{REQUEST-ID}/cancel", 200),
    "atlas": (
        "DELETE",
        "/api/atlas/v1.0/groups/{GROUP-ID}/clusters/{CLUSTER-NAME}/backup/restoreJobs/{JOB-ID}",
        204,
    ),
}
every_system = pytest.mark.parametrize("system", CANCELS)


class BadChallenge(Exception):
    """A directive that the parser does not know."""


class NotImplementedThere(Exception):
    """An algorithm or qop that the library does not speak."""


def parsed(challenge: str) -> dict[str, str]:
    """As `parseChallenge` reads it: split at comma and blank, quotes off, anything unknown is an error."""
    if not challenge.strip().startswith("Digest "):
        raise BadChallenge(challenge)
    found = {"algorithm": "MD5", "qop": ""}
    for directive in challenge.strip()[len("Digest ") :].strip().split(", "):
        name, _, value = directive.partition("=")
        if name not in KNOWN:
            raise BadChallenge(directive)
        found[name] = value.strip('"')
    return found


def answer(given: dict[str, str], who: Identity, method: str, target: str) -> str:
    """As `authorize` writes it: always the first use of a nonce."""
    if given["algorithm"] not in ("MD5", "SHA-256") or given["qop"] not in ("auth", ""):
        raise NotImplementedThere(given)
    cnonce = "0a4f113b0a4f113b"
    response = proof(who.username, given["realm"], who.password, method, target)
    proven = response(f"{given['nonce']}:00000001:{cnonce}:auth")
    return (
        f'Digest username="{who.username}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{target}", '
        f'response="{proven}", algorithm="{given["algorithm"]}", '
        f'qop={given["qop"]}, nc=00000001, cnonce="{cnonce}"'
    )


def round_trip(mockserver: Mockserver, system: str, job: Job, who: Identity | None = None) -> Reply:
    """Cancel as the library's transport does: ask, be challenged, ask again."""
    method, path, _ = CANCELS[system]
    target = path.format_map(job.parameters)
    request = [f"{method} {target} HTTP/1.1", "User-Agent: Go-http-client/1.1"]
    request += ["Content-Length: 0"] if method == "POST" else []
    request += ["Accept: application/json"]
    challenge = exchange(mockserver.url, *request, "Accept-Encoding: gzip")
    assert challenge.status == 401
    given = parsed(challenge.headers["www-authenticate"])
    credentials = answer(given, who or mockserver.identities[system].owner, method, target)
    return exchange(mockserver.url, *request, f"Authorization: {credentials}", "Accept-Encoding: gzip")


@every_system
def test_go_library_reads_the_challenge_and_cancels(mockserver: Mockserver, system: str) -> None:
    job = mockserver.system(system).place()

    assert round_trip(mockserver, system, job).status == CANCELS[system][2]
    assert job.state == "CANCELLED"


@every_system
def test_go_library_with_a_wrong_key_is_challenged_again_in_words_it_reads(mockserver: Mockserver, system: str) -> None:
    job = mockserver.system(system).place()
    intruder = Identity("intruder", "digest", mockserver.identities[system].owner.username, "wrong")

    refused = round_trip(mockserver, system, job, intruder)

    assert (refused.status, parsed(refused.headers["www-authenticate"])["stale"]) == (401, "false")
    assert mockserver.journal.cancels(job) == []


@every_system
def test_go_library_gives_up_on_the_challenge_that_the_documents_misprint(mockserver: Mockserver, system: str) -> None:
    job = mockserver.system(system).place()
    mockserver.faults.add("misprinted_challenge", system=system)

    with pytest.raises(BadChallenge, match=r'^op="auth"$'):
        round_trip(mockserver, system, job)
    assert mockserver.journal.cancels(job) == []
