"""One run of one system, as every report gets it."""

from __future__ import annotations

import pytest

from contracts.verdict import ClaimResult, Conclusion, Finding, RunResult, TargetFacts, Verdict


@pytest.fixture
def result() -> RunResult:
    def finding(state: str, curl: str) -> Finding:
        return Finding(
            claim="terminal_job_refuses_cancel",
            operation="POST /jobs/{jobId}/cancel",
            state=state,
            expected="409 job_not_cancellable",
            received={"status": 200, "body": {"status": "<CANCELLED>"}},
            evidence=("E6", "C1"),
            curl=curl,
            replay="out/example/replay/01-terminal_job_refuses_cancel.json",
            path=("create", "finish"),
            ids=("pj-0a1b2c3d4e5f",),
            cause="POST /jobs/{jobId}/cancel accepted",
        )

    return RunResult(
        target=TargetFacts("staging", "example", "https://paper.example", "default", False),
        seed=7,
        conclusion=Conclusion.VIOLATES,
        duration_s=12.3456,
        requests=842,
        touched=["pj-0a1b2c3d4e5f"],
        claims=[
            ClaimResult("cancel_settles", Verdict.HELD, 4, duration_s=0.5, requests=20, met=("409",)),
            ClaimResult("terminal_job_refuses_cancel", Verdict.BROKEN, 3),
            ClaimResult("weak_role_is_refused", Verdict.NOT_TESTED, reason="the target has no identity reader"),
        ],
        findings=[
            finding("PRINTED", "curl -X POST https://paper.example/long"),
            finding("JAMMED", "curl https://paper.example"),
        ],
    )
