"""`make bench`: measure, print, and write docs/performance.md.

Servers run on one core, the load generator on another; all are started and warmed up first, then measured in turn,
several rounds, while the others are paused. Figures are medians over the rounds; ratios are within this run only.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from benchmarks import claims, growth, page, shared
from benchmarks.load import Plan
from benchmarks.peers import Peer, Request, Server, all_peers

SERVER_CORE, LOAD_CORE = 0, 1


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=4.0, show_default=True, type=float, help="One measurement.")
@click.option("--only", multiple=True, help="Measure only peers whose name contains this.")
@click.option("--skip-growth", is_flag=True, help="Leave out start-up, memory, stored jobs and latency under load.")
@click.option("--write/--no-write", default=True, show_default=True, help="Write docs/performance.md.")
def main(rounds: int, seconds: float, only: tuple[str, ...], skip_growth: bool, write: bool) -> None:
    """Measure the mock beside its peers."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server is left behind
    console = Console()
    if (os.cpu_count() or 1) < 2:
        raise click.ClickException("two cores are needed: one for the server, one for the load")
    with all_peers(loads=rounds + 1) as every:
        peers = [p for p in every if not only or any(word.lower() in p.name.lower() for word in only)]
        figures = throughput(console, peers, rounds, seconds)
    growing = {} if skip_growth else grown(console)
    text = page.render(peers, figures, growing, rounds, seconds, machine())
    console.print(text, markup=False, highlight=False)
    if write:
        Path("docs/performance.md").write_text(text)


def throughput(console: Console, peers: list[Peer], rounds: int, seconds: float) -> dict[str, list[dict[str, Any]]]:
    """Every peer's figures, one a round."""
    figures: dict[str, list[dict[str, Any]]] = {}
    able = [peer for peer in peers if not peer.missing]
    with ExitStack() as stack:
        servers = {peer.name: stack.enter_context(peer.running(SERVER_CORE)) for peer in able}
        requests = {peer.name: peer.requests(servers[peer.name].port) for peer in able}
        for peer in able:
            console.print(f"warming up {peer.name}")
            load(servers[peer.name].port, next(requests[peer.name]), peer.warm_up)
            servers[peer.name].pause()
        for number in range(1, rounds + 1):
            for peer in able:
                with servers[peer.name].awake():
                    result = measured(servers[peer.name], next(requests[peer.name]), seconds)
                figures.setdefault(peer.name, []).append(result)
                console.print(f"round {number}/{rounds}  {peer.name:24} {result['rate']:8.0f}/s  {result['statuses']}")
    return figures


def grown(console: Console) -> dict[str, str]:
    """What requests a second do not tell: heading -> Markdown."""
    parts = {
        "Start": growth.start_up,
        "Cost against the number of systems": growth.systems,
        "Cost against the number of stored jobs": growth.stored_jobs,
        "Shared state": shared.cost,
        "Latency under load": growth.latency,
        "Memory": growth.memory,
        "Claims beside generated requests": lambda: claims.cost(growth.VENDORS),
    }
    texts = {}
    for title, part in parts.items():
        console.print(title)
        texts[title] = part()
    return texts


def measured(server: Server, request: Request, seconds: float) -> dict[str, Any]:
    """One measurement, with the processor time that a request took the server."""
    before = server.cpu_seconds()
    result = load(server.port, request, seconds)
    return {**result, "cpu_us": 1e6 * (server.cpu_seconds() - before) / max(1, result["requests"])}


def load(
    port: int, request: Request, seconds: float, connections: int = 16, pace: float | None = None
) -> dict[str, Any]:
    """One measurement by the load generator, in its own process on its own core."""
    digest = dict(request.digest) if request.digest else None
    asked = (request.method, request.targets, dict(request.headers), request.body)
    plan = Plan(port, *asked, connections, seconds, request.repeat, LOAD_CORE, digest, pace)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(asdict(plan), file)
        file.flush()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", file.name],
            capture_output=True,
            text=True,
            timeout=seconds * 3 + 60,
            check=True,
        )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def machine() -> str:
    """What this was measured on, without names."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return f"{os.cpu_count()} cores ({model}), {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
