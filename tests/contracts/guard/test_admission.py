"""What the guard lets out and what it keeps back, request by request."""

from __future__ import annotations

import pytest

import specs
from contracts.exchange import Outgoing, Reply
from contracts.guard import Guard, GuardRefused, Probe
from contracts.target import Target

URL = "http://press.example:8080"
JOBS = "/example/v1/jobs"
OURS, FOREIGN, UNKNOWN, RESERVED = "pj-aaaaaaaaaaaa", "pj-bbbbbbbbbbbb", "pj-cccccccccccc", "pj-dddddddddddd"

PROJECT, OTHER_PROJECT = "5b6212af90dc76637950a2c6", "5b6212af90dc76637950a2c7"
IMPORTS = "/api/public/v1.0/automation/importDeployment"
IMPORT, FOREIGN_IMPORT = "507f1f77bcf86cd799439011", "507f1f77bcf86cd799439099"

APPLICATION_IMPORTS = "/api/application-imports"
GUID, FOREIGN_GUID = "f1e2d3c4-b5a6-9788-7654-321fedcba098", "0a0a0a0a-b5a6-9788-7654-321fedcba098"


def press(*may: str) -> Guard:
    target = Target("press", "example", URL, may=frozenset(may or ("read", "create", "cancel")))
    guard = Guard(specs.load("example"), target)
    guard.ledger.give(OURS)
    guard.ledger.reserve(RESERVED)
    guard.ledger.saw([FOREIGN, OURS], 0)
    return guard


def ask(method: str, target: str, body: bytes = b"", origin: str = URL) -> Outgoing:
    return Outgoing(method, origin, target, {}, body)


@pytest.mark.parametrize(
    "request_",
    [
        ask("GET", JOBS),
        ask("GET", f"{JOBS}?page=2"),
        ask("POST", JOBS, b'{"title": "x", "pages": 1}'),
        ask("GET", f"{JOBS}/{OURS}"),
        ask("POST", f"{JOBS}/{OURS}/cancel"),
        ask("POST", f"{JOBS}/{OURS.upper()}/cancel"),
        ask("POST", f"{JOBS}/%70j-aaaaaaaaaaaa/cancel"),
        ask("POST", f"{JOBS}/{RESERVED}/cancel"),
        ask("POST", f"{JOBS}/x/cancel"),
        ask("GET", JOBS, origin="http://PRESS.example:8080"),
    ],
    ids=lambda request: f"{request.method} {request.target}",
)
def test_guard_for_requests_that_touch_only_ours_lets_them_out(request_: Outgoing) -> None:
    assert press().check(request_) is None


@pytest.mark.parametrize(
    ("request_", "because"),
    [
        (ask("POST", f"{JOBS}/{FOREIGN}/cancel"), "was not given"),
        (ask("GET", f"{JOBS}/{FOREIGN}"), "was not given"),
        (ask("POST", f"{JOBS}/{FOREIGN.upper()}/cancel"), "was not given"),
        (ask("POST", f"{JOBS}/%70j%2Dbbbbbbbbbbbb/cancel"), "was not given"),
        (ask("POST", f"{JOBS}/%2570j%252Dbbbbbbbbbbbb/cancel"), "was not given"),
        (ask("POST", f"{JOBS}/{FOREIGN}%00/cancel"), "was not given"),
        (ask("POST", f"{JOBS}/{OURS}/cancel?also={FOREIGN}"), "was not given"),
        (ask("POST", f"{JOBS}/{OURS}/cancel", f'{{"also": "{FOREIGN}"}}'.encode()), "was not given"),
        (ask("POST", f"{JOBS}/{UNKNOWN}/cancel"), "neither ours"),
        (ask("GET", f"{JOBS}/{UNKNOWN}"), "neither ours"),
        (ask("POST", f"{JOBS}/{OURS}/cancel?id={UNKNOWN}"), "looks like a job's id"),
        (ask("POST", f"{JOBS}/{OURS}/cancel", f'{{"id": "{UNKNOWN}"}}'.encode()), "looks like a job's id"),
        (ask("POST", f"{JOBS}/{OURS}/cancel", f"id={UNKNOWN}".encode()), "looks like a job's id"),
        (ask("DELETE", f"{JOBS}/{OURS}"), "matches no operation"),
        (ask("POST", f"{JOBS}/{OURS}/cancel/"), "matches no operation"),
        (ask("POST", f"{JOBS}//cancel"), "matches no operation"),
        (ask("GET", "/admin"), "matches no operation"),
        (ask("GET", JOBS, origin="http://elsewhere.example:8080"), "origin"),
        (ask("GET", JOBS, origin="https://press.example:8080"), "origin"),
        (ask("GET", JOBS, origin="http://press.example"), "origin"),
    ],
    ids=lambda value: f"{value.method} {value.target} {value.origin}" if isinstance(value, Outgoing) else "",
)
def test_guard_for_anything_else_keeps_it_back(request_: Outgoing, because: str) -> None:
    guard = press()

    with pytest.raises(GuardRefused, match=because):
        guard.admit(request_)

    assert guard.kept_back[0].target == request_.target
    assert not guard.journal


