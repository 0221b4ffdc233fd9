"""The server's side of HTTP Digest, answered as clients of many makes answer it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import md5, sha256
from typing import Any

import pytest

from mockserver.auth.digest import Answer, Digest, Unproven
from mockserver.auth.nonces import KEPT, KIND, MAX_COUNT, SWEEP_EVERY, Nonces
from mockserver.clock import VirtualClock
from mockserver.ids import Ids
from mockserver.state import Change
from mockserver.state.memory import MemoryStorage

REALM = "MMS Public API"
SECRETS = {"pub": "priv", 'od"d\\': "priv"}
TARGET = "/api/public/v1.0/x?pretty=true"
LAYOUT = (
    r'Digest realm="MMS Public API", domain="", nonce="[A-Za-z0-9+/]{32}", '
    r'algorithm=MD5, qop="auth", stale=(true|false)'
)


class CountingStore:
    """A store that counts what is written."""

    def __init__(self) -> None:
        self._store = MemoryStorage().store("digest")
        self.get, self.find, self.count = self._store.get, self._store.find, self._store.count
        self.commits = 0

    def commit(self, *changes: Change) -> None:
        self.commits += 1
        self._store.commit(*changes)


class Server:
    """A realm, with the clock and the store it lives in."""

    def __init__(self, algorithm: str = "MD5", store: CountingStore | None = None, seed: int = 0) -> None:
        self.clock = VirtualClock()
        self.store = store or CountingStore()
        self.nonces = Nonces(self.store, self.clock, Ids(seed))
        self.digest = Digest(REALM, SECRETS, self.nonces, algorithm)

    def nonce(self) -> str:
        found = re.search(r'nonce="([^"]+)"', self.digest.challenge())
        assert found
        return found[1]

    def user(self, header: str, method: str = "POST", target: str = TARGET) -> str:
        return self.digest.user(method, target, header)

    def staleness(self, header: str, method: str = "POST", target: str = TARGET) -> bool:
        """Whether the refusal of a request says `stale`."""
        with pytest.raises(Unproven) as refusal:
            self.user(header, method, target)
        return refusal.value.stale


@pytest.fixture
def server() -> Server:
    return Server()


def hexed(text: str, hash: Callable[..., Any] = md5) -> str:
    return str(hash(text.encode()).hexdigest())


def response(nonce: str, nc: str = "00000001", *, hash: Callable[..., Any] = md5, **other: str) -> str:
    """The hash that a client computes, without `qop` if `nc` is empty."""
    field = {"user": "pub", "password": "priv", "realm": REALM, "method": "POST", "uri": TARGET, "cnonce": "c"} | other
    secret = hexed(f"{field['user']}:{field['realm']}:{field['password']}", hash)
    request = hexed(f"{field['method']}:{field['uri']}", hash)
    middle = f"{nonce}:{nc}:{field['cnonce']}:auth" if nc else nonce
    return hexed(f"{secret}:{middle}:{request}", hash)


def header(nonce: str, nc: str = "00000001", /, **changed: str | None) -> str:
    """An answer like curl's. `changed` replaces its members as they are written; None leaves one out."""
    members: dict[str, str | None] = {
        "username": '"pub"',
        "realm": f'"{REALM}"',
        "nonce": f'"{nonce}"',
        "uri": f'"{TARGET}"',
        "cnonce": '"c"',
        "nc": nc,
        "qop": "auth",
        "response": f'"{response(nonce, nc)}"',
        "algorithm": "MD5",
    }
    return "Digest " + ", ".join(f"{name}={value}" for name, value in (members | changed).items() if value is not None)


def test_challenge_has_the_recorded_layout_and_a_nonce_of_24_bytes(server: Server) -> None:
    challenge = server.digest.challenge()

    assert re.fullmatch(LAYOUT, challenge)
    assert len(base64.b64decode(server.nonce())) == 24


def test_challenge_is_understood_by_a_parser_that_gives_up_on_unknown_directives(server: Server) -> None:
    known = {"realm", "domain", "nonce", "opaque", "stale", "algorithm", "qop"}

    parts = server.digest.challenge(stale=True).removeprefix("Digest ").split(", ")

    members = dict(part.split("=", 1) for part in parts)
    assert set(members) <= known
    assert (members["qop"], members["stale"]) == ('"auth"', "true")


