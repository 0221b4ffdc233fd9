"""An id that no job has is refused as documented by every operation, and no job of ours changes."""

from __future__ import annotations

from contracts.bench import Bench
from contracts.claim import Claim
from specs.model import READ_TRIGGERS


def check(bench: Bench) -> None:
    """One case an operation on a job, each with a fresh id.

    What does more than read has one that reads as absent, and a new job beside it: a server that acts on the job it
    made last, for want of the one that is named, is seen.
    """
    for operation in bench.job_operations:
        with bench.case() as case:
            only_reads = operation.effect is not None and operation.effect.trigger in READ_TRIGGERS
            bystander, absent = case.job(fresh=not only_reads), bench.unused_id() if only_reads else bench.absent_id()
            answer = case.left_alone(bystander, bench.calls.of(operation, bystander, id=absent), "an unknown job's id")
            case.refused(answer, "unknown")
            if absent in bench.reader.listing().items:
                case.fails(answer, "no job that was only ever asked for", "an unknown job is listed afterwards")


CLAIM = Claim(
    id="unknown_job_is_not_found",
    meaning="a request for a job that does not exist gets the documented refusal; nothing is cancelled",
    source="the operations' `unknown` refusals",
    check=check,
)
