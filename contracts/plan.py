"""`contracts plan`: what a run would send, and to whom. The target itself hears nothing of it.

How many requests each claim takes is not guessed: the run is rehearsed on a mock that may do no more than the target.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

import specs
from contracts import exit as codes
from contracts.guard import Guard
from contracts.identity import ROLES
from contracts.order import MOCK, Order
from contracts.report.console import show_untested
from contracts.run import Ended, Runner
from contracts.supply.pool import Pool
from contracts.target import Target
from contracts.verdict import RunResult, Verdict
from contracts.wanted import Unusable, named_target
from specs import Spec
from specs.model import READ_TRIGGERS, Operation

ANYWHERE = "a mock started for the run"


@dataclass(frozen=True, slots=True)
class Plan:
    """A target as far as it is known without asking it. `target` is None for a mock that is yet to start."""

    spec: Spec
    target: Target | None
    max_examples: int

    @classmethod
    def of(cls, system: str | None, target: str, targets_file: str, max_examples: int | None) -> Plan:
        """The plan for a target; a mock is of any system, any other target is of its own."""
        if target == MOCK:
            if system is None:
                raise Unusable(f"`plan` needs a system for a mock. Known: {', '.join(specs.systems())}. Name one.")
            return cls(specs.load(system), None, max_examples or 0)
        found = named_target(targets_file, target)
        if system not in (None, found.system):
            raise Unusable(
                f"`{target}` is a target of {found.system}, not of {system}. "
                "Leave the system out, or name another target."
            )
        return cls(specs.load(found.system, found.variant), found, max_examples or 0)

    def show(self, output: Console) -> int:
        """Print it."""
        facts = list(self._facts())
        rehearsal = self._rehearse()
        for line in facts:
            output.print(Text(line), soft_wrap=True)
        output.print(self._operations())
        if rehearsal.result is None:
            output.print(Text(f"The rehearsal on a mock failed: {rehearsal.message}"), soft_wrap=True)
            return rehearsal.code
        output.print(_claims(rehearsal.result))
        show_untested(output, "not tested", rehearsal.result)
        output.print()
        for line in self._sum(rehearsal.result):
            output.print(Text(line), soft_wrap=True)
        return codes.CONFORMS

    def _facts(self) -> Iterator[str]:
        target = self.target
        if target is None:
            yield f"{self.spec.system} on {ANYWHERE}: everything is allowed, jobs come from its control API."
            return
        absent = [name for name in ROLES if name not in target.identities]
        yield f"{target.name}: {target.system} at {target.url}{self.spec.base_path}, variant {target.variant}"
        yield f"effects allowed: {', '.join(sorted(target.may)) or 'none'}"
        yield f"identities: {', '.join(target.identities) or 'none'}" + (
            f"; not there: {', '.join(absent)}" if absent else ""
        )
        scope = ", ".join(f"{name} = {value}" for name, value in target.parameters.items())
        yield f"scope: {scope or 'none given'}"
        yield f"jobs come from: {'; '.join(self._sources(target))}"
        yield "ids in requests: of jobs created by the run or given by the supply, and random ones that read as absent"

    def _sources(self, target: Target) -> Iterator[str]:
        for source in target.supply.sources:
            if source == "pool" and target.supply.pool:
                jobs = Pool.load(target.supply.pool, self.spec, Guard(self.spec, target).ledger).jobs
                states = Counter(job.state or "any state" for job in jobs).items()
                yield f"pool {target.supply.pool}: {', '.join(f'{n} {state}' for state, n in states) or 'empty'}"
            elif source == "command":
                yield f"command {' '.join(target.supply.command)}"
            elif source == "create" and "create" not in target.may:
                yield "create (not allowed by `may`)"
            else:
                yield source

    def _operations(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for heading in ("operation", "effect", "sent"):
            table.add_column(heading, overflow="fold")
        for operation in self.spec.operations.values():
            effect = operation.effect.trigger if operation.effect else "not said"
            table.add_row(operation.label, effect, "yes" if self._allowed(operation) else "never")
        return table

    def _allowed(self, operation: Operation) -> bool:
        if self.target is None:
            return True
        return operation.effect is not None and operation.effect.trigger in READ_TRIGGERS | self.target.may

    def _rehearse(self) -> Ended:
        target = self.target
        with tempfile.TemporaryDirectory() as folder:
            order = Order(
                self.spec.system,
                MOCK,
                folder,
                variant=self.spec.variant,
                max_examples=self.max_examples,
                reports=("json",),
                may=None if target is None else tuple(sorted(target.may)),
                identities=None if target is None else tuple(target.identities),
            )
            [ended] = Runner(lambda event: None).run([order])
        return ended

    def _sum(self, rehearsal: RunResult) -> Iterator[str]:
        if any(claim.verdict is Verdict.HELD and not claim.requests for claim in rehearsal.claims):
            yield "0: judged by what other claims send"
        yield f"in all {rehearsal.requests:,} requests on a mock; waiting for real jobs to settle takes more reads"
        rate = self.target.rate if self.target else None
        if rate:
            yield f"at {rate:g} requests a second that takes {rehearsal.requests / rate:,.0f} s or longer"
        yield "nothing was sent to the target" if self.target else "nothing is kept running"


def _claims(rehearsal: RunResult) -> Table:
    """Claims that would be tested, with the requests each took; generated requests serve several claims at once."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("claim", no_wrap=True)
    table.add_column("requests", justify="right")
    for claim in rehearsal.claims:
        if claim.verdict is not Verdict.NOT_TESTED:
            table.add_row(claim.id, f"{claim.requests:,}")
    return table
