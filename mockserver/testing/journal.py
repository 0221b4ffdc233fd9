"""What clients asked of the mock, and what it answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlencode

from mockserver.journal import CAPACITY, Entry
from mockserver.testing.control import Control
from mockserver.testing.jobs import Job
from specs import Spec
from specs.lifecycle import value_at
from specs.model import Operation

CHALLENGE = "www-authenticate"


class Journal:
    """The last exchanges, oldest first: a ring, long enough for a test."""

    def __init__(self, control: Control, spec_of: Callable[[str], Spec]) -> None:
        self._control = control
        self._spec_of = spec_of

    def requests(
        self,
        system: str | None = None,
        *,
        operation: str | None = None,
        status: int | None = None,
        id: str | None = None,
    ) -> list[Entry]:
        """Those of this system, operation (operationId) and status, whose target or bodies contain `id`."""
        return self._read(system=system, operation=operation, status=status, id=id)

    def cancels(self, job: Job) -> list[Entry]:
        """The attempts to cancel this very job. Challenges are not among them: a handshake is no second attempt."""
        spec = self._spec_of(job.system)
        cancel = cancel_of(spec)
        asked = self.requests(job.system, operation=cancel.operation_id)
        return [each for each in asked if not is_challenge(each) and names(each, job, cancel, spec.base_path)]

    def errors(self, since: int = 0) -> list[Entry]:
        """Where the mock itself failed, after entry number `since`: 501, with `error` saying why."""
        return self._read(errors="true", since=since)

    def _read(self, **wanted: Any) -> list[Entry]:
        given = {name: value for name, value in wanted.items() if value is not None}
        found = self._control.call("GET", f"/journal?{urlencode({**given, 'limit': CAPACITY})}")["entries"]
        return [Entry.from_json(each["number"], each) for each in found]


def cancel_of(spec: Spec) -> Operation:
    """The operation that cancels; every spec has one."""
    cancel = spec.operation(spec.cancellable.resource, "cancel")
    assert cancel
    return cancel


def is_challenge(entry: Entry) -> bool:
    """Whether the client was only asked who it is."""
    return entry.status == 401 and CHALLENGE in (name.lower() for name in entry.reply_headers)


def names(entry: Entry, job: Job, cancel: Operation, base_path: str) -> bool:
    """Whether a request to the cancel operation has this job's id where the operation looks for it."""
    assert cancel.effect and cancel.effect.id
    if cancel.effect.id.where == "body":
        return bool(value_at(parsed(entry.request_body), cancel.effect.id.name) == job.id)
    sent, _, _ = entry.target.partition("?")
    return unquote(sent) == base_path + cancel.path.format_map(job.parameters)


def parsed(body: bytes) -> Any:
    """The JSON of a body; None if it is not JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None
