"""The same things done to a system every time: what it answers, with a bug and without, can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.calls import Call, Calls
from contracts.supply.job import Job
from specs import Spec
from specs.lifecycle import accepts
from tests.mockserver.defects.door import Answer, Door

HEADERS = ("allow", "content-type", "location", "www-authenticate")
SETTLED, LONG = 6.0, 3600.0  # seconds
_FRESH = re.compile(r'nonce="[^"]*"|"correlationId":"[^"]*"')
TRICKS: Mapping[str, Callable[[str], str]] = {
    "slash at the end": lambda path: path + "/",
    "doubled slash": lambda path: "/".join([*path.split("/")[:-1], "", path.split("/")[-1]]),
    "encoded slash": lambda path: "%2F".join(path.rsplit("/", 1)),
    "dot": lambda path: "/./".join(path.rsplit("/", 1)),
    "capital letters": lambda path: "/".join([*path.split("/")[:-1], path.split("/")[-1].upper()]),
    "capital word": lambda path: path.replace("restoreJobs", "RESTOREJOBS"),
}


@dataclass
class Walk:
    """One walk. `said` is everything that was answered, in order."""

    door: Door
    spec: Spec
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lifecycle = self.spec.cancellable
        self.calls = Calls(self.spec, {})

    @property
    def running(self) -> list[str]:
        return [each.name for each in self.lifecycle.states if accepts(self.lifecycle, each.name, "cancel")]

    @property
    def refusing(self) -> list[str]:
        return [each.name for each in self.lifecycle.states if each.name not in self.running]

    @property
    def ended(self) -> str:
        return min(self.lifecycle.terminal)

    def place(self, state: str, tenant: str = "owner") -> Job:
        placed = self.door.control("POST", f"/resources/{self.spec.system}", {"state": state, "tenant": tenant})
        return Job(placed["id"], placed["parameters"], "control")

    def wait(self, seconds: float) -> None:
        self.door.control("POST", "/clock/advance", {"seconds": seconds})
        self.door.challenges.clear()  # nonces do not last

    def call(self, trigger: str, job: Job, id: str | None = None) -> Call:
        operation = self.spec.operation(self.lifecycle.resource, trigger)
        assert operation is not None
        return self.calls.of(operation, job, id=id)

    def send(self, call: Call, identity: str | None = "owner", **headers: str) -> Answer:
        wanted = {**call.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        answer = self.door.ask(call.method, call.target, identity=identity, headers=wanted, body=call.body or b"")
        shown = " ".join(f"{name}={answer.headers[name]}" for name in HEADERS if name in answer.headers)
        said = f"{call.method} {answer.status} {shown} {answer.body.decode('utf-8', 'replace')}"
        self.said.append(_FRESH.sub("*", said))
        return answer

    def cancel(self, job: Job, identity: str | None = "owner", **headers: str) -> Answer:
        return self.send(self.call("cancel", job), identity, **headers)

    def read(self, job: Job, identity: str = "owner") -> Answer:
        return self.send(self.call("read", job), identity)

    def list(self, job: Job, identity: str = "owner") -> Answer:
        return self.send(self.call("list", job), identity)


def lives(walk: Walk) -> None:
    """A job that has just begun and one near its end are cancelled and watched; all that do not run refuse."""
    for state in dict.fromkeys((walk.running[0], *walk.running[-2:])):
        job, again = walk.place(state), walk.place(state)
        walk.read(job)
        walk.cancel(job)
        walk.read(job)
        for _ in range(2):
            walk.cancel(again)
        for seconds in (SETTLED, SETTLED, 60.0, LONG):
            walk.wait(seconds)
            walk.read(job)
            walk.read(again)
    for state in walk.refusing:
        job = walk.place(state)
        walk.cancel(job)
        walk.read(job)


def others(walk: Walk) -> None:
    """What else can be asked of a job, in every state."""
    for operation in walk.spec.operations.values():
        if operation.effect is None or operation.effect.trigger in ("create", "read", "list", "cancel"):
            continue
        for state in (*walk.running, *walk.refusing):
            job = walk.place(state)
            walk.send(walk.calls.of(operation, job))
            walk.read(job)


def neighbours(walk: Walk) -> None:
    """One job among others is cancelled, also under paths and bodies that are not its own."""
    state = walk.running[0]
    ours = [walk.place(state), walk.place(state), walk.place(walk.running[-1]), walk.place(walk.ended)]
    theirs = walk.place(state, "stranger")
    walk.cancel(ours[0])
    for job in ours:
        walk.read(job)
    walk.read(theirs, "stranger")
    _under_other_scopes(walk, ours[1], theirs)
    if (call := walk.call("cancel", ours[1])).body:
        walk.send(call.saying({}))
    walk.read(ours[1])


def _under_other_scopes(walk: Walk, job: Job, theirs: Job) -> None:
    """As if the job belonged to a stranger's project, or to a cluster that is not its own."""
    scope = {name: value for name, value in theirs.parameters.items() if value != theirs.id}
    for identity, other in (("stranger", scope), ("owner", {"PROJECT-ID": "a" * 24, "CLUSTER-NAME": "Other"})):
        walk.cancel(Job(job.id, {**job.parameters, **other}, ""), identity)


