"""What a claim is: one promise about cancelling, generated from the lifecycle, that a target keeps or breaks."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from contracts import claims
from contracts.notebook import Found
from contracts.supply.job import NotAvailable
from contracts.verdict import ClaimResult, Verdict
from specs import Spec

if TYPE_CHECKING:
    from contracts.bench import Bench

__all__ = ["Claim", "Found", "Outcome", "Stage", "discover", "everywhere", "run"]


class Stage(IntEnum):
    """When a claim runs: first what uses up no job, last what looks back at everything met.

    Jobs may be scarce, so those that say most about a cancel come before those that say it in another way.
    """

    REFUSALS = 1
    JOURNEYS = 2
    RACES = 3
    MANNERS = 4
    REVIEW = 5


def everywhere(spec: Spec) -> str | None:
    """For claims that make sense for every system."""
    return None


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise. `meaning` completes "it holds when ..."; `source` says where the promise comes from.

    `check` sends and judges through the bench. `not_for` gives the reason why the claim makes no sense for a
    spec, or None. `effects` are the triggers a target must allow, `identities` those it must name.
    """

    id: str
    meaning: str
    source: str
    check: Callable[[Bench], None]
    stage: Stage = Stage.REFUSALS
    not_for: Callable[[Spec], str | None] = everywhere
    effects: frozenset[str] = frozenset({"read", "cancel"})
    identities: frozenset[str] = frozenset({"owner"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one claim."""

    result: ClaimResult
    findings: tuple[Found, ...] = ()


def discover() -> tuple[Claim, ...]:
    """Every claim in `contracts.claims`, in the order they run."""
    names = [module.name for module in pkgutil.iter_modules(claims.__path__)]
    found: list[Claim] = [importlib.import_module(f"contracts.claims.{name}").CLAIM for name in names]
    return tuple(sorted(found, key=lambda claim: (claim.stage, claim.id)))


def run(claim: Claim, bench: Bench) -> Outcome:
    """Check one claim. What a target does never raises; a claim without a case is `not_tested` with the reason."""
    started, sent = time.monotonic(), bench.guard.requests
    tally = bench.begin(claim.id)
    reason = untestable(claim, bench)
    if reason is None:
        with bench.guard.labelled(claim.id):
            reason = _checked(claim, bench)
    findings = tuple(bench.notebook.found.get(claim.id, ()))
    verdict = Verdict.BROKEN if findings else Verdict.HELD if tally.cases else Verdict.NOT_TESTED
    reasons = [*([reason] if reason else []), *tally.reasons]
    result = ClaimResult(
        id=claim.id,
        verdict=verdict,
        cases=max(tally.cases, len(findings)),
        reason="; ".join(dict.fromkeys(reasons)) or ("" if tally.cases or findings else "no case applies here"),
        met=tuple(sorted(tally.met)),
        duration_s=round(time.monotonic() - started, 3),
        requests=bench.guard.requests - sent,
    )
    return Outcome(result, findings)


def _checked(claim: Claim, bench: Bench) -> str | None:
    """Run the check; whatever it lacked is the reason given."""
    try:
        claim.check(bench)
    except NotAvailable as lacking:
        return str(lacking)
    finally:
        bench.end()
    return None


def untestable(claim: Claim, bench: Bench) -> str | None:
    """Why a claim cannot be checked on this target at all, or None."""
    if senseless := claim.not_for(bench.spec):
        return senseless
    if lacking := sorted(claim.effects - bench.target.may):
        return f"the target's `may` does not allow {', '.join(lacking)}"
    if unknown := sorted(claim.identities - bench.target.identities.keys()):
        return f"the target has no identity {', '.join(unknown)}"
    return None
