"""A run that ends before it has looked at everything, and what may be concluded from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contracts.bench import Bench
from contracts.claim import Claim, Stage
from contracts.sender import Unreachable
from contracts.session import Session
from contracts.suite import Settings
from contracts.verdict import Conclusion
from tests.contracts.fakevendor import FakeVendor

GONE, STOPPED = Unreachable("nothing listens any more"), KeyboardInterrupt()


def holds(bench: Bench) -> None:
    with bench.case():
        pass


@pytest.mark.parametrize(
    ("error", "open_ended", "conclusion"),
    [
        (None, False, Conclusion.CONFORMS),
        (STOPPED, False, Conclusion.INCONCLUSIVE),
        (STOPPED, True, Conclusion.CONFORMS),
        (GONE, False, Conclusion.INCONCLUSIVE),
        (GONE, True, Conclusion.INCONCLUSIVE),
    ],
    ids=["to its end", "stopped", "one round of many stopped", "target gone", "target gone in a round"],
)
def test_run_that_ends_early_concludes_nothing_good(
    error: BaseException | None,
    open_ended: bool,
    conclusion: Conclusion,
    bench_for: Callable[[FakeVendor], Bench],
) -> None:
    def ends(bench: Bench) -> None:
        holds(bench)
        if error:
            raise error

    claims = (
        Claim("running_job_accepts_cancel", "it does", "here", holds),
        Claim("last", "it ends", "here", ends, Stage.JOURNEYS),
    )
    wanted = frozenset(claim.id for claim in claims)
    session = Session(
        bench_for(FakeVendor()), Settings(), wanted, lambda share, doing: None, claims, open_ended=open_ended
    )

    result = session.run()

    assert result.conclusion is conclusion
