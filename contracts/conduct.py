"""A whole `contracts run`: orders are carried out, their progress is shown, their results are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from contracts import exit as codes
from contracts.order import Order
from contracts.progress import watching
from contracts.run import Ended, Runner


@dataclass(slots=True)
class Conduct:
    """Where to say what. `folder` takes the page about all systems."""

    output: Console
    errors: Console
    quiet: bool
    folder: Path

    def run(self, orders: Sequence[Order]) -> int:
        """Carry the orders out and return the exit code they deserve together."""
        with watching(self.errors, [order.system for order in orders], quiet=self.quiet) as watch:
            ended = Runner(watch).run(orders)
        self._tell(ended)
        return codes.worst(each.code for each in ended)

    def _tell(self, ended: Sequence[Ended]) -> None:
        from contracts.report import github, write_overview
        from contracts.report.console import show

        results = [each.result for each in ended if each.result]
        files = [file for each in ended for file in each.files]
        if len(results) > 1:
            files = [write_overview(results, self.folder), *files]
        show(self.output, results, files, quiet=self.quiet)
        for each in ended:
            if each.message:
                self.errors.print(f"contracts: {each.message}", markup=False, highlight=False, soft_wrap=True)
        if github.wanted():
            self.output.print("\n".join(github.lines(results)), markup=False, highlight=False, soft_wrap=True)
            github.write_summary(results)
