"""Claims run against the fake vendor as against a real deployment: a target, a pool, no control API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import specs
from contracts.bench import Bench, Budget
from contracts.guard import Guard
from contracts.identity import Identity
from contracts.secret import Secret
from contracts.target import SupplyPlan, Target
from tests.contracts.fakevendor import TOKENS, FakeVendor, serving

POOLED = ("QUEUED", "PRINTING", "PRINTING", "PRINTING", "PRINTED", "JAMMED", "CANCELLED")


@pytest.fixture
def bench_for(tmp_path: Path) -> Iterator[Callable[[FakeVendor], Bench]]:
    """A bench on a served fake vendor: jobs from create and a pool, and as many that are not ours."""
    with ExitStack() as stack:

        def bench(vendor: FakeVendor, pooled: tuple[str, ...] = POOLED, seed: int = 0) -> Bench:
            url = stack.enter_context(serving(vendor))
            pool = tmp_path / "pool.csv"
            given = [vendor.place(state) for state in pooled]
            for state in pooled:
                vendor.place(state)
            pool.write_text("\n".join(["id,state", *(f"{job.id},{job.state}" for job in given)]), encoding="utf-8")
            target = target_at(url, pool)
            spec = specs.load("example")
            made = Bench(spec, target, Guard(spec, target), seed=seed, budget=Budget(rounds=3))
            stack.callback(made.close)
            made.prepare()
            return made

        yield bench


def target_at(url: str, pool: Path) -> Target:
    owner, reader, stranger = TOKENS
    tokens = {"owner": owner, "reader": reader, "stranger": stranger}
    return Target(
        name="press",
        system="example",
        url=url,
        timeout=5.0,
        settle_timeout=1.0,
        may=frozenset({"read", "create", "cancel"}),
        identities={name: Identity(name, "bearer", token=Secret(token)) for name, token in tokens.items()},
        supply=SupplyPlan(sources=("create", "pool"), create_body={"title": "Extra", "pages": 4}, pool=pool),
    )
