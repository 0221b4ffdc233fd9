"""More ways to be wrong, for any of the four servers: each stands at the door and bends what comes in or goes out."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.independent.kit import Job, Request, Response, Vendor

Inside = Callable[[Request], Response]
Door = Callable[[Vendor, Inside, Request], Response]


def bent(vendor: Vendor, inside: Inside, doors: Mapping[str, Door]) -> Inside:
    """The vendor behind every door that its bugs name."""
    for name in sorted(vendor.bugs & doors.keys()):
        inside = _behind(doors[name], vendor, inside)
    return inside


def _behind(door: Door, vendor: Vendor, inside: Inside) -> Inside:
    return lambda request: door(vendor, inside, request)


def _asks_to_cancel(vendor: Vendor, request: Request) -> list[Job]:
    """The running jobs that a request wants cancelled."""
    return [job for job in vendor.named(request) if vendor.is_cancel(request) and job.state in vendor.cancellable]


def _claims_to_be(vendor: Vendor, request: Request) -> str:
    """Who a request says it is from, unchecked."""
    header = request.headers.get("authorization", "")
    told = re.search(r'username="(\w+)"', header)
    return told[1] if told else next((name for name, token in vendor.users.items() if token in header), "")


def _as_owner(vendor: Vendor, request: Request) -> Request:
    """The same request with the owner's token (bearer only)."""
    return replace(request, headers={**request.headers, "authorization": f"Bearer {vendor.users['owner']}"})


# -- refusals that are none ----------------------------------------------------------------------------------------


def _acts_although(kind: Callable[[Vendor, Request, Response], bool], seconds: float = 0.0) -> Door:
    """Cancels of some kind are refused, and done all the same, maybe a little later."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        jobs = _asks_to_cancel(vendor, replace(request, method=vendor.cancel_method))
        response = inside(request)
        if response.status >= 400 and kind(vendor, request, response):
            for job in jobs:
                threading.Timer(seconds, vendor.do_cancel, [job]).start() if seconds else vendor.do_cancel(job)
        return response

    return door


def _from(user: str) -> Callable[[Vendor, Request, Response], bool]:
    return lambda vendor, request, response: _claims_to_be(vendor, request) == user


def _locks(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """A job whose cancel was refused to somebody can be cancelled by nobody from then on."""
    locked: set[str] = vars(vendor).setdefault("locked", set())
    jobs = _asks_to_cancel(vendor, request)
    if any(job.id in locked for job in jobs) and _claims_to_be(vendor, request) == "owner":
        return vendor.refuse("wrong_state", state="FINISHED", job=jobs[0]).response
    response = inside(request)
    if response.status in (401, 403, 404) and "authorization" in request.headers:
        locked.update(job.id for job in jobs if _claims_to_be(vendor, request) in ("reader", "stranger"))
    return response


# -- cancels that go astray ----------------------------------------------------------------------------------------


def _ignores_every_third(vendor: Vendor, inside: Inside, request: Request) -> Response:
    before = {job.id: list(job.moments) for job in _asks_to_cancel(vendor, request)}
    response = inside(request)
    if before and response.status < 300:
        count = vars(vendor)["accepted"] = vars(vendor).get("accepted", 0) + 1
        for id, moments in before.items():
            if count % 3 == 0:
                vendor.jobs[id].moments = moments
    return response


def _cancels_the_next(vendor: Vendor, inside: Inside, request: Request) -> Response:
    known = set(vendor.jobs)
    cancels = bool(_asks_to_cancel(vendor, request))
    response = inside(request)
    for id in set(vendor.jobs) - known:
        if vars(vendor).pop("due", False):
            vendor.do_cancel(vendor.jobs[id])
    if cancels and response.status < 300:
        vars(vendor)["due"] = True
    return response


def _cancels_a_stranger(vendor: Vendor, inside: Inside, request: Request) -> Response:
    cancels = bool(_asks_to_cancel(vendor, request))
    response = inside(request)
    theirs = [job for job in vendor.jobs.values() if job.tenant == "theirs" and job.state in vendor.cancellable]
    if cancels and response.status < 300 and theirs:
        vendor.do_cancel(theirs[0])
    return response


def _unknown_takes_the_newest(vendor: Vendor, inside: Inside, request: Request) -> Response:
    response = inside(request)
    owner = _claims_to_be(vendor, request) == "owner"
    if vendor.is_cancel(request) and response.status == 404 and owner and not vendor.named(request):
        vendor.do_cancel([job for job in vendor.jobs.values() if job.state in vendor.cancellable][-1])
    return response


def _looks_at_ids(find: Callable[[str, str], bool]) -> Door:
    """A path's last id that is nearly a job's is taken for it."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        for part in urlsplit(request.target).path.split("/"):
            for id in list(vendor.jobs):
                if part != id and part and find(unquote(part), id):
                    return inside(replace(request, target=request.target.replace(part, id)))
        return inside(request)

    return door