def people(walk: Walk) -> None:
    """Everybody tries everything."""
    for identity in (None, "reader", "stranger"):
        job = walk.place(walk.running[0])
        for trigger in ("cancel", "read", "list", "create"):
            walk.send(walk.call(trigger, job), identity)
        walk.read(job)
    for forge in FORGERIES:
        job = walk.place(walk.running[0])
        for trigger in ("cancel", "read", "read"):
            call = walk.call(trigger, job)
            if header := forge(walk.door, call):
                walk.send(call, None, Authorization=header)


def _token(change: Callable[[str], str]) -> Callable[[Door, Call], str]:
    """A bearer token, changed."""

    def forge(door: Door, call: Call) -> str:
        return "" if door.uses_digest else f"Bearer {change(door.token('owner'))}"

    return forge


def _unsigned(token: str) -> str:
    """What says of itself that it needs no signature, where tokens have one."""
    return f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{token.split('.')[1]}." if "." in token else "x"


def _proof(**changes: str) -> Callable[[Door, Call], str]:
    """A Digest answer, made for something else than the call."""

    def forge(door: Door, call: Call) -> str:
        wanted = {"method": call.method, "target": call.target, **changes}
        return door.digest("owner", **wanted) if door.uses_digest else ""

    return forge


FORGERIES: tuple[Callable[[Door, Call], str], ...] = (
    _token(lambda token: "other"),
    _token(lambda token: token[:-1]),
    _token(lambda token: token + "x"),
    _token(str.swapcase),
    _token(_unsigned),
    _proof(password="wrong"),
    _proof(method="OPTIONS"),
    _proof(target="/elsewhere"),
    _proof(nonce="A" * 32),
    _proof(count="00000001"),
)


def refusals(walk: Walk) -> None:
    """Whatever is refused, and what became of the job."""
    state = walk.running[0]
    for send in REFUSED:
        job = walk.place(state)
        send(walk, job)
        walk.read(job)
        walk.wait(SETTLED)
        walk.read(job)
    for state in walk.refusing:
        job = walk.place(state)
        walk.wait(SETTLED)
        for _ in range(2):
            walk.cancel(job)
            walk.read(job)
    job = walk.place(walk.running[-1])
    for _ in range(3):
        walk.cancel(job)
    for _ in range(3):
        walk.wait(SETTLED)
        walk.read(job)


def _absent(job: Job) -> str:
    return job.id[:-1] + ("0" if job.id[-1] != "0" else "1")


