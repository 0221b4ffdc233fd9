"""Trouble that is no vendor's contract: slow lines, limits, broken connections. Rules say when, the seed decides.

What a fault does to an exchange is in `pipeline.faulty`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from mockserver.errors import UsageError
from mockserver.ids import Ids
from mockserver.state.shared import Board

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

    def to_json(self) -> dict[str, Any]:
        """What differs from the defaults."""
        return {each.name: asdict(self)[each.name] for each in fields(self) if getattr(self, each.name) != each.default}


@dataclass(frozen=True, slots=True)
class Counted:
    """A rule and what has become of it: how many requests concerned it, how many it struck."""

    rule: Rule
    seen: int = 0
    struck: int = 0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Counted:
        """As it is posted on the board."""
        return cls(Rule.from_json(value["rule"]), value["seen"], value["struck"])

    def to_json(self) -> dict[str, Any]:
        """To be posted on the board."""
        return {"rule": self.rule.to_json(), "seen": self.seen, "struck": self.struck}

    def next(self, chance: float) -> Counted:
        """Count one request more that the rule concerns; whether it is struck shows in the count."""
        seen = self.seen + 1
        return Counted(self.rule, seen, self.struck + self._strikes(seen, chance))

    def _strikes(self, seen: int, chance: float) -> bool:
        rule = self.rule
        if rule.nth not in (None, seen) or (rule.first is not None and seen > rule.first):
            return False
        return rule.probability is None or chance < rule.probability


class Faults:
    """The rules in force, kept on the board: all processes count as one.

    `known` are the kinds that systems declare besides the general ones.
    """

    def __init__(self, board: Board, seed: int, known: Iterable[str] = ()) -> None:
        self._board = board
        self._seed = seed
        self._known = {*KINDS, *known}
        self._delays = Ids(f"{seed}-delays")

    def replace(self, rules: Iterable[Rule]) -> None:
        """Have exactly these rules, counting from the beginning. UsageError for an unknown kind."""
        counted = [Counted(rule) for rule in rules]
        if unknown := sorted({each.rule.kind for each in counted} - self._known):
            raise UsageError(f"unknown fault `{unknown[0]}`. Known faults: {', '.join(sorted(self._known))}.")
        self._board.put(**{NAME: [each.to_json() for each in counted]})

    def striking(self, system: str, operation: str) -> list[Rule]:
        """The rules that strike this request, in order. Counts it for every rule that it concerns."""
        struck: list[Rule] = []

        def count(posted: Any) -> Any:
            before = [Counted.from_json(each) for each in posted or ()]
            after = [self._counted(n, each, system, operation) for n, each in enumerate(before)]
            struck[:] = [new.rule for old, new in zip(before, after, strict=True) if new.struck > old.struck]
            return [each.to_json() for each in after]

        if any(each.rule.concerns(system, operation) for each in self._in_force()):
            self._board.change(NAME, count)
        return struck

    def delay(self, rule: Rule) -> float:
        """How long this latency lasts."""
        return self._delays.lognormal(rule.seconds, rule.sigma) if rule.sigma else rule.seconds

    def to_json(self) -> list[dict[str, Any]]:
        """The rules with their counts."""
        return [{**each.rule.to_json(), "struck": each.struck} for each in self._in_force()]

    def __bool__(self) -> bool:
        return bool(self._board.get(NAME))

    def _in_force(self) -> list[Counted]:
        return [Counted.from_json(each) for each in self._board.get(NAME) or ()]

    def _counted(self, n: int, each: Counted, system: str, operation: str) -> Counted:
        """The rule after this request. Its chance depends on nothing but the seed and what was counted before."""
        if not each.rule.concerns(system, operation):
            return each
        return each.next(Ids(f"{self._seed}-fault-{n}-{each.seen}").chance())
