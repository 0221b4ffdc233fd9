"""The figures as docs/performance.md."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.peers import JVM_WARM_UP, Peer

GOALS = (
    ("stock Connexion", 3.0),
    ("Prism", 3.0),
    ("Prism (silent)", 3.0),
    ("WireMock", 1.0),
    ("WireMock (no journal)", 1.0),
    ("bare Starlette", 0.5),
)


def render(
    peers: list[Peer],
    figures: dict[str, list[dict[str, Any]]],
    growing: dict[str, Any],
    rounds: int,
    seconds: float,
    machine: str,
) -> str:
    """The whole page."""
    facts = {"machine": machine, "rounds": rounds, "seconds": seconds, "patience": JVM_WARM_UP}
    parts = [INTRO.format(**facts), table(peers, figures), goals(figures)]
    parts += [f"## {title}\n\n{text}" for title, text in growing.items()]
    return "\n\n".join(part.strip() for part in [*parts, REPEAT]) + "\n"


INTRO = """
# Performance

Written by `make bench`; no test depends on these numbers. Measured on {machine}.

Every server runs alone on one core, the load generator on the other: 16 keep-alive connections, each sending its next
request when the answer is whole. All servers are started and warmed up first, then measured in turn, {rounds} rounds
of {seconds:g} s, while all others are paused (SIGSTOP). *Median* and *spread* (lowest to highest round) are requests a
second; *CPU* is the processor time that a request took all processes of the server, which says more than the rate where
a machine does other things, too. The ratio is to the first row, in this run.

**countermand does more than its peers here**: each of its requests checks credentials, validates request and response
against the spec, cancels a job that has not been cancelled before, and is written to the journal. The others return a
constant. Prism and WireMock are measured as they come and as quiet as they can be made: Prism's log (to nowhere, here)
and WireMock's request journal cost them much. WireMock has {patience:g} s of load behind it: its JVM goes on compiling
for that long, and is about twice as fast in the end as after 15 s.
"""

REPEAT = """
## To repeat it

    make setup
    npm install --prefix benchmarks   # optional: Prism, Mockoon and WireMock (which also needs java)
    make bench                        # or: .venv/bin/python -m benchmarks --rounds 3 --only countermand

A peer that is not installed is left out and named. Numbers of two machines, or of two runs, do not compare; ratios do.
"""


def table(peers: list[Peer], figures: dict[str, list[dict[str, Any]]]) -> str:
    """One row a peer."""
    rows = [
        "| server | does | median /s | spread | p50 ms | p99 ms | CPU µs | ratio |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    first = rate(figures, "countermand")
    for peer in peers:
        if peer.missing:
            rows.append(f"| {peer.name} | not measured: {peer.missing} | | | | | | |")
            continue
        rates = [f["rate"] for f in figures[peer.name]]
        middle = statistics.median(rates)
        p50, p99, cpu = (
            statistics.median(f[key] for f in figures[peer.name]) for key in ("p50_ms", "p99_ms", "cpu_us")
        )
        ratio = f"{middle / first:.2f}" if first else ""
        spread = f"{min(rates):,.0f}–{max(rates):,.0f}"
        cells = (peer.name, peer.note, f"{middle:,.0f}", spread, f"{p50:.2f}", f"{p99:.2f}", f"{cpu:.0f}", ratio)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def goals(figures: dict[str, list[dict[str, Any]]]) -> str:
    """How far the goals were met in this run."""
    ours = rate(figures, "countermand")
    lines = [
        f"- {ours / rate(figures, name):.2f} times {name} (goal: {goal:g})"
        for name, goal in GOALS
        if ours and rate(figures, name)
    ]
    return "Against the goals, in this run:\n\n" + "\n".join(lines) if lines else ""


def rate(figures: dict[str, list[dict[str, Any]]], name: str) -> float:
    """The median rate of a peer, 0 if it was not measured."""
    return statistics.median(f["rate"] for f in figures[name]) if name in figures else 0.0
