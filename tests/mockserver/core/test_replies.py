"""What becomes of a handler's reply: checked against the spec, dressed, sent; or answered for as a bug of ours."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.state import Conflict, Unavailable
from mockserver.system import Reply, VendorError
from specs.model import Effect

TRACE = {"X-Trace": "t"}


def answering(reply: Any) -> Any:
    return {"get_thing": lambda request: reply}


def failing(error: Any) -> Any:
    def call(request):
        raise error

    return {"get_thing": call}


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (Reply(200, {}, {}), "get_thing 200: required header x-trace is missing"),
        (Reply(200, [], TRACE), 'get_thing 200: body: [] is not of type "object"'),
        (Reply(200, None, TRACE), "get_thing 200: no body, documented: application/json"),
        (Reply(200, {}, TRACE, "text/html"), "get_thing 200: media type text/html, documented: application/json"),
        (Reply(200, b"[]", TRACE), 'get_thing 200: body: [] is not of type "object"'),
        (Reply(204, {}), "get_thing 204: media type application/json, documented: no body"),
        (Reply(418, {}), "get_thing: status 418, documented: 200, 204, 400, 401, 404, 415"),
        (Reply(404, {}), 'get_thing 404: code: "code" is a required property'),
        (Reply(404, {"code": "x", "password": "y"}), "get_thing 404: password: "),
    ],
)
def test_reply_that_the_spec_does_not_allow_is_a_bug_of_ours(workshop: Any, reply: Any, complaint: Any) -> None:
    workshop.calls = answering(reply)

    answer = workshop.client()("GET", "/shop/things/abcd")

    assert answer.status_code == 501
    assert answer.headers["x-mockserver-error"].startswith(complaint)
    assert answer.json()["error"] == "mockserver"
    assert workshop.journal.entries()[-1].error.startswith(complaint)


def test_refusal_that_the_spec_does_not_allow_is_a_bug_of_ours_too(workshop: Any) -> None:
    workshop.calls = failing(VendorError(400, {"problem": "x"}))

    assert workshop.client()("GET", "/shop/things/abcd").status_code == 501


@pytest.mark.parametrize(
    "error", [RuntimeError("broken\r\nX-Evil: 1"), KeyError("é"), RecursionError()], ids=["text", "key", "silent"]
)
def test_exception_of_a_handler_is_told_in_our_words_only(workshop: Any, error: Any) -> None:
    workshop.calls = failing(error)

    answer = workshop.client()("GET", "/shop/things/abcd")

    assert answer.status_code == 501
    assert answer.headers["x-mockserver-error"].startswith(type(error).__name__)
    assert "x-evil" not in answer.headers


def test_reply_that_is_no_json_is_a_bug_of_ours(workshop: Any) -> None:
    workshop.calls = answering(Reply(200, {"at": float("nan")}, TRACE))

    assert workshop.client()("GET", "/shop/things/abcd").status_code == 501


def test_handler_without_a_reply_is_a_bug_of_ours(workshop: Any) -> None:
    workshop.calls = {"get_thing": lambda request: None}

    answer = workshop.client()("GET", "/shop/things/abcd")

    assert answer.headers["x-mockserver-error"] == "get_thing: the handler returned no reply"


def test_success_may_come_without_its_body_where_the_documents_contradict_each_other(workshop: Any) -> None:
    workshop.calls = {"cancel_thing": lambda request: Reply(200, None, TRACE)}
    assert workshop.client()("POST", "/shop/things/abcd/cancel").status_code == 501

    workshop.effects = {"cancel_thing": Effect("thing", "cancel", body_optional=True)}

    answer = workshop.client()("POST", "/shop/things/abcd/cancel")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-type" not in answer.headers


def test_dress_changes_what_is_sent_after_the_body_is_checked_and_before_the_headers_are(workshop: Any) -> None:
    workshop.calls = answering(Reply(200, {"a": 1}))
    workshop.dress = lambda reply, request: Reply(reply.status, b'{\n"a": 1}', TRACE)

    answer = workshop.client()("GET", "/shop/things/abcd")

    assert (answer.status_code, answer.content, answer.headers["x-trace"]) == (200, b'{\n"a": 1}', "t")


@pytest.mark.parametrize("path", ["/shop/nothing", "/shop/things?limit=x"])
def test_dress_is_for_refusals_too(workshop: Any, path: str) -> None:
    workshop.dress = lambda reply, request: Reply(reply.status, reply.body, {"X-Dressed": "yes"})

    assert workshop.client()("GET", path).headers["x-dressed"] == "yes"


@pytest.mark.parametrize("error", [Unavailable("disk full"), Conflict("thing 1")], ids=["unavailable", "contended"])
def test_store_that_cannot_answer_is_the_vendors_503_though_no_spec_says_so(workshop: Any, error: Any) -> None:
    workshop.calls = failing(error)

    answer = workshop.client()("GET", "/shop/things/abcd")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert workshop.journal.entries()[-1].error == ""


def test_every_reply_says_that_it_comes_from_a_mock(workshop: Any) -> None:
    client = workshop.client()
    workshop.parts.operations["get_latest"] = failing(ValueError())["get_thing"]

    paths = ("/shop/things/abcd", "/shop/things/ab", "/shop/x", "/shop/things/latest")
    answers = [client("GET", path) for path in paths]

    assert [answer.status_code for answer in answers] == [200, 400, 404, 501]
    assert all(answer.headers["x-mockserver"] for answer in answers)


@pytest.mark.parametrize(
    ("public_url", "base_url"), [("", "http://mock.example:8080"), ("https://mock.example", "https://mock.example")]
)
def test_links_begin_with_what_the_client_called_or_with_the_public_url(
    workshop: Any, public_url: str, base_url: str
) -> None:
    workshop.calls = {"get_thing": lambda request: Reply(200, {"link": request.base_url}, TRACE)}
    workshop.public_url = public_url

    answer = workshop.client(host="mock.example:8080")("GET", "/shop/things/abcd")

    assert answer.json() == {"link": base_url}


def test_handlers_that_wait_run_in_a_thread(workshop: Any) -> None:
    import threading

    threads = []
    workshop.calls = {"get_thing": lambda request: threads.append(threading.current_thread()) or Reply(200, {}, TRACE)}
    workshop.blocking = True

    workshop.client()("GET", "/shop/things/abcd")

    assert threads[0] is not threading.main_thread()
