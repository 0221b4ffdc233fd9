"""A create that is refused leaves no job behind."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.bench import Bench
from contracts.calls import Call, example_body
from contracts.case import Case
from contracts.claim import Claim
from contracts.forgery import forgeries
from contracts.identity import OWNER
from contracts.supply.job import NotAvailable

TIMES = 2  # creates in a row: a job that appears each time is no coincidence


def check(bench: Bench) -> None:
    """One case a reason to refuse."""
    call = bench.call("create", body=bench.target.supply.create_body)
    signer = bench.sender.credentials[OWNER]
    with bench.case() as case:
        _leaves_nothing(case, call, "without credentials", identity=None)
    with bench.case() as case:
        header = next(forgeries(signer, call, bench.chance)).header
        _leaves_nothing(case, call, "with wrong credentials", identity=None, authorization=header)
    for kind, body in _bodies(bench).items():
        with bench.case() as case:
            _leaves_nothing(case, call.saying(body), kind)


def _bodies(bench: Bench) -> Mapping[str, bytes | dict[str, object]]:
    operation = bench.reader.operation("create")
    example = example_body(operation) if operation else None
    return {"with a broken body": b"{", "with an empty object": {}} if isinstance(example, dict) else {}


def _leaves_nothing(
    case: Case, call: Call, kind: str, identity: str | None = OWNER, authorization: str | None = None
) -> None:
    appeared = []
    for _ in range(TIMES):
        before = case.bench.reader.listing()
        answer = case.send(call, identity, authorization=authorization)
        after = case.bench.reader.listing()
        if not answer.refused:
            raise NotAvailable(f"a create {kind} is not refused but answered {answer.status}")
        appeared.append(set(after.items) - set(before.items) if len(after.items) > len(before.items) else set())
    if all(appeared):
        found = sorted(id for ids in appeared for id in ids)
        case.fails(answer, "no new job in the list", f"a create {kind} leaves a job", appeared=found)


CLAIM = Claim(
    id="refused_create_leaves_nothing",
    meaning="a create that is refused leaves no job behind",
    source="what a refusal means: RFC 9110 section 15.5",
    check=check,
    effects=frozenset({"read", "create"}),
)