REFUSED: tuple[Callable[[Walk, Job], Any], ...] = (
    lambda walk, job: walk.cancel(job, None),
    lambda walk, job: walk.cancel(job, "reader"),
    lambda walk, job: walk.cancel(job, "stranger"),
    lambda walk, job: walk.send(walk.call("cancel", job, _absent(job))),
    lambda walk, job: walk.send(walk.call("cancel", job, job.id + "0")),
    lambda walk, job: walk.send(walk.call("cancel", job, "x'")),
    lambda walk, job: walk.send(walk.call("cancel", job, "x" * 300)),
    lambda walk, job: walk.send(walk.call("cancel", job, "\u2603")),
    lambda walk, job: walk.send(walk.call("cancel", job, "{" + job.id + "}")),
    lambda walk, job: walk.send(walk.call("cancel", job).saying(b"{")),
    lambda walk, job: walk.send(walk.call("cancel", job).saying(b"{}")),
    lambda walk, job: walk.send(walk.call("cancel", job).saying({"applicationImportId": [job.id]})),
    lambda walk, job: walk.send(walk.call("cancel", job).using("PUT")),
)


def wire(walk: Walk) -> None:
    """Other methods, paths and headers; and what challenges look like."""
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH"):
        job = walk.place(walk.running[0])
        walk.send(walk.call("cancel", job).using(method))
        walk.read(job)
    job = walk.place(walk.running[0])
    cancel = walk.call("cancel", job)
    walk.send(cancel.using("PUT"), X_HTTP_Method_Override=cancel.method)
    walk.send(walk.call("read", job).using("PUT").asking(_method=cancel.method))
    walk.send(cancel.using("GET").asking(_method=cancel.method))
    walk.read(job)
    for trick in TRICKS.values():
        job = walk.place(walk.running[0])
        cancel = walk.call("cancel", job)
        walk.send(cancel.to(trick(cancel.target)))
        walk.read(job)
    walk.cancel(job, None)
    walk.send(walk.call("cancel", walk.place(walk.running[0])).saying(b"{}"))
    walk.cancel(walk.place(walk.running[0]))
    walk.cancel(walk.place(walk.ended))


def looks(walk: Walk) -> None:
    """Jobs in every state, alone and in the list, plain, in an envelope and pretty."""
    for state in (*walk.running, *walk.refusing):
        job = walk.place(state)
        walk.read(job)
    walk.cancel(job := walk.place(walk.running[0]))
    walk.read(job)
    walk.list(job)
    for flag in ("envelope", "pretty"):
        walk.send(walk.call("read", job).asking(**{flag: "true"}))


def crowd(walk: Walk) -> None:
    """Several cancels of one job at the same moment; then some that meet its own end."""
    for state in (walk.running[0], walk.running[-1]):
        _together(walk, walk.place(state), None)
        for trigger in _ends(walk, state):
            for _ in range(4):
                _together(walk, job := walk.place(state), f"/resources/{walk.spec.system}/{job.id}/move", trigger)


def _ends(walk: Walk, state: str) -> list[str]:
    moves, terminal = walk.lifecycle.moves.get(state, {}), walk.lifecycle.terminal
    return [name for name, following in moves.items() if name != "cancel" and terminal.issuperset(following)]


def _together(walk: Walk, job: Job, path: str | None, trigger: str = "") -> None:
    """Which answers came, and what the job shows then: its state, and how often."""
    call = walk.call("cancel", job)
    also = walk.door.control_call("POST", path, {"trigger": trigger}) if path else None
    together = [(call.method, call.target)] * 4
    answers = walk.door.ask_together(together, headers=call.headers, body=call.body or b"", also=also)
    shown = walk.read(job).body.decode()
    states = {each.name: shown.count(f'"{each.name}"') for each in walk.lifecycle.states}
    walk.said[-1] = f"{sorted(each.status for each in answers)} {states}"


CHAPTERS: Mapping[str, tuple[Callable[[Walk], None], ...]] = {
    "state logic": (lives, others),
    "convergence": (lives,),
    "timing": (lives,),
    "isolation": (neighbours,),
    "authorization": (people,),
    "side effects of refusals": (refusals,),
    "races": (crowd,),
    "protocol": (wire,),
    "representation": (looks,),
    "error shape": (refusals, people),
    "robustness": (refusals, lives),
}
"""What is done to see a bug of each kind."""
