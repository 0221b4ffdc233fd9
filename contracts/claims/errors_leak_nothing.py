"""Errors show no stack traces, no paths of the server's own, no database words, no secrets and no other jobs."""

from __future__ import annotations

import re

from contracts.answer import Answer
from contracts.bench import Bench
from contracts.claim import Claim, Stage
from contracts.errors_met import errors_met
from contracts.secret import TELLING, holds_secret

LEAKS = {
    "a Python traceback": r'Traceback \(most recent call last\)|File "[^"]+", line \d+',
    "a Java stack trace": r"\bat [\w.$<>]+\([\w$]+\.(?:java|kt|scala|groovy)(?::\d+)?\)",
    "a .NET stack trace": r"\bat [\w.<>`\[\], ]+\(.*?\) in .+?:line \d+",
    "a JavaScript stack trace": r"\bat [^\n(]*\(?[^\s()]+\.[cm]?[jt]s:\d+:\d+\)?",
    "a Ruby stack trace": r"[\w./-]+\.rb:\d+:in [`']",
    "a Go panic": r"\bgoroutine \d+ \[|\bpanic: |\bnil pointer dereference\b",
    "a Rust panic": r"\bpanicked at ",
    "a complaint of the language": (
        r"\bundefined (?:local variable or )?method [`']|\bNoneType' object has no attribute\b|"
        r"\bCannot read propert(?:y|ies) (?:\S+ )?of (?:undefined|null)\b|\bCannot invoke \".+\" because\b|"
        r"\bObject reference not set to an instance\b"
    ),
    "a path of the server": r"(?:^|[\s\"'(=:])/(?:usr|home|var|opt|etc|root|srv|tmp|mnt|proc)/[\w.-]+",
    "a Windows path": r"\b[A-Za-z]:\\{1,2}[\w .-]+\\",
    "an exception": r"\b(?:\w+\.)*[A-Z]\w*(?:Exception|Error)(?:: |\()|\b(?:java|org|com|System)\.[\w.]+Exception\b",
    "a database's words": (
        r"SQLSTATE|ORA-\d{5}|syntax error at or near|\bsqlite3?\.|psycopg|(?i:\bselect\b.+\bfrom\b)|"
        r"(?i:\bviolates \w+(?:-\w+)? constraint\b)|\bE11000 duplicate key\b|\berror in your SQL syntax\b|"
        r"\bDuplicate entry '.*' for key\b|\brelation \".+\" does not exist\b|\b[Dd]eadlock found when\b"
    ),
}
PATTERNS = {kind: re.compile(pattern, re.MULTILINE | re.DOTALL) for kind, pattern in LEAKS.items()}


def check(bench: Bench) -> None:
    """One case a distinct error that any claim has met."""
    seen = set()
    for answer in errors_met(bench):
        if answer.reply.body in seen:
            continue
        seen.add(answer.reply.body)
        with bench.case() as case:
            for kind in leaks(answer):
                case.fails(answer, f"an error without {kind}", f"shows {kind}")
            if id := _another_job(bench, answer):
                case.fails(answer, "an error that speaks of no other job", "names another job", found=id)


def _another_job(bench: Bench, answer: Answer) -> str | None:
    """A job that an error names and the request did not."""
    text, asked = answer.reply.body.decode("utf-8", "replace"), _asked(answer)
    known = (*bench.guard.ledger.ours, *bench.guard.ledger.foreign)
    return next((id for id in known if len(id) >= TELLING and id in text and id not in asked), None)


def _asked(answer: Answer) -> str:
    return answer.outgoing.target + answer.outgoing.body.decode("utf-8", "replace")


def leaks(answer: Answer) -> list[str]:
    """What an error shows that it should not. What the request itself said may be repeated."""
    text = answer.reply.body.decode("utf-8", "replace").replace("\\n", "\n")
    asked = _asked(answer)
    found = [kind for kind, pattern in PATTERNS.items() if any(m not in asked for m in _matches(pattern, text))]
    return [*found, "a secret"] if holds_secret(text) else found


def _matches(pattern: re.Pattern[str], text: str) -> list[str]:
    return [match.group().strip() for match in pattern.finditer(text)]


CLAIM = Claim(
    id="errors_leak_nothing",
    meaning="errors show no stack traces, paths, queries or secrets",
    source="OWASP API Security Top 10 2023, API8: security misconfiguration",
    check=check,
    stage=Stage.REVIEW,
)