@pytest.mark.parametrize(
    ("may", "request_", "out"),
    [
        (("read",), ask("GET", JOBS), True),
        (("read",), ask("POST", JOBS, b"{}"), False),
        (("read",), ask("POST", f"{JOBS}/{OURS}/cancel"), False),
        (("read", "create"), ask("POST", JOBS, b"{}"), True),
        (("read", "create"), ask("POST", f"{JOBS}/{OURS}/cancel"), False),
        (("create", "cancel"), ask("GET", JOBS), False),
    ],
)
def test_guard_for_an_effect_asks_the_targets_may(may: tuple[str, ...], request_: Outgoing, out: bool) -> None:
    assert (press(*may).check(request_) is None) is out


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", f"{JOBS}/{OURS}/cancel"),
        ("POST", f"{JOBS}/{OURS}/cancel/"),
        ("POST", f"{JOBS}/{OURS}%2Fcancel"),
        ("POST", f"{JOBS}//cancel"),
        ("POST", f"{JOBS}/{OURS}/./cancel"),
        ("POST", f"/EXAMPLE/V1/JOBS/{OURS}/CANCEL"),
    ],
)
def test_guard_for_an_announced_probe_of_ours_lets_it_out(method: str, target: str) -> None:
    guard = press()

    with guard.probing(Probe(method, target)):
        assert guard.check(ask(method, target)) is None

    assert guard.check(ask(method, target)) is not None


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", f"{JOBS}/{FOREIGN}/cancel"),
        ("PUT", f"{JOBS}/{UNKNOWN}/cancel"),
        ("POST", f"{JOBS}/{UNKNOWN}/cancel/"),
        ("POST", f"{JOBS}/{UNKNOWN}%2Fcancel"),
        ("POST", f"{JOBS}/{OURS}/../{UNKNOWN}/cancel"),
        ("POST", f"{JOBS}/{OURS}/cancel/?id={UNKNOWN}"),
        ("POST", "/shutdown"),
    ],
)
def test_guard_for_an_announced_probe_of_others_keeps_it_back(method: str, target: str) -> None:
    guard = press()

    with guard.probing(Probe(method, target)):
        assert guard.check(ask(method, target)) is not None


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (f"{JOBS}/{OURS.upper()}/cancel", b""),
        (f"{JOBS}/x/cancel?id={OURS}", b""),
        (f"{JOBS}/x/cancel", b'{"id": "pj-aaaaaaaaaaaa"}'),
    ],
    ids=["in capitals", "query", "body"],
)
def test_probe_that_names_a_job_of_ours_anywhere_has_touched_it(target: str, body: bytes) -> None:
    guard = press()
    guard.ledger.reserve("x")

    with guard.probing(Probe("POST", target)):
        guard.settle(guard.admit(ask("POST", target, body)), Reply(200, {}, b""))

    assert guard.touched == (OURS,)
    assert guard.asked_for_change(OURS)


def test_guard_for_a_probe_that_may_not_cancel_keeps_it_back() -> None:
    guard = press("read")
    target = f"{JOBS}/{OURS}/cancel/"

    with guard.probing(Probe("POST", target)):
        assert "may" in str(guard.check(ask("POST", target)))


def ops_manager() -> Guard:
    may = frozenset({"read", "create", "cancel", "delete"})
    target = Target("om", "ops_manager", URL, may=may, parameters={"PROJECT-ID": PROJECT})
    guard = Guard(specs.load("ops_manager"), target)
    guard.ledger.give(IMPORT, {"PROJECT-ID": PROJECT, "REQUEST-ID": IMPORT})
    return guard


@pytest.mark.parametrize(
    ("method", "target", "out"),
    [
        ("GET", f"{IMPORTS}/{PROJECT}", True),
        ("GET", f"{IMPORTS}/{OTHER_PROJECT}", False),
        ("POST", f"{IMPORTS}/{PROJECT}/{IMPORT}/cancel", True),
        ("POST", f"{IMPORTS}/{OTHER_PROJECT}/{IMPORT}/cancel", False),
        ("POST", f"{IMPORTS}/{PROJECT}/{FOREIGN_IMPORT}/cancel", False),
        ("POST", f"{IMPORTS}/{PROJECT}/{PROJECT}/cancel", False),
        ("POST", f"{IMPORTS}/not-a-project/{IMPORT}/cancel", True),  # no project can be called that
        ("DELETE", f"{IMPORTS}/{PROJECT}/{IMPORT}", True),
    ],
)
def test_guard_for_a_scoped_job_wants_its_own_scope(method: str, target: str, out: bool) -> None:
    assert (ops_manager().check(ask(method, target)) is None) is out


