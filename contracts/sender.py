"""Sends calls as an identity and holds every answer against the spec on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from contracts.answer import Answer
from contracts.auth import Credentials, DigestCredentials, credentials_of
from contracts.calls import Call
from contracts.conformance import Conformance, Violation
from contracts.curl import curl
from contracts.digest import Challenge
from contracts.exchange import Outgoing, Reply
from contracts.guard import Guard
from contracts.identity import OWNER
from contracts.notebook import Notebook, cause_of, received_of
from contracts.supply.job import NotAvailable
from contracts.target import Target
from contracts.verdict import Finding
from contracts.wire import Closed, Held, NoAnswer, Wire, framed
from specs import Spec

MATCHES, NO_ERRORS = "replies_match_the_spec", "no_server_errors"
PATIENCE = 3  # times a read is sent again when the target asks to slow down
YOUNG = 0.5  # seconds; no server gives a nonce less time
SLOW_DOWN = frozenset({429, 503})


class Unreachable(Exception):
    """The target does not answer, or refuses the owner's credentials: nothing can be said about it."""


class Unanswered(NotAvailable):
    """A request was sent and not answered: the case ends here, and `no_server_errors` has a finding."""


@dataclass(slots=True)
class Sender:
    """Everything that the claims send goes through here (races hold their requests here, too)."""

    spec: Spec
    target: Target
    guard: Guard
    notebook: Notebook
    wire: Wire
    conformance: Conformance
    credentials: dict[str, Credentials]
    mock_seen: bool = False

    @classmethod
    def to(cls, spec: Spec, target: Target, guard: Guard, notebook: Notebook, probe: Callable[[], str]) -> Sender:
        """A sender for a target. `probe` gives the target of a documented read, for challenges."""
        wire = Wire(target, guard)
        credentials = {name: credentials_of(each, wire, probe) for name, each in target.identities.items()}
        return cls(spec, target, guard, notebook, wire, Conformance(spec), credentials)

    def send(self, call: Call, identity: str | None = OWNER, *, authorization: str | None = None) -> Answer:
        """Send a call as an identity (None: no credentials), or with an Authorization header of the claim's own.

        Reads are sent again when the target asks to slow down; nothing else ever is, but for a stale nonce.
        """
        for _ in range(PATIENCE):
            answer = self._once(call, identity, authorization)
            if not (answer.status in SLOW_DOWN and call.method == "GET"):
                break
        if answer.status == 429:
            raise NotAvailable(f"{call.label} was answered 429: the target wants fewer requests. Lower `rate`.")
        if self._stale(answer, authorization):
            answer = self._once(call, identity, authorization)
        self.observe(answer)
        return answer

    def try_nonces(self, call: Call) -> None:
        """Find out by a read whether the target takes a Digest nonce more than once; if not, fetch one each time.

        What holds for one identity holds for all: some are answered 401 whatever nonce they use.
        """
        signers = {name: each for name, each in self.credentials.items() if isinstance(each, DigestCredentials)}
        read_by = next((name for name in signers if self._once(call, name, None).status != 401), None)
        if read_by is not None and self._once(call, read_by, None).status == 401:
            for signer in signers.values():
                signer.lifetime = 0.0

    def hold(self, call: Call, identity: str | None = OWNER) -> Held:
        """Connect and write a call but for its last byte.

        A Digest call answers a challenge of its own: counts of a shared one would arrive out of order.
        """
        signer = self.credentials.get(identity or "")
        header = signer.alone(call.method, call.target) if isinstance(signer, DigestCredentials) else None
        return self.wire.hold(self.outgoing(call, identity, header))

    def outgoing(self, call: Call, identity: str | None, authorization: str | None) -> Outgoing:
        """The call as a whole request, signed."""
        headers = dict(call.headers)
        if authorization is None and identity is not None:
            authorization = self._signer(identity).authorization(call.method, call.target)
        if authorization is not None:
            headers["Authorization"] = authorization
        complete = framed(self.target.url, headers, call.method, call.body)
        return Outgoing(call.method, self.target.url, call.target, complete, call.body or b"")

    def answer(self, call: Call, identity: str | None, outgoing: Outgoing, reply: Reply) -> Answer:
        """A reply as an answer to a call; notes whether a mock speaks."""
        self.mock_seen = self.mock_seen or "x-mockserver" in reply.headers
        return Answer(call, reply, identity, outgoing)

    def observe(self, answer: Answer) -> None:
        """Hold an answer against the spec: what is wrong with it counts for the two claims that ask for no more."""
        operation = answer.call.operation
        if answer.status >= 500:
            self._report(NO_ERRORS, answer, "no 5xx", f"{answer.status}", str(answer.status))
        elif operation is not None:
            bodiless = answer.call.method == "HEAD"
            self.violated(answer, self.conformance.violations(operation, answer.reply, bodiless=bodiless))

    def violated(self, answer: Answer, violations: Iterable[Violation]) -> None:
        """Report violations of the spec's documentation of replies."""
        for each in violations:
            kind = f"{each.kind} {each.where}".strip()
            self._report(MATCHES, answer, each.expected, each.found, f"{answer.status} {kind}")

    def _once(self, call: Call, identity: str | None, authorization: str | None) -> Answer:
        outgoing = self.outgoing(call, identity, authorization)
        self.notebook.page.send(outgoing, identity)
        try:
            reply = self.wire.send(outgoing)
        except Closed as error:
            raise Unreachable(str(error)) from error
        except NoAnswer as error:
            self.unanswered(call, identity, outgoing, error)
            raise Unanswered(f"{call.label}: {error}") from error
        return self.answer(call, identity, outgoing, reply)

    def unanswered(self, call: Call, identity: str | None, outgoing: Outgoing, error: NoAnswer) -> Answer:
        """Report that no answer came; gives what stands in its place, with the status 0."""
        lost = Answer(call, Reply(0, {}, b""), identity, outgoing)
        self._report(NO_ERRORS, lost, "an answer", str(error), "no answer")
        return lost

    def _stale(self, answer: Answer, authorization: str | None) -> bool:
        """Whether a Digest nonce had expired: the server says that it has done nothing, and wants a fresh one."""
        signer = self.credentials.get(answer.identity or "")
        if authorization is not None or answer.status != 401 or not isinstance(signer, DigestCredentials):
            return False
        challenge = Challenge.parse(answer.reply.headers.get("www-authenticate", ""))
        if challenge is None or not (challenge.stale or self._outlived(answer, signer)):
            return False
        signer.forget()
        return True

    def _outlived(self, answer: Answer, signer: DigestCredentials) -> bool:
        """Whether the owner's reads may fail for a nonce that is too old, though the server does not say so.

        From then on nonces are used for half as long.
        """
        age = signer.nonce_age
        if answer.identity != OWNER or answer.call.method != "GET" or age < YOUNG:
            return False
        for each in self.credentials.values():
            if isinstance(each, DigestCredentials):
                each.lifetime = min(each.lifetime, age / 2)
        return True

    def _signer(self, identity: str) -> Credentials:
        if identity not in self.credentials:
            raise NotAvailable(f"the target has no identity `{identity}`")
        return self.credentials[identity]

    def _report(self, claim: str, answer: Answer, expected: str, found: str, kind: str) -> None:
        operation = answer.call.operation
        state = (answer.call.job.state or "") if answer.call.job else ""
        received: dict[str, Any] = {**received_of(answer.reply if answer.status else None), "found": found}
        finding = Finding(
            claim=claim,
            operation=answer.call.label,
            state=state,
            expected=expected,
            received=received,
            evidence=operation.evidence if operation else (),
            curl=curl(answer.outgoing),
            ids=(answer.call.job.id,) if answer.call.job else (),
            cause=cause_of(answer, kind, ""),
        )
        self.notebook.record(finding)