def test_every_challenge_has_a_nonce_of_its_own(server: Server) -> None:
    assert len({server.nonce() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"algorithm": '"MD5"', "qop": '"auth"'},
        {"algorithm": None},
        {"algorithm": "md5"},
        {"nc": '"00000001"'},
        {"opaque": '""', "auth-param": "x"},
    ],
    ids=["curl", "requests", "node urllib", "lower-case algorithm", "quoted nc", "more directives"],
)
def test_answer_of_any_make_is_accepted(server: Server, changed: dict[str, str | None]) -> None:
    assert server.user(header(server.nonce(), **changed)) == "pub"


@pytest.mark.parametrize(
    "respelled",
    [
        lambda text: text.replace("Digest", "DIGEST"),
        lambda text: text.replace(", ", ","),
        lambda text: text.replace(", ", " ,\t"),
        lambda text: text.replace("=", " = ", 1),
        lambda text: text + ",",
        lambda text: text.replace("username", "UserName"),
    ],
    ids=["scheme in capitals", "no spaces", "odd spaces", "spaces at =", "trailing comma", "name in capitals"],
)
def test_answer_in_any_spelling_of_the_grammar_is_accepted(server: Server, respelled: Callable[[str], str]) -> None:
    assert server.user(respelled(header(server.nonce()))) == "pub"


@pytest.mark.parametrize("nc", ["1", "00000002", "0000000A", "0000000a", "000003ff"])
def test_nc_is_hashed_as_it_was_written(server: Server, nc: str) -> None:
    assert server.user(header(server.nonce(), nc)) == "pub"


def test_answer_for_a_long_target_is_read_to_its_end(server: Server) -> None:
    target = "/api/public/v1.0/x?" + "a" * 30_000
    nonce = server.nonce()
    good = header(nonce, uri=f'"{target}"', response=f'"{response(nonce, uri=target)}"')

    assert server.user(good, target=target) == "pub"


def test_quoted_characters_of_a_user_name_are_hashed_without_their_backslash(server: Server) -> None:
    nonce = server.nonce()
    answer = header(
        nonce, username=r'"od\"d\\"', response=f'"{response(nonce, user=chr(34).join(["od", "d"]) + chr(92))}"'
    )

    assert server.user(answer) == 'od"d\\'


def test_answer_without_qop_is_accepted_once_for_each_nonce(server: Server) -> None:
    nonce = server.nonce()
    answer = header(nonce, response=f'"{response(nonce, "")}"', qop=None, nc=None, cnonce=None)

    assert server.user(answer) == "pub"
    assert server.staleness(answer) is True  # a client that insists on RFC 2069 gets on with a new nonce


def test_nonce_is_reused_with_growing_nc(server: Server) -> None:
    nonce = server.nonce()

    assert [server.user(header(nonce, f"{count:08x}")) for count in (1, 2, 3, 10)] == ["pub"] * 4


def test_counts_that_overtake_each_other_are_all_accepted(server: Server) -> None:
    nonce = server.nonce()

    assert [server.user(header(nonce, f"{count:08x}")) for count in (3, 1, 2)] == ["pub"] * 3


def test_count_that_was_used_is_refused_and_not_called_stale(server: Server) -> None:
    nonce = server.nonce()
    server.user(header(nonce))

    assert server.staleness(header(nonce)) is False
    assert server.staleness(header(nonce, "1")) is False
    assert server.user(header(nonce, "00000002")) == "pub"


def test_refused_answer_uses_up_no_count(server: Server) -> None:
    nonce = server.nonce()
    server.staleness(header(nonce, response=f'"{response(nonce, password="wrong")}"'))

    assert server.user(header(nonce)) == "pub"


def test_nonce_is_good_until_its_sixtieth_second(server: Server) -> None:
    nonce = server.nonce()

    server.clock.advance(59.9)
    assert server.user(header(nonce)) == "pub"
    server.clock.advance(0.1)
    assert server.staleness(header(nonce, "00000002")) is True


def test_wrong_key_with_an_old_nonce_is_not_called_stale(server: Server) -> None:
    nonce = server.nonce()
    server.clock.advance(61)

    assert server.staleness(header(nonce, response=f'"{response(nonce, password="wrong")}"')) is False


@pytest.mark.parametrize(
    "nonce", ["A" * 32, "short", "\x01" * 32], ids=["well-formed", "too short", "control characters"]
)
def test_nonce_that_was_never_issued_is_stale(server: Server, nonce: str) -> None:
    assert server.staleness(header(nonce)) is True


