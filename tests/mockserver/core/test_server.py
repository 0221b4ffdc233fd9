"""The server on a real socket: what no well-behaved client sends, and how it starts and stops."""

from __future__ import annotations

import gc
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mockserver import protocol, server
from mockserver.app import Settings, build
from mockserver.server import served
from mockserver.system import Reply

GOOD = b"GET /example/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer paperboy-owner\r\n\r\n"
CANCEL = "POST /example/v1/jobs/{}/cancel HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer paperboy-owner\r\n"


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """A mock that all tests here share: none of them may change it."""
    with served(build(Settings(systems=("example",), clock="virtual"))) as url:
        host, port = url.removeprefix("http://").split(":")
        yield host, int(port)


def exchange(address: tuple[str, int], *pieces: bytes) -> bytes:
    """What comes back until the server closes or has nothing more to say."""
    with socket.create_connection(address, timeout=5) as connection:
        for piece in pieces:
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
            if b"\r\n\r\n" in received and _complete(received):
                break
        return received


def _complete(received: bytes) -> bool:
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    return length is not None and len(body) >= int(length[1])


@pytest.mark.parametrize(
    "more",
    [
        b"{}",
        b"\0",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 70_000,
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    ],
    ids=["body without length", "NUL", "version", "target", "header"],
)
def test_request_before_bytes_that_are_no_http_keeps_its_answer(
    address: tuple[str, int], caplog: pytest.LogCaptureFixture, more: bytes
) -> None:
    received = exchange(address, GOOD + more)

    assert (status(received), received.count(b"HTTP/1.1 ")) == (200, 1)
    assert b"\r\nConnection: close\r\n" in received
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_refused_body_leaves_no_second_answer(address: tuple[str, int], caplog: pytest.LogCaptureFixture) -> None:
    chunked = CANCEL.format("x").encode() + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"

    received = exchange(address, chunked)

    assert (status(received), received.count(b"HTTP/1.1 ")) == (400, 1)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_header_names_go_out_as_servers_write_them(address: tuple[str, int]) -> None:
    received = exchange(address, b"GET /example/v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n")

    head, _, body = received.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n")[1:]]
    assert {b"Date", b"Content-Type", b"Content-Length", b"X-Mockserver"} <= set(names)
    assert body.startswith(b"{")


def test_header_of_a_vendor_goes_out_in_the_vendors_letters() -> None:
    with served(build(Settings(systems=("ops_manager",)))) as url:
        host, port = url.removeprefix("http://").split(":")
        received = exchange((host, int(port)), b"GET /api/public/v1.0/ HTTP/1.1\r\nHost: x\r\n\r\n")

    assert b'\r\nWWW-Authenticate: Digest realm="MMS Public API", domain="", nonce="' in received


def test_reply_that_would_break_its_head_is_our_error_and_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    mock = build(Settings(systems=("example",)))
    mock.sites["example"].parts.dress = lambda reply, request: Reply(200, None, {"X-Bad": "a\r\nSet-Cookie: b"})

    with served(mock) as url:
        host, port = url.removeprefix("http://").split(":")
        received = exchange((host, int(port)), GOOD)

    assert status(received) == 501
    assert b"\r\nSet-Cookie" not in received
    assert "line break" in caplog.text


def test_client_that_waits_for_a_word_gets_it_before_the_head(address: tuple[str, int]) -> None:
    head = b"POST /example/v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer paperboy-owner\r\nConnection: close\r\n"
    rest = b"Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"

    interim, _, final = exchange(address, head + rest).partition(b"\r\n\r\n")

    assert interim == b"HTTP/1.1 100 Continue"
    assert status(final) == 422
    assert b"\r\nContent-Type: application/json\r\n" in final


def test_refused_connection_is_closed_though_its_client_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LINGER", 0.05)

    with served(build(Settings(systems=("example",)))) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection, pytest.raises(OSError):
            while True:
                connection.sendall(b"nonsense\r\n" * 1000)


def status(received: bytes) -> int:
    return int(received.split()[1])


def test_request_in_many_pieces_is_served(address: tuple[str, int]) -> None:
    assert status(exchange(address, *(GOOD[n : n + 7] for n in range(0, len(GOOD), 7)))) == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"HELLO\r\n\r\n",
        b"GET /example/v1/jobs HTTP/9.9\r\n\r\n",
        b"GET \xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /example/v1/jobs HTTP/1.1\r\nHost : x\r\n\r\n",
        b"POST /example/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST /example/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /example/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /example/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        b"POST /example/v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"FETCH /example/v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=range(12),
)
def test_bytes_that_are_no_http_are_a_clean_400(address: tuple[str, int], raw: bytes) -> None:
    received = exchange(address, raw)

    assert status(received) == 400
    assert b"\r\nX-Mockserver: " in received
    assert b"Traceback" not in received


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /example/v1/jobs?" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /example/v1/jobs HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET /example/v1/jobs HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 30_000 + b"\r\n",
        b"GET /example/v1/jobs HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000,
    ],
    ids=["target", "header", "headers", "endless"],
)
def test_head_that_is_too_large_is_refused(address: tuple[str, int], raw: bytes) -> None:
    assert status(exchange(address, raw)) == 431


SLOW = (b"", GOOD[:20], GOOD[:-2], GOOD[:-2] + b"Content-Length: 5\r\n\r\nab", GOOD + GOOD[:20], GOOD + GOOD[:-2])


