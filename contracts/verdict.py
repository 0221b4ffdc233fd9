"""What a run found out: verdicts per claim, findings with their evidence. Data only; reports render it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

FORMAT = 1
ESSENTIAL = "running_job_accepts_cancel"  # without a single cancel, nothing was said about cancelling


class Verdict(StrEnum):
    """What can be said of one claim."""

    HELD = "held"
    BROKEN = "broken"
    NOT_TESTED = "not_tested"


class Conclusion(StrEnum):
    """What can be said of a whole run."""

    CONFORMS = "conforms"
    VIOLATES = "violates"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise. `state` is the job's state before the request; `path` the triggers that led there.

    `received` holds `status` and whatever else was judged (`state`, `body`, `headers`), secrets masked.
    `cause` groups findings that have one root (same claim, operation, state and kind of difference).
    """

    claim: str
    operation: str
    state: str
    expected: str
    received: Mapping[str, Any]
    evidence: tuple[str, ...] = ()
    curl: str = ""
    replay: str = ""
    path: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    cause: str = ""


@dataclass(slots=True)
class ClaimResult:
    """One claim's verdict. `met`: which of several documented answers the target gave, where they leave it open."""

    id: str
    verdict: Verdict
    cases: int = 0
    reason: str = ""
    met: tuple[str, ...] = ()
    duration_s: float = 0.0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """The target as a report names it."""

    name: str
    system: str
    url: str
    variant: str
    mock: bool


@dataclass(slots=True)
class RunResult:
    """Everything a run of one system found out: `report.json` is this, as JSON.

    `targets_file` is where the target was looked up, if anywhere. It is no result, so `report.json` lacks it.
    """

    target: TargetFacts
    seed: int
    conclusion: Conclusion = Conclusion.INCONCLUSIVE
    duration_s: float = 0.0
    requests: int = 0
    touched: list[str] = field(default_factory=list)
    refused_by_guard: int = 0
    claims: list[ClaimResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    targets_file: str = ""

    @property
    def doubt(self) -> str:
        """Why the run is inconclusive; an empty text where it is not."""
        if self.conclusion is not Conclusion.INCONCLUSIVE:
            return ""
        return doubt(self.claims, self.refused_by_guard) or "the run ended before it had looked at everything"

    def to_json(self) -> dict[str, Any]:
        """The documented report format."""
        return {
            "format": FORMAT,
            "verdict": self.conclusion.value,
            "target": asdict(self.target),
            "seed": self.seed,
            "duration_s": round(self.duration_s, 3),
            "requests": self.requests,
            "touched": self.touched,
            "refused_by_guard": self.refused_by_guard,
            "claims": [asdict(c) | {"verdict": c.verdict.value} for c in self.claims],
            "findings": [asdict(f) for f in self.findings],
        }


def conclude(claims: list[ClaimResult], refused_by_guard: int, *, whole: bool = True) -> Conclusion:
    """A broken claim violates; what proves nothing is inconclusive.

    So is a run that is not `whole`: it ended before it had looked at everything.
    """
    if any(c.verdict is Verdict.BROKEN for c in claims):
        return Conclusion.VIOLATES
    return Conclusion.INCONCLUSIVE if doubt(claims, refused_by_guard) or not whole else Conclusion.CONFORMS


def doubt(claims: list[ClaimResult], refused_by_guard: int) -> str:
    """Why claims of which none is broken prove nothing, or an empty text.

    Nothing held, the guard kept something back, or not one cancel could be tried though asked.
    """
    if refused_by_guard:
        return f"the guard kept back {counted(refused_by_guard)} that should not have come up"
    if not any(c.verdict is Verdict.HELD for c in claims):
        reasons = {c.reason for c in claims}
        return "none of the claims asked for could be tested" + (f": {reasons.pop()}" if len(reasons) == 1 else "")
    essential = next((c for c in claims if c.id == ESSENTIAL and c.verdict is Verdict.NOT_TESTED), None)
    return f"{ESSENTIAL} could not be tested: {essential.reason}" if essential else ""


def counted(requests: int) -> str:
    """`1 request`, `1,234 requests`."""
    return f"{requests:,} request{'' if requests == 1 else 's'}"