def test_nonce_is_used_up_after_1023_counts(server: Server) -> None:
    nonce = server.nonce()

    assert server.user(header(nonce, f"{MAX_COUNT - 1:08x}")) == "pub"
    assert server.staleness(header(nonce, f"{MAX_COUNT:08x}")) is True


@pytest.mark.parametrize(
    "changed",
    [
        {"response": '"' + "0" * 32 + '"'},
        {"response": '""'},
        {"response": '"é"'},
        {"username": '"nobody"'},
        {"realm": '"Elsewhere"'},
        {"uri": '"/api/public/v1.0/x"'},
        {"uri": '"http://host/api/public/v1.0/x?pretty=true"'},
        {"algorithm": "SHA-256"},
        {"algorithm": "MD5-sess"},
        {"qop": "auth-int"},
        {"cnonce": None},
        {"nc": None},
        {"nc": "-1"},
        {"nc": "123456789"},
        {"nc": "xyz"},
        {"username": None},
        {"nonce": None},
        {"realm": '"MMS Public API", realm="MMS Public API"'},
    ],
    ids=str,
)
def test_answer_that_proves_nothing_is_refused_and_not_called_stale(
    server: Server, changed: dict[str, str | None]
) -> None:
    assert server.staleness(header(server.nonce(), **changed)) is False


@pytest.mark.parametrize(
    ("method", "target"), [("DELETE", TARGET), ("POST", "/other"), ("POST", TARGET + "&envelope=true")]
)
def test_answer_for_another_request_is_refused(server: Server, method: str, target: str) -> None:
    assert server.staleness(header(server.nonce()), method, target) is False


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Digest",
        "Digest ",
        "Digest garbage",
        'Digest username="pub',
        "Basic cHViOnByaXY=",
        "SCHEMATHESIS-INVALID-VALUE",
        "Digest " + "," * 60_000,
        "Digest " + 'a="' + "\\" * 60_000,
        "Digest a=" + "\xff" * 60_000,
    ],
    ids=lambda value: value[:20],
)
def test_header_that_is_no_answer_is_refused(server: Server, value: str) -> None:
    assert server.staleness(value) is False


def test_sha_256_is_an_option() -> None:
    server = Server("SHA-256")
    nonce = server.nonce()
    good = header(nonce, algorithm="SHA-256", response=f'"{response(nonce, hash=sha256)}"')

    assert "algorithm=SHA-256," in server.digest.challenge()
    assert server.user(good) == "pub"
    assert server.staleness(header(nonce, "00000002")) is False


def test_nonce_of_one_worker_is_accepted_and_used_up_by_another() -> None:
    store = CountingStore()
    one, other = Server(store=store, seed=1), Server(store=store, seed=2)
    nonce = one.nonce()

    assert other.user(header(nonce)) == "pub"
    assert one.staleness(header(nonce)) is False


def test_same_count_sent_at_the_same_time_is_accepted_once(server: Server) -> None:
    nonce = server.nonce()

    def attempt(_: int) -> bool:
        try:
            return server.user(header(nonce)) == "pub"
        except Unproven:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(64))) == 1


def test_authenticated_request_writes_once(server: Server) -> None:
    nonce = server.nonce()
    before = server.store.commits

    server.user(header(nonce))

    assert server.store.commits - before == 1


def test_refused_request_writes_nothing(server: Server) -> None:
    nonce = server.nonce()
    before = server.store.commits

    server.staleness(header(nonce, response='"wrong"'))

    assert server.store.commits == before


def test_nonces_that_are_over_are_forgotten_when_new_ones_are_issued(server: Server) -> None:
    for _ in range(3 * SWEEP_EVERY):
        server.nonce()
    server.clock.advance(61)

    for _ in range(2 * SWEEP_EVERY):
        server.nonce()

    assert server.store.count(KIND) == 2 * SWEEP_EVERY


def test_nonces_are_bounded_even_while_time_stands_still(server: Server) -> None:
    for _ in range(KEPT + 3 * SWEEP_EVERY):
        server.nonces.issue()

    assert server.store.count(KIND) <= KEPT + SWEEP_EVERY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Digest username="a, b", realm="r", nonce="n", uri="/?a=1,b=2", response="x"', "/?a=1,b=2"),
        ("Digest username=a,realm=r,nonce=n==,uri=/x,response=x", "/x"),
    ],
    ids=["commas within quotes", "nothing quoted"],
)
def test_answer_is_parsed_by_the_grammar_not_by_commas(text: str, expected: str) -> None:
    answer = Answer.parse(text)

    assert answer is not None
    assert answer.uri == expected
