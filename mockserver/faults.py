"""Faults that are not the vendor's contract: slow lines, proxies, broken connections. Told by rules, drawn by seed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """When and what."""

    kind: str


class Faults:
    """The rules in force."""

    def __init__(self, seed: int) -> None:
        self.rules: tuple[Rule, ...] = ()

    def replace(self, rules: tuple[Rule, ...]) -> None:
        """Have exactly these rules."""
        self.rules = rules
