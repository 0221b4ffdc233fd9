"""From an order to a report: what a child process does once it runs."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import specs
from contracts import report
from contracts.bench import Bench
from contracts.channel import Channel
from contracts.guard import Guard
from contracts.order import Order
from contracts.session import Session
from contracts.suite import Settings
from contracts.target import Target, TargetError, load_target, mock_target
from contracts.verdict import Finding, RunResult, TargetFacts


def carry_out(order: Order, channel: Channel) -> None:
    """Check, write the reports, tell the parent."""
    target = target_of(order)
    spec = specs.load(target.system, target.variant)
    guard = Guard(spec, target)
    bench = Bench(spec, target, guard, seed=order.seed)
    if order.stock_seconds:
        channel.finished(stock(bench, order).to_json(), [])
        return
    session = Session(
        bench=bench,
        settings=settings_of(order),
        wanted=frozenset(order.claims),
        enough=frozenset(order.enough),
        open_ended=order.open_ended,
        tell=lambda share, doing: channel.progress(share, doing, guard.requests),
    )
    result = replace(session.run(), targets_file=order.looked_up)
    material = report.Material(result, session.found, guard.journal, guard.kept_back)
    files = report.write(material, order.path, order.reports)
    channel.finished(result.to_json(), [str(file) for file in files])


def stock(bench: Bench, order: Order) -> RunResult:
    """What Schemathesis finds as it comes, in the shape of a result: no claims, a finding a failure."""
    from contracts.suite.stock import Stock

    if not order.is_mock:
        raise TargetError("Schemathesis as it comes has no guard: it is let loose on a mock of ours only.")
    with closing(bench):
        bench.prepare()
        alarms = None if order.alarms is None else frozenset(order.alarms)
        failures = Stock(bench, settings_of(order), order.stock_seconds, alarms).failures()
    target = bench.target
    facts = TargetFacts(target.name, target.system, target.url, target.variant, True)
    findings = [Finding("schemathesis", each, "", "", {}, cause=each) for each in sorted(failures)]
    return RunResult(facts, order.seed, findings=findings)


def target_of(order: Order) -> Target:
    """The target an order means. TargetError says what is wrong with it."""
    if not order.is_mock:
        return load_target(Path(order.targets_file), order.target)
    mock = mock_target(order.address, order.system, variant=order.variant)
    may = mock.may if order.may is None else mock.may & set(order.may)
    named = mock.identities if order.identities is None else order.identities
    return replace(mock, may=may, identities={name: mock.identities[name] for name in named})


def settings_of(order: Order) -> Settings:
    """How much an order wants generated."""
    settings = Settings(seed=order.seed, verbose=order.verbose)
    return replace(settings, max_examples=order.max_examples) if order.max_examples else settings