@pytest.mark.parametrize(("method", "action", "out"), [("GET", "", True), ("POST", "/cancel", False)])
def test_guard_lets_only_reads_look_for_a_job_in_another_scope_of_ours(method: str, action: str, out: bool) -> None:
    guard = ops_manager()
    guard.ledger.give(FOREIGN_IMPORT, {"PROJECT-ID": OTHER_PROJECT, "REQUEST-ID": FOREIGN_IMPORT})

    assert (guard.check(ask(method, f"{IMPORTS}/{OTHER_PROJECT}/{IMPORT}{action}")) is None) is out


def permission_assist() -> Guard:
    target = Target("pa", "permission_assist", URL, may=frozenset({"read", "create", "cancel"}))
    guard = Guard(specs.load("permission_assist"), target)
    guard.ledger.give(GUID)
    return guard


@pytest.mark.parametrize(
    ("body", "out"),
    [
        (f'{{"applicationImportId": "{GUID}"}}', True),
        (f'{{"applicationImportId": "{GUID.upper()}"}}', True),
        ('{"applicationImportId": "x"}', True),
        ('{"applicationImportId": null}', True),
        ("{}", True),
        ("{", True),
        (f'{{"applicationImportId": "{FOREIGN_GUID}"}}', False),
        (f'{{"ApplicationImportId": "{FOREIGN_GUID}"}}', False),
        (f'{{"applicationImportId": "{{{FOREIGN_GUID}}}"}}', False),
        (f'{{"applicationImportId": "{FOREIGN_GUID.replace("-", "")}"}}', False),
        (f'{{"applicationImportId": " {FOREIGN_GUID} "}}', False),
        (f'{{"applicationImportId": ["{FOREIGN_GUID}"]}}', False),
        (f'{{"applicationImportId": "{GUID}", "applicationImportId": "{FOREIGN_GUID}"}}', False),
        (f'{{"applicationImportId": "{FOREIGN_GUID}"', False),
        (f"applicationImportId={FOREIGN_GUID}", False),
        (f'"{FOREIGN_GUID}"', False),
    ],
)
def test_guard_for_an_id_in_a_body_finds_it_in_any_spelling(body: str, out: bool) -> None:
    request = ask("POST", f"{APPLICATION_IMPORTS}/cancel", body.encode())

    assert (permission_assist().check(request) is None) is out


def test_guard_for_a_job_that_we_created_knows_it_as_ours() -> None:
    guard = press()

    exchange = guard.admit(ask("POST", JOBS, b"{}"))
    guard.settle(exchange, Reply(201, {}, f'{{"id": "{UNKNOWN}"}}'.encode()))

    assert guard.check(ask("POST", f"{JOBS}/{UNKNOWN}/cancel")) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(201, f'{{"id": "{FOREIGN}"}}'), (400, f'{{"id": "{UNKNOWN}"}}'), (201, '{"id": 7}'), (201, "")],
    ids=["an id that a list has shown", "a refusal", "no text", "no body"],
)
def test_guard_for_a_create_that_proves_nothing_learns_nothing(status: int, body: str) -> None:
    guard = press()
    known = guard.ledger.ours

    exchange = guard.admit(ask("POST", JOBS, b"{}"))
    guard.settle(exchange, Reply(status, {}, body.encode()))

    assert guard.ledger.ours == known


def test_guard_for_ids_in_a_list_never_takes_them_as_ours() -> None:
    guard = press()

    exchange = guard.admit(ask("GET", JOBS))
    guard.settle(exchange, Reply(200, {}, f'{{"items": [{{"id": "{UNKNOWN}"}}]}}'.encode()))

    assert UNKNOWN in guard.ledger.foreign
    assert "was not given" in str(guard.check(ask("GET", f"{JOBS}/{UNKNOWN}")))


def test_guard_for_a_reserved_id_that_a_list_shows_keeps_it_back() -> None:
    guard = press()

    guard.ledger.saw([RESERVED], 2)

    assert guard.check(ask("POST", f"{JOBS}/{RESERVED}/cancel")) is not None


def test_touched_after_requests_names_jobs_that_were_to_change() -> None:
    guard = press()

    for method, target in [("GET", f"{JOBS}/{OURS}"), ("POST", f"{JOBS}/{RESERVED}/cancel")]:
        guard.settle(guard.admit(ask(method, target)), Reply(200, {}, b"{}"))
    before = guard.touched
    guard.settle(guard.admit(ask("POST", f"{JOBS}/{OURS}/cancel")), Reply(409, {}, b"{}"))

    assert (before, guard.touched) == ((), (OURS,))
