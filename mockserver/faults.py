"""Trouble that is no vendor's contract: slow lines, limits, broken connections. Rules say when, the seed decides.

What a fault does to an exchange is in `pipeline.faulty`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from mockserver.errors import UsageError
from mockserver.ids import Ids
from mockserver.state.shared import Board, Counters

NAME = "faults"  # on the board

KINDS = {
    "latency": "the reply is late: `seconds`, or around that as their median with a spread of `sigma`",
    "rate_limit": "429 with Retry-After, instead of an answer",
    "server_error": "the vendor's own 5xx, instead of an answer",
    "proxy_error": "a proxy's HTML page with a 5xx, instead of an answer",
    "drop_before": "the connection drops before anything has happened",
    "drop_after": "the connection drops after the request has had its effect",
    "truncated_body": "the connection drops within the body, after `bytes` (default: half of it)",
    "slow_body": "the body comes at `pace` bytes per second",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """When a fault strikes and how hard. Conditions that are absent hold."""

    kind: str
    system: str | None = None
    operation: str | None = None
    nth: int | None = None
    first: int | None = None
    probability: float | None = None
    seconds: float = 1.0
    sigma: float = 0.0
    status: int = 503
    retry_after: int = 1
    bytes: int | None = None
    pace: float = 100.0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Rule:
        """A rule as the control API or a scenario writes it. UsageError for a member that is not known."""
        known = {each.name for each in fields(cls)}
        given = {name: each for name, each in value.items() if name != "struck"}
        if unknown := sorted(set(given) - known) or ({"kind"} - set(given)):
            raise UsageError(
                f"fault {dict(value)}: `{min(unknown)}` is missing or unknown. Known: {', '.join(sorted(known))}."
            )
        return cls(**given)

    def concerns(self, system: str, operation: str) -> bool:
        """Whether the rule is about this operation."""
        return self.system in (None, system) and self.operation in (None, operation)

    @property
    def counts(self) -> bool:
        """Whether it matters which request this is."""
        return self.nth is not None or self.first is not None

    def strikes(self, seen: int, chance: float) -> bool:
        """Whether the rule strikes the request that is the `seen`th it concerns."""
        if self.nth not in (None, seen) or (self.first is not None and not 0 < seen <= self.first):
            return False
        return self.probability is None or chance < self.probability

    def to_json(self) -> dict[str, Any]:
        """What differs from the defaults."""
        return {each.name: asdict(self)[each.name] for each in fields(self) if getattr(self, each.name) != each.default}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a rule may name of one system: its operations, and the faults of its own."""

    operations: frozenset[str]
    own: frozenset[str]


def refuse_unserved(rules: Iterable[Rule], served: Mapping[str, Reach]) -> None:
    """UsageError for a rule that could never strike: nothing served has its system, its kind or its operation."""
    for rule in rules:
        reached = [reach for name, reach in served.items() if rule.system in (None, name)]
        _refuse(rule.system, served, "system")
        _refuse(rule.kind, {*KINDS}.union(*(reach.own for reach in reached)), "fault")
        _refuse(rule.operation, frozenset().union(*(reach.operations for reach in reached)), "operation")


def _refuse(word: str | None, known: Iterable[str], kind: str) -> None:
    if word is not None and word not in (names := sorted(known)):
        raise UsageError(f"unknown {kind} `{word}`. Known {kind}s: {', '.join(names)}. Name one of these.")


@dataclass(frozen=True, slots=True)
class Posted:
    """What the board says: the rules, and how many requests concerned each of those that count them.

    Every set of rules is an edition of its own, so that nobody counts for a set that is gone.
    """

    edition: int = 0
    rules: tuple[Rule, ...] = ()
    seen: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, value: Any) -> Posted:
        """As it stands on the board, or nothing yet."""
        if value is None:
            return cls()
        return cls(value["edition"], tuple(map(Rule.from_json, value["rules"])), tuple(value["seen"]))

    def to_json(self) -> dict[str, Any]:
        """For the board."""
        return {"edition": self.edition, "rules": [rule.to_json() for rule in self.rules], "seen": self.seen}

    def followed_by(self, rules: Sequence[Rule]) -> Posted:
        """The next edition."""
        return Posted(self.edition + 1, tuple(rules), (0,) * len(rules))

    def counting(self, concerned: Collection[int]) -> Posted:
        """One request more for these rules."""
        return replace(self, seen=tuple(count + (n in concerned) for n, count in enumerate(self.seen)))


class Faults:
    """The rules in force. They are on the board: whoever serves a request, it counts as the next.

    Rules that need no count do not wait for the board: each process has its own chances, and counts its own strikes.
    """

    def __init__(self, board: Board, seed: int, process: int = 0) -> None:
        self._board = board
        self._strikes = Counters(board.storage, process)
        self._seed = f"{seed}-faults-{process}"
        self._chances = Ids(self._seed)
        self._drawn_for = 0

    def replace(self, rules: Iterable[Rule]) -> None:
        """Have exactly these rules, counting and chance from the beginning."""
        listed = list(rules)
        self._board.change(NAME, lambda posted: Posted.from_json(posted).followed_by(listed).to_json())

    def striking(self, system: str, operation: str) -> list[Rule]:
        """The rules that strike this request, in order."""
        posted = self._posted()
        concerned = {n: rule for n, rule in enumerate(posted.rules) if rule.concerns(system, operation)}
        seen = self._count(posted.edition, [n for n, rule in concerned.items() if rule.counts])
        struck = {
            n: rule for n, rule in concerned.items() if rule.strikes(seen.get(n, 0), self._chance(posted.edition))
        }
        if struck:
            self._strikes.add([strike_of(posted.edition, n) for n in struck])
        return list(struck.values())

    def delay(self, rule: Rule) -> float:
        """How long this latency lasts."""
        return self._chances.lognormal(rule.seconds, rule.sigma) if rule.sigma else rule.seconds

    def to_json(self) -> list[dict[str, Any]]:
        """The rules, and how often each struck."""
        posted, struck = self._posted(), self._strikes.sums()
        return [
            {**rule.to_json(), "struck": struck[strike_of(posted.edition, n)]} for n, rule in enumerate(posted.rules)
        ]

    def __bool__(self) -> bool:
        posted = self._board.get(NAME)
        return posted is not None and bool(posted["rules"])

    def _posted(self) -> Posted:
        return Posted.from_json(self._board.get(NAME))

    def _count(self, edition: int, concerned: Collection[int]) -> dict[int, int]:
        """Which of all processes' requests this is, for each of these rules."""
        seen: dict[int, int] = {}

        def count(value: Any) -> Any:
            posted = Posted.from_json(value)
            counted = posted.counting(concerned) if posted.edition == edition else posted
            seen.update((n, counted.seen[n]) for n in concerned if posted.edition == edition)
            return counted.to_json()

        if concerned:
            self._board.change(NAME, count)
        return seen

    def _chance(self, edition: int) -> float:
        if edition != self._drawn_for:
            self._chances, self._drawn_for = Ids(self._seed), edition
        return self._chances.chance()


def strike_of(edition: int, n: int) -> str:
    """The name under which strikes of a rule are counted."""
    return f"{edition}.{n}"
