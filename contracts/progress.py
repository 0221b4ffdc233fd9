"""How a run is going, on standard error: bars on a terminal, a calm line now and then anywhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from contracts.run import Ended, Step, Watch

EVERY = 10.0  # seconds between two lines about one system where there is no terminal
EVERY_FEW = 60.0  # seconds between two lines about many runs
WORTH_GUESSING = 0.05  # share done before the time left is guessed


@contextmanager
def watching(console: Console, systems: Sequence[str], *, quiet: bool) -> Iterator[Watch]:
    """What to tell of each step, for the duration of a run."""
    if quiet:
        yield lambda event: None
    elif console.is_terminal:
        with _bars(console) as progress:
            yield Bars(progress, {system: progress.add_task(system, total=1.0, more="starting") for system in systems})
    else:
        yield Lines(console)


@contextmanager
def counting(console: Console, what: str, total: int, *, quiet: bool) -> Iterator[Watch]:
    """What to tell of each run that ends where many runs are one piece of work."""
    if quiet:
        yield lambda event: None
    elif console.is_terminal:
        with _bars(console) as progress:
            yield CountBar(progress, progress.add_task(what, total=total, more="starting"), total)
    else:
        yield CountLines(console, what, total)


def _bars(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<18}"), BarColumn(bar_width=20), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*columns, TextColumn("[dim]{task.fields[more]}"), console=console, transient=True)


@dataclass(slots=True)
class Bars:
    """A bar a system."""

    progress: Progress
    tasks: dict[str, TaskID]
    started: dict[str, float] = field(default_factory=dict)

    def __call__(self, event: Step | Ended) -> None:
        """Move a bar."""
        task = self.tasks[event.system]
        if isinstance(event, Ended):
            self.progress.update(task, completed=1.0, more="done" if event.result else "failed")
            return
        begun = self.started.setdefault(event.system, time.monotonic())
        self.progress.update(
            task, completed=event.share, more=f"{event.requests:,} requests{_left(event.share, begun)}"
        )


@dataclass(slots=True)
class Lines:
    """A line when a system begins, one every now and then, one when it ends."""

    console: Console
    started: dict[str, float] = field(default_factory=dict)
    said: dict[str, float] = field(default_factory=dict)

    def __call__(self, event: Step | Ended) -> None:
        """Say it, or not yet."""
        if isinstance(event, Ended):
            self._say(f"{event.system}: {'done' if event.result else 'failed'}")
            return
        now = time.monotonic()
        if event.system not in self.started:
            self.started[event.system] = self.said[event.system] = now
            self._say(f"{event.system}: begins")
        if now - self.said[event.system] >= EVERY:
            self.said[event.system] = now
            left = _left(event.share, self.started[event.system])
            self._say(f"{event.system}: {event.share:.0%} done, {event.requests:,} requests{left}")

    def _say(self, text: str) -> None:
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)


@dataclass(slots=True)
class CountBar:
    """One bar for all runs."""

    progress: Progress
    task: TaskID
    total: int
    done: int = 0
    begun: float = field(default_factory=time.monotonic)

    def __call__(self, event: Step | Ended) -> None:
        """Move the bar when a run ends."""
        if isinstance(event, Ended):
            self.done += 1
            more = f"{self.done} of {self.total} runs{_left(self.done / self.total, self.begun)}"
            self.progress.update(self.task, completed=self.done, more=more)


@dataclass(slots=True)
class CountLines:
    """A line every minute, and one at the end."""

    console: Console
    what: str
    total: int
    done: int = 0
    begun: float = field(default_factory=time.monotonic)
    said: float = field(default_factory=time.monotonic)

    def __call__(self, event: Step | Ended) -> None:
        """Count a run that ended, and say so now and then."""
        if not isinstance(event, Ended):
            return
        self.done += 1
        if self.done == self.total or time.monotonic() - self.said >= EVERY_FEW:
            self.said = time.monotonic()
            text = f"{self.what}: {self.done} of {self.total} runs{_left(self.done / self.total, self.begun)}"
            self.console.print(text, highlight=False, markup=False, soft_wrap=True)


def _left(share: float, begun: float) -> str:
    if not WORTH_GUESSING <= share < 1:
        return ""
    seconds = (time.monotonic() - begun) * (1 - share) / share
    return f", {seconds / 60:.0f} min left" if seconds > 90 else f", {seconds:.0f} s left"