def _method_in_query(vendor: Vendor, inside: Inside, request: Request) -> Response:
    wanted = parse_qs(urlsplit(request.target).query).get("_method", [request.method])[0]
    path = request.target.partition("?")[0] if "_method" in request.target else request.target
    return inside(replace(request, method=wanted.upper(), target=path))


# -- reads that are late -------------------------------------------------------------------------------------------


def _reads_as_of(seconds: float, wanted: Callable[[Vendor, Request], bool]) -> Door:
    """What is read is some time old."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        if request.method != "GET" or not wanted(vendor, request):
            return inside(request)
        with vendor.lock:
            now = {job.id: job.moments for job in vendor.jobs.values()}
            for job in vendor.jobs.values():
                job.moments = [(at + seconds, state) for at, state in job.moments]
            try:
                return inside(request)
            finally:
                for id, moments in now.items():
                    vendor.jobs[id].moments = moments

    return door


def _flaps(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Every fifth read of a cancelled job shows the state before its end."""
    jobs = [job for job in vendor.named(request) if request.method == "GET" and job.state.upper().startswith("CANCEL")]
    count = vars(vendor)["reads"] = vars(vendor).get("reads", 0) + len(jobs)
    if jobs and count % 5 == 0 and len(jobs[0].past()) > 1:
        whole, jobs[0].moments = jobs[0].moments, jobs[0].past()[:-1]
        try:
            return inside(request)
        finally:
            jobs[0].moments = whole
    return inside(request)


# -- credentials ---------------------------------------------------------------------------------------------------


