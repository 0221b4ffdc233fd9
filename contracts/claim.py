"""What a claim is: one promise about cancelling, generated from the lifecycle, that a target keeps or breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.verdict import ClaimResult, Finding
from specs import Spec

if TYPE_CHECKING:
    from contracts.bench import Bench


def everywhere(spec: Spec) -> str | None:
    """For claims that make sense for every system."""
    return None


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise. `meaning` completes "it holds when ..."; `source` says where the promise comes from.

    `check` sends and judges through the bench. `not_for` gives the reason why the claim makes no sense for a
    spec, or None. `effects` are the triggers a target must allow, `identities` those it must name. `last`: it
    also reviews what the other claims have met, so it runs after them.
    """

    id: str
    meaning: str
    source: str
    check: Callable[[Bench], None]
    not_for: Callable[[Spec], str | None] = everywhere
    effects: frozenset[str] = frozenset({"read", "cancel"})
    identities: frozenset[str] = frozenset({"owner"})
    last: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the steps that lead to it, for the replay file.

    Steps are JSON objects, in order: `{"job": "job1", "state": S}` (lease one), `{"send": {...}}` (operation or
    method and target, identity, headers, body; `{job1}` stands for ids) and `{"wait_for": [states], "job": "job1"}`.
    """

    finding: Finding
    steps: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one claim."""

    result: ClaimResult
    findings: tuple[Found, ...] = ()


def discover() -> tuple[Claim, ...]:
    """Every claim in `contracts.claims`, in the order they run."""
    raise NotImplementedError


def run(claim: Claim, bench: Bench) -> Outcome:
    """Check one claim. Never raises for what a target does; a claim without a case is `not_tested` with the reason."""
    raise NotImplementedError
