"""From an order to a report: what a child process does once it runs."""

from __future__ import annotations

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
from contracts.target import Target, load_target, mock_target


def carry_out(order: Order, channel: Channel) -> None:
    """Check, write the reports, tell the parent."""
    target = target_of(order)
    spec = specs.load(target.system, target.variant)
    guard = Guard(spec, target)
    session = Session(
        bench=Bench(spec, target, guard, seed=order.seed),
        settings=settings_of(order),
        wanted=frozenset(order.claims),
        tell=lambda share, doing: channel.progress(share, doing, guard.requests),
    )
    result = session.run()
    material = report.Material(result, session.found, guard.journal, guard.kept_back)
    files = report.write(material, order.path, order.reports)
    channel.finished(result.to_json(), [str(file) for file in files])


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
