"""The Digest round trip: the request before the challenge cancels nothing, the one that answers it cancels once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts.answer import Answer, Reading
from contracts.applicability import digest_only
from contracts.auth import DigestCredentials
from contracts.bench import Bench
from contracts.case import Case
from contracts.claim import Claim, Stage
from contracts.claims.cancel_shows_at_once import shows
from contracts.digest import Challenge, header_of
from contracts.identity import OWNER
from contracts.journeys import Attempt
from contracts.supply.job import NotAvailable
from contracts.transitions import repeated_entries


def check(bench: Bench) -> None:
    """One case for the round trip; then what challenges and answers look like."""
    with bench.case() as case:
        _round_trip(case)
    with bench.case() as case:
        _fresh_each_time(case)
    for kind, spelling in SPELLINGS.items():
        with bench.case() as case:
            _understood(case, kind, spelling)


def signer(bench: Bench) -> DigestCredentials:
    """The owner's Digest credentials."""
    credentials = bench.sender.credentials[OWNER]
    if not isinstance(credentials, DigestCredentials):
        raise NotAvailable("the owner of this target does not use Digest")
    return credentials


def _round_trip(case: Case) -> None:
    job = case.job()
    call = case.call("cancel", job)
    first = case.left_alone(job, call, "the request before the challenge", None)
    challenge = _challenge(case, first)
    if challenge is None:
        return
    before = case.readable(job)
    header = header_of(signer(case.bench).answer(challenge, call.method, call.target))
    answer = case.send(call, None, authorization=header)
    after = case.read(job)
    if case.accepted(answer, before, after):
        shows(case, Attempt(before, answer, after))
        _once(case, answer, after)


def _challenge(case: Case, answer: Answer) -> Challenge | None:
    if not case.refused(answer, "unauthenticated"):
        return None
    challenge = Challenge.parse(answer.reply.headers.get("www-authenticate", ""))
    if challenge is None or challenge.qop != "auth":
        found = answer.reply.headers.get("www-authenticate", "no WWW-Authenticate")
        case.fails(answer, 'a Digest challenge with qop="auth"', "no challenge", found=found)
    return challenge


def _once(case: Case, answer: Answer, after: Reading) -> None:
    if twice := repeated_entries(case.bench.lifecycle, after.representation):
        case.fails(answer, "one transition in the history", "more than one transition", found=twice)


def _fresh_each_time(case: Case) -> None:
    """A nonce given to two clients would let one replay the other."""
    answers = [case.send(case.call("list"), None) for _ in range(2)]
    challenges = [_challenge(case, answer) for answer in answers]
    nonces = {challenge.nonce for challenge in challenges if challenge}
    if len(nonces) == 1 and None not in challenges:
        case.fails(answers[1], "a fresh nonce in every challenge", "the same nonce twice")


def _understood(case: Case, kind: str, spelling: Callable[[Mapping[str, str]], str]) -> None:
    """An answer to the challenge as common clients spell it is taken; a read shows it."""
    call = case.call("read", case.job())
    digest = signer(case.bench)
    header = spelling(digest.answer(digest.challenge(), call.method, call.target))
    answer = case.send(call, None, authorization=header)
    if not answer.ok:
        case.fails(answer, f"2xx: an answer to the challenge {kind}", kind)


def _all_quoted(fields: Mapping[str, str]) -> str:
    """`qop` and `algorithm` in quotes, `nc` without."""
    parts = (f"{name}={value}" if name == "nc" else f'{name}="{value}"' for name, value in fields.items())
    return "Digest " + ", ".join(parts)


def _without_algorithm(fields: Mapping[str, str]) -> str:
    return header_of({name: value for name, value in fields.items() if name != "algorithm"})


SPELLINGS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "as curl spells it": header_of,
    "as python-requests spells it": _all_quoted,
    "without `algorithm`": _without_algorithm,
}

CLAIM = Claim(
    id="digest_handshake_cancels_once",
    meaning="the challenge round trip cancels nothing, the authorised request cancels exactly once",
    source="RFC 7616 sections 3.3 and 3.4",
    check=check,
    stage=Stage.MANNERS,
    not_for=digest_only,
)
