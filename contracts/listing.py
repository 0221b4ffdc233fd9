"""What `contracts claims` prints."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from contracts.claim import discover
from contracts.promises import PROMISES

INDENT = "  "


def show_claims(console: Console) -> None:
    """Every claim: its id, when it holds, and where the promise comes from."""
    facts = [(each.id, each.meaning, each.source) for each in discover()]
    facts += [(each.id, each.meaning, each.source) for each in PROMISES]
    for id, meaning, source in facts:
        console.print(Text(id, style="bold"))
        _below(console, f"holds when {meaning}")
        _below(console, f"source: {source}", "dim")


def _below(console: Console, words: str, style: str = "") -> None:
    for line in Text(words, style=style).wrap(console, console.width - len(INDENT)):
        console.print(Text(INDENT) + line)
