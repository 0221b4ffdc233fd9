"""What `contracts claims` prints."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from contracts.claim import discover
from contracts.promises import PROMISES
from contracts.terminal import indented

INDENT = 2  # columns


def show_claims(console: Console) -> None:
    """Every claim: its id, when it holds, and where the promise comes from."""
    facts = [(each.id, each.meaning, each.source) for each in discover()]
    facts += [(each.id, each.meaning, each.source) for each in PROMISES]
    for id, meaning, source in facts:
        console.print(Text(id, style="bold"))
        indented(console, INDENT, Text(f"holds when {meaning}"))
        indented(console, INDENT, Text(f"source: {source}", style="dim"))
