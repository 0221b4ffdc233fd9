"""Still more ways to be wrong: what caches, copies, queues, frameworks and half-done refusals do to a cancel."""

from __future__ import annotations

import json
import re
import select
import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from tests.independent.doors import (
    Door,
    Inside,
    _acts_although,
    _asks_to_cancel,
    _claims_to_be,
    _errors,
    _lists,
    _reads_as_of,
    _with_texts,
)
from tests.independent.kit import Job, Request, Response, Vendor

SLIP = 7200.0  # seconds: a time zone forgotten
PAGES = (("page", "per_page"), ("pageNum", "itemsPerPage"))


def signed_as(vendor: Vendor, request: Request, user: str) -> Request:
    """The same request with good credentials of a user."""
    if vendor.scheme == "bearer":
        return replace(request, headers={**request.headers, "authorization": f"Bearer {vendor.users[user]}"})
    nonce = vendor.digest.challenge().partition('nonce="')[2].partition('"')[0]
    method, target = request.signed
    response = vendor.digest._expected({"nonce": nonce, "uri": target}, user, method)
    header = f'Digest username="{user}", nonce="{nonce}", uri="{target}", response="{response}"'
    return replace(request, headers={**request.headers, "authorization": header})


def _kept(vendor: Vendor, name: str) -> dict[Any, Any]:
    """What a door remembers."""
    kept: dict[Any, Any] = vars(vendor).setdefault(f"kept_{name}", {})
    return kept


def _ended_well(vendor: Vendor) -> str:
    return next(each for each in vendor.ends.split() if each in ("ready", "DEPLOYED", "SUCCESS", "Finished"))


# -- who is who ----------------------------------------------------------------------------------------------------