def _open_to_get(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Reading needs no credentials (bearer only)."""
    if request.method == "GET" and "authorization" not in request.headers and vendor.scheme == "bearer":
        return inside(_as_owner(vendor, request))
    return inside(request)


def _takes_tokens_that(fit: Callable[[str, str], bool]) -> Door:
    """A careless look at tokens (bearer only)."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if vendor.scheme == "bearer" and given not in vendor.users.values() and fit(given, vendor.users["owner"]):
            return inside(_as_owner(vendor, request))
        return inside(request)

    return door


def _same_nonce(vendor: Vendor, inside: Inside, request: Request) -> Response:
    response = inside(request)
    if "WWW-Authenticate" in response.headers:
        vendor.digest.nonces["c2FtZQ=="] = (time.time(), 0)
        response.headers["WWW-Authenticate"] = re.sub(
            r'nonce="[^"]*"', 'nonce="c2FtZQ=="', response.headers["WWW-Authenticate"]
        )
    return response


def _says(status: int, instead_of: int) -> Door:
    """One status in the place of another, with the same body."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        response = inside(request)
        return replace(response, status=status) if response.status == instead_of else response

    return door


# -- bodies --------------------------------------------------------------------------------------------------------


def _errors(change: Callable[[Request, Any], Any]) -> Door:
    """Error bodies changed."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        response = inside(request)
        return replace(response, body=change(request, response.body)) if response.status >= 400 else response

    return door


def _with_numbers(change: Callable[[int], Any], names: str) -> Callable[[Request, Any], Any]:
    """A change of every number that has one of these names."""

    def changed(request: Request, body: Any) -> Any:
        text = json.dumps(body)
        return json.loads(re.sub(rf'"({names})": (\d+)', lambda m: f'"{m[1]}": {json.dumps(change(int(m[2])))}', text))

    return changed


def _with_texts(pattern: str, text: str) -> Callable[[Request, Any], Any]:
    return lambda request, body: json.loads(re.sub(pattern, text, json.dumps(body)))


def _repeats_credentials(request: Request, body: Any) -> Any:
    header = request.headers.get("authorization", "").replace('"', "'")
    return json.loads(re.sub(r'"(detail|message)": "[^"]*"', lambda m: f'"{m[1]}": "{header}"', json.dumps(body)))


def _lists(change: Callable[[dict[str, Any], str], None]) -> Door:
    """Lists changed: they are known by the array they hold."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        response = inside(request)
        body: Any = json.loads(response.body) if isinstance(response.body, str) else response.body
        name = next((n for n in ("results", "resources", "items") if isinstance(body, dict) and n in body), None)
        if name and response.status == 200:
            change(body, name)
            return replace(response, body=body)
        return response

    return door


def _twice(body: dict[str, Any], name: str) -> None:
    body[name] += body[name][:1]


def _miscounted(body: dict[str, Any], name: str) -> None:
    for holder in (body, body.get("pagination", {})):
        for total in holder.keys() & {"totalCount", "total_results"}:
            holder[total] += 1


# -- frailty -------------------------------------------------------------------------------------------------------


def _breaks_at(odd: Callable[[Request], bool], seconds: float = 0.0) -> Door:
    """Some requests are too much: a 500, after some time."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        if odd(request):
            time.sleep(seconds)
            return vendor.refuse("crash").response
        return inside(request)

    return door


def _is_no_json(request: Request) -> bool:
    try:
        json.loads(request.body or b"{}")
    except ValueError:
        return True
    return False


def _breaks_under_load(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Cancels that meet are answered 500 but for one."""
    if not vendor.is_cancel(request):
        return inside(request)
    busy: threading.Lock = vars(vendor).setdefault("busy", threading.Lock())
    if not busy.acquire(blocking=False):
        return vendor.refuse("crash").response
    try:
        time.sleep(0.02)
        return inside(request)
    finally:
        busy.release()


def _is_list(vendor: Vendor, request: Request) -> bool:
    return not vendor.named(request)


def _names_one(vendor: Vendor, request: Request) -> bool:
    return bool(vendor.named(request))


DOORS: Mapping[str, Door] = {
    "refused_but_done_for_reader": _acts_although(_from("reader")),
    "refused_but_done_for_stranger": _acts_although(_from("stranger")),
    "refused_but_done_later": _acts_although(lambda v, request, r: "authorization" not in request.headers, 2.0),
    "wrong_method_acts": _acts_although(lambda v, request, r: request.method == "PUT"),
    "bad_body_acts": _acts_although(lambda v, request, r: _is_no_json(request)),
    "refusal_locks": _locks,
    "ignores_every_third": _ignores_every_third,
    "cancels_the_next": _cancels_the_next,
    "cancels_a_stranger": _cancels_a_stranger,
    "unknown_takes_the_newest": _unknown_takes_the_newest,
    "ids_by_prefix": _looks_at_ids(lambda given, id: len(given) > 6 and id.startswith(given)),
    "ids_by_end": _looks_at_ids(lambda given, id: given.endswith(id)),
    "ids_trimmed": _looks_at_ids(lambda given, id: given.strip() == id),
    "method_in_query": _method_in_query,
    "list_is_late": _reads_as_of(2.0, _is_list),
    "read_is_late": _reads_as_of(1.0, _names_one),
    "flaps": _flaps,
    "reads_are_open": _open_to_get,
    "tokens_by_prefix": _takes_tokens_that(lambda given, token: len(given) > 8 and token.startswith(given)),
    "tokens_by_start": _takes_tokens_that(lambda given, token: given.startswith(token)),
    "tokens_any_case": _takes_tokens_that(lambda given, token: given.lower() == token),
    "tokens_any_scheme": _takes_tokens_that(lambda given, token: given.rpartition(" ")[2] == token),
    "same_nonce": _same_nonce,
    "403_for_401": _says(403, 401),
    "403_for_404": _says(403, 404),
    "400_for_404": _says(400, 404),
    "200_for_201": _says(200, 201),
    "errors_empty": _errors(lambda request, body: None),
    "errors_are_lists": _errors(lambda request, body: [body]),
    "errors_with_secrets": _errors(_repeats_credentials),
    "codes_as_other_type": _errors(_with_numbers(str, "code|error")),
    "codes_lower_case": _errors(_with_texts(r'(?<="errorCode": ")[A-Z_]+', "oops")),
    "listed_twice": _lists(_twice),
    "miscounted": _lists(_miscounted),
    "breaks_at_quotes": _breaks_at(lambda request: "'" in unquote(request.target)),
    "breaks_at_long_ids": _breaks_at(lambda request: len(request.target) > 300),
    "breaks_at_no_json": _breaks_at(_is_no_json),
    "hangs_at_no_json": _breaks_at(_is_no_json, 8.0),
    "breaks_under_load": _breaks_under_load,
}
