"""What the claims of one system run on: its spec, its jobs, a way to send and read, a notebook for findings."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from contracts.answer import Answer, Reading
from contracts.auth import CredentialsRefused, NoChallenge, RequestsAuth
from contracts.calls import Call, Calls
from contracts.case import Case, Tally
from contracts.comparison import changes
from contracts.control import Control, ControlError
from contracts.guard import Guard
from contracts.identifiers import IdShape
from contracts.identity import OWNER
from contracts.ledger import ForeignId
from contracts.notebook import Found, Notebook
from contracts.patience import Patience
from contracts.reader import Reader
from contracts.sender import MATCHES, NO_ERRORS, Sender, Unreachable
from contracts.supply.command import Command
from contracts.supply.created import Created
from contracts.supply.job import Job, NotAvailable
from contracts.supply.placed import Placed
from contracts.supply.pool import Pool
from contracts.supply.sources import Source
from contracts.supply.stock import Stock
from contracts.target import Target
from contracts.wire import trust
from specs import Spec
from specs.lifecycle import accepts, asynchronous_moves, next_states, open_to_refusal, reachable_by_itself
from specs.model import Effect, Operation

__all__ = ["Bench", "Budget", "Unreachable"]

T = TypeVar("T")
READING = frozenset({"read", "list"})
TRIES = 5  # random ids tried until one reads as absent


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a claim may spend: rounds of a race, and jobs in each."""

    rounds: int = 6
    senders: int = 8  # simultaneous requests in a round