def _connection_stays_logged_in(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Whoever came by a connection first is taken for the sender of all that follows on it."""
    by = _kept(vendor, "connections")
    key = id(request.socket)
    response = inside(request)
    if response.status < 300 and "authorization" in request.headers:
        by[key] = (request.socket, _claims_to_be(vendor, request))
    known = by.get(key)
    if response.status == 401 and known and known[0] is request.socket:
        return inside(signed_as(vendor, request, known[1]))
    return response


def _cache_for_all(seconds: float, *, emptied: bool) -> Door:
    """Replies to GET are kept for whoever asks for the same address."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        cache = _kept(vendor, "cache")
        if request.method != "GET":
            response = inside(request)
            if emptied and response.status < 300:
                cache.clear()
            return response
        at, kept = cache.get(request.target, (0.0, None))
        if kept is not None and time.time() - at < seconds and inside(request).status != 401:
            return replace(kept)
        response = inside(request)
        if response.status == 200:
            cache[request.target] = (time.time(), replace(response))
        return response

    return door


def _strangers_see_ended(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Rights are looked up for what runs only."""
    ended = any(job.state not in vendor.cancellable and job.tenant == "ours" for job in vendor.named(request))
    if request.method == "GET" and ended and _claims_to_be(vendor, request) == "stranger":
        return inside(signed_as(vendor, request, "owner"))
    return inside(request)


def _strangers_list_ended(vendor: Vendor, inside: Inside, request: Request) -> Response:
    response = inside(request)
    stranger = _claims_to_be(vendor, request) == "stranger"
    if request.method == "GET" and stranger and not vendor.named(request) and response.status == 200:
        name = next(n for n in ("results", "resources", "items") if n in response.body)
        ended = [job for job in vendor.jobs.values() if job.state.upper().startswith("CANCEL") and job.tenant == "ours"]
        response.body[name] += [vendor.show(job) for job in ended]  # type: ignore[attr-defined]
    return response


# -- caches and copies ---------------------------------------------------------------------------------------------


def _tag_of_the_first_day(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """A job's ETag never changes; who asks with it is told that nothing has."""
    response = inside(request)
    jobs = vendor.named(request)
    if request.method != "GET" or response.status != 200 or len(jobs) != 1:
        return response
    tag = f'"{jobs[0].id}"'
    if request.headers.get("if-none-match") == tag:
        return Response(304, None, {"ETag": tag})
    response.headers["ETag"] = tag
    return response


def _fresh_once(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """The first read after a cancel is fresh; the next ones, for a second, are from before."""
    reads = _kept(vendor, "reads")
    cancelled = _asks_to_cancel(vendor, request)
    before = {job.id: list(job.moments) for job in cancelled}
    response = inside(request)
    for job in cancelled if response.status < 300 else ():
        reads[job.id] = [time.time(), 0, before[job.id]]
    for job in vendor.named(request) if request.method == "GET" else ():
        entry = reads.get(job.id)
        if entry and time.time() - entry[0] < 1.0:
            entry[1] += 1
            if entry[1] > 1:
                now, job.moments = job.moments, entry[2]
                try:
                    return inside(request)
                finally:
                    job.moments = now
    return response


def _every_other_copy_lags(vendor: Vendor, inside: Inside, request: Request) -> Response:
    count = _kept(vendor, "count")
    count["n"] = count.get("n", 0) + 1
    door = _reads_as_of(1.0, lambda v, r: count["n"] % 2 == 0)
    return door(vendor, inside, request)


def _commits_after_reply(vendor: Vendor, inside: Inside, request: Request) -> Response:
    jobs = _asks_to_cancel(vendor, request)
    before = {job.id: list(job.moments) for job in jobs}
    response = inside(request)
    for job in jobs if response.status < 300 else ():
        after, job.moments = job.moments, before[job.id]
        threading.Timer(0.05, setattr, [job, "moments", after]).start()
    return response


def _same_post_same_reply(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """A proxy answers a POST to the same address from memory for a second."""
    cache = _kept(vendor, "posts")
    if not vendor.is_cancel(request):
        return inside(request)
    key = (request.method, request.target, _claims_to_be(vendor, request))
    at, kept = cache.get(key, (0.0, None))
    if kept is not None and time.time() - at < 1.0:
        return replace(kept)
    response = inside(request)
    cache[key] = (time.time(), replace(response)) if response.status < 300 else (0.0, None)
    return response


# -- one id and another --------------------------------------------------------------------------------------------


def _other_id(vendor: Vendor, text: str) -> Job | None:
    return next((job for id, job in list(vendor.jobs.items()) if id in unquote(text)), None)


def _query_id_wins(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Parameters are merged: an id in the query takes the place of the one in path or body."""
    path, _, query = request.target.partition("?")
    other = _other_id(vendor, query)
    named = _other_id(vendor, path) or _other_id(vendor, request.body.decode("utf-8", "replace"))
    if not other or not named or not vendor.is_cancel(request):
        return inside(request)
    body = request.body.replace(named.id.encode(), other.id.encode())
    return inside(replace(request, target=path.replace(named.id, other.id), body=body))


def _body_id_wins(vendor: Vendor, inside: Inside, request: Request) -> Response:
    path = request.target.partition("?")[0]
    named, other = _other_id(vendor, path), _other_id(vendor, request.body.decode("utf-8", "replace"))
    if not other or not named or not vendor.is_cancel(request):
        return inside(request)
    return inside(replace(request, target=request.target.replace(named.id, other.id)))


def _normal_letters(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Wide digits and letters count as plain ones."""
    path, mark, query = request.target.partition("?")
    plain = unicodedata.normalize("NFKC", unquote(path))
    body = unicodedata.normalize("NFKC", request.body.decode("unicode_escape", "replace")) if request.body else ""
    wide = plain != unquote(path) and plain.isascii() and _other_id(vendor, plain)
    if wide:
        return inside(replace(request, target=plain + mark + query))
    if "\\u" in request.body.decode("utf-8", "replace") and body.isascii() and _other_id(vendor, body):
        return inside(replace(request, body=body.encode()))
    return inside(request)


def _several_ids(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Ids with a comma between are each taken; the reply is about the last."""
    text = unquote(request.target) + request.body.decode("utf-8", "replace")
    for id in list(vendor.jobs):
        if f"{id},{id}" in text:
            target = unquote(request.target).replace(f"{id},{id}", id)
            return inside(
                replace(request, target=target, body=request.body.replace(f"{id},{id}".encode(), id.encode()))
            )
    return inside(request)


def _other_case_refused_but_done(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """The database that writes takes capital letters for small ones; the code that reads does not."""
    text = unquote(request.target) + request.body.decode("utf-8", "replace")
    response = inside(request)
    for id, job in list(vendor.jobs.items()):
        if id not in text and id in text.lower() and vendor.is_cancel(request) and job.state in vendor.cancellable:
            vendor.do_cancel(job)
            return vendor.refuse("unknown").response
    return response


def _decodes_twice(vendor: Vendor, inside: Inside, request: Request) -> Response:
    path, mark, query = request.target.partition("?")
    if "%25" in path:
        return inside(replace(request, target=unquote(unquote(path)) + mark + query))
    return inside(request)


# -- refusals that come after the deed -----------------------------------------------------------------------------


def _refuses(status: int, when: Callable[[Request], bool]) -> Door:
    """Requests of a kind are carried out and then refused."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        response = inside(request)
        if response.status < 300 and vendor.is_cancel(request) and when(request):
            refused = vendor.refuse("unknown").response
            return replace(refused, status=status)
        return response

    return door


def _wants_no_json(request: Request) -> bool:
    return not re.search(r"json|\*/\*", request.headers.get("accept", "*/*"))


def _of_another_type(request: Request) -> bool:
    return bool(request.body) and "json" not in request.headers.get("content-type", "json")


def _text(vendor: Vendor, request: Request, response: Response) -> bool:
    """The owner's cancel with a whole body of another type."""
    return vendor.is_cancel(request) and _of_another_type(request) and _claims_to_be(vendor, request) == "owner"


def _cut_short(vendor: Vendor, request: Request, response: Response) -> bool:
    """The owner's cancel with a body that is cut short: it was read as far as it goes."""
    cut = request.body.startswith(b"{") and not request.body.rstrip().endswith(b"}")
    whose = _claims_to_be(vendor, request)
    return response.status == 400 and cut and vendor.is_cancel(request) and whose == "owner"


def _bad_query(vendor: Vendor, request: Request, response: Response) -> bool:
    """A cancel with a flag that is none."""
    bad = any(v not in ("true", "false") for k, v in request.query.items() if k in ("pretty", "envelope"))
    return response.status == 400 and bad and vendor.is_cancel(request)


def _locks_for(seconds: float) -> Door:
    """A job whose cancel was refused to somebody is busy for a while."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        locked = _kept(vendor, "locks")
        jobs = _asks_to_cancel(vendor, request)
        if any(time.time() < locked.get(job.id, 0) for job in jobs) and _claims_to_be(vendor, request) == "owner":
            return vendor.refuse("wrong_state", state="FINISHED", job=jobs[0]).response
        response = inside(request)
        if response.status >= 400:
            locked.update({job.id: time.time() + seconds for job in jobs})
        return response

    return door


def _gives_in(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """A second cancel of a job that has ended is answered as a success."""
    asked = _kept(vendor, "asked")
    jobs = [job for job in vendor.named(request) if vendor.is_cancel(request) and job.state not in vendor.cancellable]
    response = inside(request)
    if response.status < 400 or not jobs or _claims_to_be(vendor, request) != "owner":
        return response
    ended_well = jobs[0].state.upper() in ("FINISHED", "SUCCESS", "DEPLOYED", "FAILED", "EXPIRED", "SUPERSEDED")
    count = asked[jobs[0].id] = asked.get(jobs[0].id, 0) + 1
    if ended_well and count > 1 and response.status in (400, 409, 422):
        return Response(204) if vendor.cancel_method == "DELETE" else Response(200, _shown(vendor, jobs[0]))
    return response


def _shown(vendor: Vendor, job: Job) -> Any:
    name = type(vendor).__name__
    return vendor.show(job) if name == "PermissionAssist" else {} if name == "OpsManager" else None  # type: ignore[attr-defined]


# -- methods -------------------------------------------------------------------------------------------------------


def _method_in_form(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Rack's MethodOverride: a POST may say another method in a form."""
    if request.method == "POST" and "form" in request.headers.get("content-type", ""):
        wanted = parse_qs(request.body.decode("utf-8", "replace")).get("_method", [""])[0].upper()
        if wanted:
            return inside(replace(request, method=wanted, body=b""))
    return inside(request)


def _method_in_query_of_post(vendor: Vendor, inside: Inside, request: Request) -> Response:
    wanted = parse_qs(urlsplit(request.target).query).get("_method", [""])[0].upper()
    if request.method == "POST" and wanted:
        return inside(replace(request, method=wanted, target=request.target.partition("?")[0]))
    return inside(request)


# -- what comes afterwards -----------------------------------------------------------------------------------------


def _ends_after_all(seconds: float) -> Door:
    """The worker was not told, and writes its result over the cancel."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        jobs = _asks_to_cancel(vendor, request)
        response = inside(request)
        for job in jobs if response.status < 300 else ():
            job.moments.append((time.time() + seconds, _ended_well(vendor)))
        return response

    return door


def _takes_another_later(vendor: Vendor, inside: Inside, request: Request) -> Response:
    jobs = _asks_to_cancel(vendor, request)
    response = inside(request)
    others = [job for job in vendor.jobs.values() if job.state in vendor.cancellable and job.tenant == "ours"]
    if jobs and response.status < 300 and others:
        threading.Timer(0.4, vendor.do_cancel, [others[0]]).start()
    return response


def _takes_its_second(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Rows are found by the second they were made in."""
    jobs = _asks_to_cancel(vendor, request)
    response = inside(request)
    for job in jobs if response.status < 300 else ():
        for other in list(vendor.jobs.values()):
            same = int(other.moments[0][0]) == int(job.moments[0][0]) and other.tenant == job.tenant
            if same and other is not job and other.state in vendor.cancellable:
                vendor.do_cancel(other)
    return response


def _is_gone(request: Request) -> bool:
    """Whether whoever asked has hung up."""
    if request.socket is None or not select.select([request.socket], [], [], 0.01)[0]:
        return False
    try:
        return request.socket.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def _hang_up_sticks(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """What a cancel started does not go on once its sender has gone: the job stays where it was led first."""
    jobs = _asks_to_cancel(vendor, request)
    response = inside(request)
    if jobs and response.status < 300 and _is_gone(request):
        for job in jobs:
            job.moments = job.past()
    return response


def _race_sticks(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Cancels that meet leave the job where they led it first."""
    if not vendor.is_cancel(request):
        return inside(request)
    busy = _kept(vendor, "busy")
    jobs = vendor.named(request)
    for job in jobs:
        busy[job.id] = busy.get(job.id, 0) + 1
    time.sleep(0.02)
    response = inside(request)
    for job in jobs:
        if busy[job.id] > 1:
            job.moments = job.past()
        threading.Timer(0.05, lambda id=job.id: busy.update({id: busy[id] - 1})).start()
    return response


def _deleted_still_there(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """What was deleted is hidden from reads only."""
    hidden = _kept(vendor, "hidden")
    if vendor.is_cancel(request):
        for id, job in hidden.items():
            if id in request.target and _claims_to_be(vendor, request) == "owner":
                return vendor.refuse("wrong_state", state=job.state, job=job).response
    jobs = vendor.named(request)
    response = inside(request)
    if request.method == "DELETE" and response.status < 300:
        hidden.update({job.id: job for job in jobs if job.id not in vendor.jobs})
    return response


# -- times ---------------------------------------------------------------------------------------------------------


def _begins_anew(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """The row is written whole: its beginning is dated anew."""
    jobs = _asks_to_cancel(vendor, request)
    response = inside(request)
    for job in jobs if response.status < 300 else ():
        now = time.time()
        job.moments = [(now, job.moments[0][1]), *((max(at, now), state) for at, state in job.moments[1:])]
    return response


def _times(names: str, change: Callable[[str, Job], str]) -> Door:
    """Times of cancelled jobs changed in single reads."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        response = inside(request)
        jobs = vendor.named(request)
        if len(jobs) != 1 or not jobs[0].state.upper().startswith("CANCEL") or not isinstance(response.body, dict):
            return response
        text = json.dumps(response.body)
        text = re.sub(rf'"({names})": "([^"]+)"', lambda m: f'"{m[1]}": "{change(m[2], jobs[0])}"', text)
        return replace(response, body=json.loads(text))

    return door


def _slipped(text: str, job: Job) -> str:
    at = time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone + SLIP
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _of_old(text: str, job: Job) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(job.moments[0][0]))


# -- lists ---------------------------------------------------------------------------------------------------------


def _pages(step: int) -> Door:
    """Where a page begins is counted wrongly."""

    def door(vendor: Vendor, inside: Inside, request: Request) -> Response:
        path, _, _ = request.target.partition("?")
        query = request.query
        names = next((pair for pair in PAGES if pair[0] in query), None)
        if request.method != "GET" or names is None or vendor.named(request) or not query[names[0]].isdigit():
            return inside(request)
        page, size = int(query[names[0]]), query.get(names[1], "50")
        if page < 2 or not size.isdigit() or not 0 < int(size) <= 500:
            return inside(request)
        whole = inside(replace(request, target=f"{path}?{urlencode({**query, names[0]: 1, names[1]: 500})}"))
        name = next((n for n in ("results", "resources") if n in (whole.body or {})), None)
        if name:
            start = (page - 1) * (int(size) + step)
            whole.body[name] = whole.body[name][start:][: int(size)]
        return whole

    return door


def _counts_what_runs(body: dict[str, Any], name: str) -> None:
    for holder in (body, body.get("pagination", {})):
        for total in holder.keys() & {"totalCount", "total_results"}:
            ended = [
                item for item in body[name] if re.search(r'cancell?ed": true|: "CANCELL?ED"', json.dumps(item), re.I)
            ]
            holder[total] -= len(ended)


def _filters_by_the_old(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """The index that filters by state does not hear of cancels."""
    if request.method != "GET" or not re.search(r"stat(es|us)", urlsplit(request.target).query):
        return inside(request)
    now = {job.id: job.moments for job in vendor.jobs.values()}
    for job in vendor.jobs.values():
        job.moments = [m for m in job.moments if not m[1].upper().startswith("CANCEL")] or job.moments
    try:
        return inside(request)
    finally:
        for id, moments in now.items():
            vendor.jobs[id].moments = moments


# -- frailty -------------------------------------------------------------------------------------------------------


def _breaks_at_big_numbers(vendor: Vendor, inside: Inside, request: Request) -> Response:
    text = unquote(request.target) + request.body.decode("utf-8", "replace")
    if re.search(r"(?<![\w-])\d{19,22}(?![\w-])", text):
        return vendor.refuse("crash").response
    return inside(request)


def _unchanged_unasked(vendor: Vendor, inside: Inside, request: Request) -> Response:
    """Nobody asked with a condition, and is told that nothing has changed."""
    seen = _kept(vendor, "seen")
    response = inside(request)
    if request.method != "GET" or response.status != 200 or len(vendor.named(request)) != 1:
        return response
    body = json.dumps(response.body)
    if seen.get(request.target) == body:
        return Response(304)
    seen[request.target] = body
    return response


GATES: Mapping[str, Door] = {
    "connection_stays_logged_in": _connection_stays_logged_in,
    "cache_for_all": _cache_for_all(1.5, emptied=True),
    "cache_for_a_second": _cache_for_all(1.0, emptied=False),
    "strangers_see_ended": _strangers_see_ended,
    "strangers_list_ended": _strangers_list_ended,
    "tag_of_the_first_day": _tag_of_the_first_day,
    "fresh_once": _fresh_once,
    "every_other_copy_lags": _every_other_copy_lags,
    "commits_after_reply": _commits_after_reply,
    "same_post_same_reply": _same_post_same_reply,
    "query_id_wins": _query_id_wins,
    "body_id_wins": _body_id_wins,
    "normal_letters": _normal_letters,
    "several_ids": _several_ids,
    "other_case_refused_but_done": _other_case_refused_but_done,
    "decodes_twice": _decodes_twice,
    "not_acceptable_after_all": _refuses(406, _wants_no_json),
    "precondition_fails_after_all": _refuses(412, lambda request: "if-match" in request.headers),
    "expectation_fails_after_all": _refuses(417, lambda request: "expect" in request.headers),
    "text_acts": _acts_although(_text),
    "cut_short_acts": _acts_although(_cut_short),
    "bad_query_acts": _acts_although(_bad_query),
    "refusal_locks_for_a_while": _locks_for(3.0),
    "refusal_locks_briefly": _locks_for(0.3),
    "gives_in": _gives_in,
    "method_in_form": _method_in_form,
    "method_in_query_of_post": _method_in_query_of_post,
    "ends_after_all_soon": _ends_after_all(0.5),
    "ends_after_all_later": _ends_after_all(5.0),
    "takes_another_later": _takes_another_later,
    "takes_its_second": _takes_its_second,
    "errors_in_ruby": _errors(_with_texts(r'(?<="(?:detail)": ")[^"]*', "undefined method `cancel' for nil:NilClass")),
    "hang_up_sticks": _hang_up_sticks,
    "race_sticks": _race_sticks,
    "deleted_still_there": _deleted_still_there,
    "begins_anew": _begins_anew,
    "times_slip": _times("last_status_change|updated_at|buildEnd", _slipped),
    "update_is_not_dated": _times("updated_at", _of_old),
    "change_is_not_dated": _times("last_status_change", _of_old),
    "pages_overlap": _pages(-1),
    "pages_skip": _pages(1),
    "counts_what_runs": _lists(_counts_what_runs),
    "filters_by_the_old": _filters_by_the_old,
    "breaks_at_big_numbers": _breaks_at_big_numbers,
    "unchanged_unasked": _unchanged_unasked,
    "bad_query_acts_for_any": _acts_although(lambda v, request, r: r.status == 400 and "?" in request.target),
}
