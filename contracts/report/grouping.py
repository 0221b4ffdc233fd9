"""Findings that share a cause are one thing to mend: told once, with the shortest request that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.verdict import Finding


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings with one root. `example` is the one that is easiest to reproduce."""

    example: Finding
    findings: tuple[Finding, ...]

    @property
    def times(self) -> int:
        """How often it was seen."""
        return len(self.findings)

    @property
    def states(self) -> tuple[str, ...]:
        """The states it was seen in, in order of discovery."""
        return tuple(dict.fromkeys(finding.state for finding in self.findings if finding.state))


def by_cause(findings: Iterable[Finding]) -> list[Cause]:
    """The causes in order of discovery."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.claim, finding.cause or _own_cause(finding)), []).append(finding)
    return [Cause(min(group, key=_effort), tuple(group)) for group in groups.values()]


def _own_cause(finding: Finding) -> str:
    """For findings without a cause: the same operation, expectation and status are taken to share one."""
    return f"{finding.operation} {finding.expected} {finding.received.get('status')}"


def _effort(finding: Finding) -> tuple[bool, int]:
    return not finding.curl, len(finding.curl)