class Bench:
    """One system's claims run on one bench. It outlives each claim, so that jobs and readings are shared.

    A mock's clock is moved while waiting: a mock with a control API must serve this run alone.
    """

    def __init__(
        self, spec: Spec, target: Target, guard: Guard, *, seed: int = 0, budget: Budget | None = None
    ) -> None:
        self.spec, self.target, self.guard = spec, target, guard
        self.lifecycle = spec.cancellable
        self.budget = budget or Budget()
        self.chance = random.Random(seed)
        self.notebook = Notebook()
        self.control = _control_of(target)
        self.patience = Patience(self.control, target.settle_timeout, self._virtual())
        self.scope = dict(target.parameters)
        self.calls = Calls(spec, self.scope)
        self.sender = Sender.to(spec, target, guard, self.notebook, lambda: self.call("list").target)
        self.reader = Reader(spec, self.lifecycle, self.calls, self.sender)
        self.stock = Stock(self.reader, self.calls, self.patience, target.may, self._sources())
        self._tally = Tally()
        self._claim = ""
        self._made: dict[str, Any] = {}

    def prepare(self) -> None:
        """Learn the scope on a mock, and list once as the owner: foreign jobs are known from then on.

        Raises Unreachable if the target does not answer or refuses the owner.
        """
        if self.control:
            self._learn_scope(self.control)
        try:
            self.sender.try_nonces(self.call("list"))
            listing = self.reader.listing()
        except NoChallenge:
            return  # the claims about credentials have more to say about that
        except CredentialsRefused as error:
            raise Unreachable(str(error)) from error
        except NotAvailable:
            return
        if listing.answers[-1].status in {401, 403}:
            status = listing.answers[-1].status
            raise Unreachable(
                f"{self.target.name}: the owner's credentials were answered {status}. Expected a list of jobs. "
                "Check [identities.owner] and `parameters` in the targets file."
            )

    def close(self) -> None:
        """Let go of connections."""
        self.sender.wire.close()

    def begin(self, claim: str) -> Tally:
        """A claim begins."""
        self._claim, self._tally = claim, Tally()
        return self._tally

    def end(self) -> None:
        """A claim ends: its jobs lie idle for the next."""
        self.stock.release()

    @contextmanager
    def case(self) -> Iterator[Case]:
        """One case. What it lacks (a job, an answer) is noted as the reason why it was not tested."""
        self.notebook.turn()
        try:
            yield Case(self, self._claim, self._tally)
            self._tally.cases += 1
        except NotAvailable as lacking:
            self._tally.reasons.append(str(lacking))
        finally:
            self.stock.release()

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What several claims look at is made once."""
        if key not in self._made:
            self._made[key] = make()
        return cast(T, self._made[key])

    def job(self, state: str | None = None, *, fresh: bool = False, patient: bool = False, tenant: str = OWNER) -> Job:
        """A job of ours that reads in `state` (default: any that accepts cancel). NotAvailable if there is none."""
        if state is not None:
            return self.stock.lease(state, fresh=fresh, patient=patient, tenant=tenant)
        reasons = []
        for each in self._handy():
            try:
                return self.stock.lease(each, fresh=fresh, tenant=tenant)
            except NotAvailable as reason:
                reasons.append(str(reason))
        raise NotAvailable("; ".join(dict.fromkeys(reasons)))

    def send(self, call: Call, identity: str | None = OWNER) -> Answer:
        """Send a call as an identity (None: no credentials); the answer is checked against the spec on the way."""
        return self.sender.send(call, identity)

    def read(self, job: Job, identity: str | None = OWNER) -> Reading:
        """Read a job."""
        return self.reader.read(job, identity)

    def call(self, trigger: str, job: Job | None = None, *, id: str | None = None, body: Any = None) -> Call:
        """The documented call that pulls a trigger. NotAvailable where the vendor has none."""
        operation = self.reader.operation(trigger)
        if operation is None:
            raise NotAvailable(f"the vendor has no {trigger}")
        return self.calls.of(operation, job, id=id, body=body)

    @property
    def cancellable(self) -> tuple[str, ...]:
        """The states that accept cancel, in the spec's order."""
        return tuple(each.name for each in self.lifecycle.states if accepts(self.lifecycle, each.name, "cancel"))

    @property
    def refusing(self) -> tuple[str, ...]:
        """The states that accept no cancel, in the spec's order.

        Left out are those that a job only passes through while it is being cancelled: repeated cancels meet it there.
        """
        names = [each.name for each in self.lifecycle.states]
        passing = {each for state in names for each in next_states(self.lifecycle, state, "cancel")}
        passing -= self.lifecycle.terminal
        return tuple(name for name in names if name not in self.cancellable and name not in passing)

    @property
    def job_operations(self) -> tuple[Operation, ...]:
        """Every operation on one job that the target allows."""
        found = (each for each in self.spec.operations.values() if self._on_a_job(each.effect))
        return tuple(each for each in found if each.effect and self.allows(each.effect.trigger))

    def allows(self, trigger: str) -> bool:
        """Whether the target's `may` lets a trigger be pulled."""
        return ("read" if trigger in READING else trigger) in self.target.may

    def effect_of(self, call: Call) -> Effect:
        """The effect a call is judged by: its operation's, or that of cancel for what is no operation's call."""
        effect = call.operation.effect if call.operation else None
        return effect or self.cancel_effect

    @property
    def cancel_effect(self) -> Effect:
        """The effect of the operation that cancels."""
        cancel = self.reader.operation("cancel")
        assert cancel is not None and cancel.effect is not None
        return cancel.effect

    def changes_something(self, call: Call) -> bool:
        """Whether an accepted call changes a job; what is no operation's call is taken to."""
        return call.operation is None or self.effect_of(call).trigger not in READING

    def by_itself(self, state: str) -> frozenset[str]:
        """The states a job in `state` may show a moment later without any request."""
        if self.patience.virtual:
            return frozenset({state})
        return reachable_by_itself(self.spec, self.lifecycle, state)

    def after(self, state: str, trigger: str) -> frozenset[str]:
        """The states that a trigger leads to from `state`, or from where the job may have moved meanwhile."""
        return frozenset(
            following for each in self.by_itself(state) for following in next_states(self.lifecycle, each, trigger)
        )

    def still(self, state: str) -> bool:
        """Whether a job stays in `state` unless asked."""
        return not asynchronous_moves(self.spec, self.lifecycle, state)

    def moved_by_itself(self, before: Reading, after: Reading) -> bool:
        """Whether a job went on as the vendor may take it while it was looked at."""
        if before.state is None or after.state is None or before.state == after.state:
            return False
        return after.state in self.by_itself(before.state)

    def differences(self, before: Reading, after: Reading) -> list[str]:
        """How a job reads differently, less what may change without a move."""
        if before.state != after.state:
            return [f"state: {before.shown} -> {after.shown}"]
        return changes(self.lifecycle, before.state, before.representation, after.representation)

    def absent_id(self) -> str:
        """A random id that no job has: it reads as absent, where ids can be read."""
        cancel = self.reader.operation("cancel")
        assert cancel is not None
        shape = IdShape.of(self.spec, cancel)
        for _ in range(TRIES):
            id = shape.absent(self.chance)
            if self._reserved(id) and self._reads_as_absent(id):
                return id
        raise NotAvailable("no id could be found that reads as absent")

    def unused_id(self) -> str:
        """A random id that no list has shown: good enough to be read."""
        cancel = self.reader.operation("cancel")
        assert cancel is not None
        id = IdShape.of(self.spec, cancel).absent(self.chance)
        if not self._reserved(id):
            raise NotAvailable(f"a job with the id {id} exists")
        return id

    def requests_auth(self, identity: str = OWNER) -> RequestsAuth:
        """An identity's proof, for senders that use `requests`."""
        if identity not in self.sender.credentials:
            raise NotAvailable(f"the target has no identity `{identity}`")
        return RequestsAuth(self.sender.credentials[identity])

    @property
    def observed(self) -> tuple[Found, ...]:
        """What every answer so far has shown against `replies_match_the_spec` and `no_server_errors`."""
        return tuple(found for claim in (MATCHES, NO_ERRORS) for found in self.notebook.found.get(claim, ()))

    @property
    def is_mock(self) -> bool:
        """Whether the target says it is a mock (`X-Mockserver`), whatever the targets file calls it."""
        return self.control is not None or self.sender.mock_seen

    def _handy(self) -> list[str]:
        """States that accept cancel, those for sure first; of these the ones that idle jobs, then new jobs are in."""
        idle = {job.state for job in self.stock.idle if not job.spent}

        def order(state: str) -> tuple[bool, bool, bool]:
            perhaps = open_to_refusal(self.lifecycle, self.cancel_effect, state)
            return perhaps, state not in idle, state not in self.lifecycle.initial

        return sorted(self.cancellable, key=order)

    def _reserved(self, id: str) -> bool:
        try:
            self.guard.ledger.reserve(id)
        except ForeignId:
            return False
        return True

    def _reads_as_absent(self, id: str) -> bool:
        if self.reader.operation("read") is None:
            return True
        return self.sender.send(self.call("read", id=id)).refused

    def _on_a_job(self, effect: Effect | None) -> bool:
        if effect is None or effect.resource != self.lifecycle.resource:
            return False
        return effect.id is not None and effect.id.where != "response"

    def _virtual(self) -> bool:
        try:
            return self.control is not None and self.control.clock() == "virtual"
        except ControlError as error:
            raise Unreachable(
                f"{error}. Expected a mock's control API, since the supply's `from` names control. "
                "Take it out where there is none. Where it asks for a token, give it as the supply's `control_token`."
            ) from error

    def _learn_scope(self, control: Control) -> None:
        """A mock knows the scope of its jobs: that of the owner's is ours."""
        operation = self.reader.operation("list") or self.reader.operation("create")
        wanted = {each.name for each in operation.parameters if each.where == "path"} if operation else set()
        if wanted <= self.scope.keys():
            return
        placed = control.place(self.target.system, self.lifecycle.states[0].name)
        self.guard.ledger.give(placed.id, placed.parameters)
        self.scope.update({name: value for name, value in placed.parameters.items() if name in wanted})

    def _sources(self) -> list[Source]:
        plan, ledger = self.target.supply, self.guard.ledger
        made: dict[str, Callable[[], Source | None]] = {
            "control": lambda: Placed(self.control, self.spec.system, ledger) if self.control else None,
            "create": lambda: self._created() if "create" in self.target.may else None,
            "pool": lambda: Pool.load(plan.pool, self.spec, ledger) if plan.pool else None,
            "command": lambda: Command(plan.command, self.spec.system, plan.folder, ledger),
        }
        return [source for name in plan.sources if (source := made[name]()) is not None]

    def _created(self) -> Source | None:
        return Created.with_body(self.target.supply.create_body, self.reader, self.guard.ledger, self.patience)


def _control_of(target: Target) -> Control | None:
    """The target's control API, believed by the same certificates as the target itself."""
    if target.control is None:
        return None
    return Control(target.control, target.control_token, trust(target) if target.url.startswith("https:") else None)
