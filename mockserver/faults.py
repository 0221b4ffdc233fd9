"""Trouble that is no vendor's contract: slow lines, limits, proxies, broken connections. Rules say when, the seed decides.

What a fault does to an exchange is in `pipeline.faulty`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from mockserver.errors import UsageError
from mockserver.ids import Ids

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
            raise UsageError(f"fault {dict(value)}: `{min(unknown)}` is missing or unknown. Known: {', '.join(sorted(known))}.")
        return cls(**given)

    def concerns(self, system: str, operation: str) -> bool:
        """Whether the rule is about this operation."""
        return self.system in (None, system) and self.operation in (None, operation)

    def to_json(self) -> dict[str, Any]:
        """What differs from the defaults."""
        return {each.name: asdict(self)[each.name] for each in fields(self) if getattr(self, each.name) != each.default}


class Counted:
    """A rule and what has become of it: how many requests concerned it, how many it struck."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.seen = 0
        self.struck = 0

    def strikes(self, chance: float) -> bool:
        """Count one request that the rule concerns, and say whether it strikes."""
        self.seen += 1
        rule = self.rule
        if rule.nth not in (None, self.seen) or (rule.first is not None and self.seen > rule.first):
            return False
        if rule.probability is not None and chance >= rule.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The rules in force. `known` are the kinds that systems declare besides the general ones."""

    def __init__(self, seed: int, known: Iterable[str] = ()) -> None:
        self._known = {*KINDS, *known}
        self._seed = seed
        self._ids = Ids(f"{seed}-faults")
        self._counted: tuple[Counted, ...] = ()

    def replace(self, rules: tuple[Rule, ...]) -> None:
        """Have exactly these rules, counting and chance from the beginning. UsageError for an unknown kind."""
        if unknown := sorted({rule.kind for rule in rules} - self._known):
            raise UsageError(f"unknown fault `{unknown[0]}`. Known faults: {', '.join(sorted(self._known))}.")
        self._ids = Ids(f"{self._seed}-faults")
        self._counted = tuple(Counted(rule) for rule in rules)

    def striking(self, system: str, operation: str) -> list[Rule]:
        """The rules that strike this request, in order."""
        concerned = [each for each in self._counted if each.rule.concerns(system, operation)]
        return [each.rule for each in concerned if each.strikes(self._ids.chance())]

    def delay(self, rule: Rule) -> float:
        """How long this latency lasts."""
        return self._ids.lognormal(rule.seconds, rule.sigma) if rule.sigma else rule.seconds

    def to_json(self) -> list[dict[str, Any]]:
        """The rules with their counts."""
        return [{**each.rule.to_json(), "struck": each.struck} for each in self._counted]

    def __bool__(self) -> bool:
        return bool(self._counted)
