"""Where words for people go: a console that outlives whoever reads it, and text that fits it."""

from __future__ import annotations

import os

from rich.console import Console
from rich.text import Text


class Terminal(Console):
    """A console whose reader may leave (`| head -1`): what is still to be said is lost, what is found out is not."""

    def on_broken_pipe(self) -> None:
        """Go on in silence, so that the exit code still is the verdict."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


def indented(console: Console, by: int, text: Text) -> None:
    """Print a text wrapped and indented, without trailing blanks: the output may go to a log."""
    for line in text.wrap(console, console.width - by):
        line.rstrip()
        console.print(Text(" " * by) + line, soft_wrap=True)