@pytest.mark.parametrize("raw", SLOW, ids=range(len(SLOW)))
def test_client_that_sends_too_slowly_is_cut_off(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.05)

    with served(build(Settings(systems=("example",)))) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(raw)
            received = b"".join(iter(lambda: connection.recv(65536), b""))

    assert b" 408 " in received


def test_idle_connection_is_closed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "IDLE", 0.2)

    with served(build(Settings(systems=("example",)))) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            for _ in range(2):
                connection.sendall(GOOD)
                assert status(connection.recv(65536)) == 200
            began = time.monotonic()
            assert connection.recv(65536) == b""  # closed, without a word

    assert time.monotonic() - began >= 0.15


def test_several_requests_go_over_one_connection(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=5) as connection:
        for _ in range(3):
            connection.sendall(GOOD)
            received = b""
            while not (b"\r\n\r\n" in received and _complete(received)):
                received += connection.recv(65536)
            assert status(received) == 200


@pytest.mark.parametrize(
    "tail",
    [
        "X-HTTP-Method-Override: DELETE\r\nContent-Length: 0\r\n\r\n",
        "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["override", "continue", "upgrade"],
)
def test_header_that_means_nothing_here_changes_nothing(address: tuple[str, int], tail: str) -> None:
    received = exchange(address, CANCEL.format("pj-000000000000").encode() + tail.encode())

    assert b" 404 " in received.split(b"\r\n\r\n", 1)[0] + received.split(b"\r\n\r\n", 1)[-1]


@pytest.mark.parametrize(
    "path",
    [
        "/example/v1/./jobs",
        "/example/v1/jobs/../jobs",
        "//example/v1/jobs",
        "/example/v1//jobs",
        "/example/v1/jobs/",
        "/EXAMPLE/v1/jobs",
        "*",
    ],
)
def test_path_that_only_looks_like_an_operation_is_none(address: tuple[str, int], path: str) -> None:
    raw = GOOD.replace(b"/example/v1/jobs", path.encode())

    assert status(exchange(address, raw)) in (400, 404)


def test_fault_drops_the_connection_after_the_effect() -> None:
    mock = build(Settings(systems=("example",), clock="virtual", scenario="empty"))
    id = mock.sites["example"].parts.model.place("QUEUED", {}, "morning-post")
    request = CANCEL.format(id).encode() + b"Content-Length: 0\r\n\r\n"

    with served(mock) as url:
        host, port = url.removeprefix("http://").split(":")
        put_faults(url, '{"faults": [{"kind": "drop_after", "operation": "cancel_job", "nth": 1}]}')
        assert exchange((host, int(port)), request) == b""

    assert mock.sites["example"].parts.model.resource(id).state == "CANCELLED"


def test_fault_cuts_a_body_short() -> None:
    mock = build(Settings(systems=("example",), clock="virtual"))

    with served(mock) as url:
        host, port = url.removeprefix("http://").split(":")
        put_faults(url, '{"faults": [{"kind": "truncated_body", "bytes": 10}]}')
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(GOOD)
            received = b"".join(iter(lambda: connection.recv(65536), b""))

    head, _, body = received.partition(b"\r\n\r\n")
    assert int(re.search(rb"Content-Length: (\d+)", head)[1]) > len(body)  # type: ignore[index]
    assert len(body) <= 10


def put_faults(url: str, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/__mock__/faults", body.encode(), headers, method="PUT")
    urllib.request.urlopen(request).close()


@contextmanager
def process(*arguments: str) -> Iterator[Any]:
    """A mock as users start it. Gives the process and its URL."""
    command = [sys.executable, "-m", "mockserver", "serve", *arguments, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout
        try:
            yield started, started.stdout.readline().removeprefix("mockserver ready: ").strip()
        finally:
            started.kill()


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_signal_lets_requests_finish_and_is_no_failure(signal_number: int) -> None:
    with process("example") as (started, url):
        put_faults(url, '{"faults": [{"kind": "latency", "seconds": 0.5}]}')
        answers: list[int] = []
        request = urllib.request.Request(f"{url}/example/v1/jobs", headers={"Authorization": "Bearer paperboy-owner"})
        under_way = threading.Thread(target=lambda: answers.append(urllib.request.urlopen(request).status))
        under_way.start()
        while '"struck":1' not in urllib.request.urlopen(f"{url}/__mock__/faults").read().decode():
            pass
        started.send_signal(signal_number)
        rest, errors = started.communicate(timeout=10)
        under_way.join()

    assert (started.returncode, answers, rest, errors) == (0, [200], "", "")


def test_self_signed_certificate_serves_https() -> None:
    with process("example", "--tls-self-signed") as (_, url):
        assert url.startswith("https://127.0.0.1:")
        pem = ssl.get_server_certificate(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        context = ssl.create_default_context(cadata=pem)
        answer = urllib.request.urlopen(f"{url}/__mock__/health", context=context)

    assert answer.status == 200


def test_access_log_has_a_line_per_request() -> None:
    with process("example", "--access-log") as (started, url):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{url}/example/v1/jobs?token=sesame")
        refused.value.close()
        started.terminate()
        _, errors = started.communicate(timeout=10)

    assert re.search(r'127\.0\.0\.1 example "GET /example/v1/jobs\?token=\*\*\*" 401 \d+\.\d ms', errors)


def test_requests_leave_no_rubbish_that_only_a_collector_finds(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=5) as connection:
        gc.collect()
        gc.disable()
        try:
            for _ in range(20):
                connection.sendall(GOOD)
                assert status(connection.recv(65536)) == 200
            found = gc.collect()
        finally:
            gc.enable()

    assert found < 100  # less than a connection's own, and far less than 20 requests that point to themselves
