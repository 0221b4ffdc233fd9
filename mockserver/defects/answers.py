"""Where a bug takes hold of what a system says: answers and refusals, before and after they are dressed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from mockserver.defects.calls import absent_id, id_of, job_of, naming, operation, pulls
from mockserver.defects.lives import ended_life, is_running, pretending, running_life
from mockserver.system import Call, Parts, Reply, Request, Resource, VendorError
from specs import Spec
from specs.lifecycle import MISSING, value_at

Members = dict[str, Any]
Change = Callable[[Reply, Request], Reply]
PLAIN = "text/plain"


def before_dressing(parts: Parts, change: Change) -> None:
    """Change answers and refusals before they get headers, envelope and pretty printing. Nobody checks them then."""
    dress = parts.dress
    parts.dress = lambda reply, request: dress(change(reply, request), request)


def after_dressing(parts: Parts, change: Change) -> None:
    """Have the last word on answers and refusals."""
    dress = parts.dress
    parts.dress = lambda reply, request: change(dress(reply, request), request)


def change_refusals(parts: Parts, change: Change) -> None:
    """Have the last word on refusals, but for those that ask for credentials: without them no client could go on."""

    def on_refusals(reply: Reply, request: Request) -> Reply:
        return change(reply, request) if 400 <= reply.status < 500 and reply.status != 401 else reply

    after_dressing(parts, on_refusals)


def change_shown_jobs(parts: Parts, trigger: str, change: Callable[[Members], None]) -> None:
    """Change every job that one operation's successes show."""

    def changed(reply: Reply, request: Request) -> Reply:
        if not pulls(parts, request, trigger) or reply.status >= 300 or not isinstance(reply.body, dict):
            return reply
        body = deepcopy(reply.body)
        for job in shown_jobs(parts, trigger, body):
            change(job)
        return replace(reply, body=body)

    before_dressing(parts, changed)


def shown_jobs(parts: Parts, trigger: str, body: Members) -> list[Members]:
    """The jobs that an answer to this trigger shows."""
    effect = operation(parts.spec, trigger).effect
    if effect and effect.items:
        items: list[Members] = value_at(body, effect.items)
        return items
    return [body] if value_at(body, parts.spec.cancellable.id) is not MISSING else []


def put(body: Members, dotted_path: str, value: Any) -> None:
    """Set the value at a dotted path, where there is one."""
    above, _, name = dotted_path.rpartition(".")
    holder = value_at(body, above) if above else body
    if isinstance(holder, dict):
        holder[name] = value


def representation(parts: Parts, job: Resource, request: Request) -> Members:
    """The job as the sender of a request would read it now."""
    name = operation(parts.spec, "read").operation_id
    read = replace(request, operation_id=name, path_params=dict(job.parameters), query={}, body=None)
    body: Members = deepcopy(parts.operations[name](read).body)
    return body


def shown_before(parts: Parts, request: Request) -> Members | None:
    """How a running job that its owner asks to cancel reads so far; None for any other request."""
    job, asking = job_of(parts, request), request.identity
    if job is None or asking is None or asking.name != "owner" or asking.tenant != job.tenant:
        return None
    return representation(parts, job, request) if is_running(parts.spec, job.state) else None


def data_of(reply: Reply) -> Any:
    """An answer's JSON data, also where it was already put into bytes; None where it is none."""
    if not isinstance(reply.body, bytes):
        return deepcopy(reply.body)
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


def instead(reply: Reply) -> VendorError:
    """An answer in place of a refusal."""
    return VendorError(reply.status, reply.body, reply.headers, reply.media_type)


def crash() -> VendorError:
    """What a web server says when the application behind it fell over."""
    return VendorError(500, b"Internal Server Error", media_type=PLAIN)


# The vendor's own words, used where they do not belong.


def success(parts: Parts, call: Call, request: Request, job: Resource) -> Reply | None:
    """What an accepted cancel of the job would be answered with, without cancelling it. None if it never could be."""
    lived = running_life(parts, job)
    if lived is None:
        return None
    with pretending(parts, job.id, lived):
        return call(request)


def too_late(parts: Parts, call: Call, request: Request, job: Resource) -> Reply:
    """The vendor's refusal to cancel what has ended, said of any job. Raises it."""
    with pretending(parts, job.id, ended_life(parts, job)):
        return call(request)


def unknown(parts: Parts, call: Call, request: Request) -> Reply:
    """The vendor's refusal of an id that no job has, said of any job. Raises it."""
    return call(naming(parts, request, absent_id(parts, id_of(parts, request))))


def documented_responses(spec: Spec, trigger: str) -> Mapping[str, Any]:
    """The responses that the spec has for an operation, by status."""
    responses: Mapping[str, Any] = operation(spec, trigger).definition["responses"]
    return responses
