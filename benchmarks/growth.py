"""What requests a second do not tell: start-up, memory, stored jobs, latency under load, systems served."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peers import CANCEL, Request, call, filled

VENDORS = ("ops_manager", "atlas", "cloud_foundry", "permission_assist")
STARTS = 7
STORED = (1, 1_000, 1_000_000)
FRESH = 2_000  # jobs on top of those, to be cancelled
PACES = (250, 500, 1000, 2000, 4000)


@contextmanager
def mock(*arguments: str, pinned: bool = True) -> Iterator[tuple[int, subprocess.Popen[str], float]]:
    """A mock on a free port: port, process, seconds to the ready line. `pinned`: to a core of its own."""
    began = time.monotonic()
    command = [sys.executable, "-m", "mockserver", "serve", *arguments, "--port", "0", "--clock", "virtual"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        ready = re.search(r":(\d+)\s*$", process.stdout.readline())
        assert ready is not None, "no ready line"
        seconds = time.monotonic() - began
        if pinned and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, {0})
        yield int(ready[1]), process, seconds
    finally:
        process.terminate()
        process.wait(15)


def start_up() -> str:
    """Seconds from process start to the ready line."""
    seconds = []
    for _ in range(STARTS):
        with mock() as (_, _, taken):
            seconds.append(taken)
    middle = statistics.median(seconds)
    span = f"median of {STARTS}, {min(seconds):.2f}–{max(seconds):.2f}"
    return f"All four vendors: {middle:.2f} s from process start to the ready line ({span})."


def systems() -> str:
    """Does a request cost more when more systems are served?"""
    rows = ["| systems served | GET one deployment /s |", "|--:|--:|"]
    for count in (1, 2, 4):
        with mock("cloud_foundry", *[v for v in VENDORS if v != "cloud_foundry"][: count - 1]) as (port, _, _):
            rows.append(f"| {count} | {reads(port):,.0f} |")
    return "\n".join(rows)


def stored_jobs() -> str:
    """Does a request cost more when more jobs are stored?"""
    rows = [
        "| stored jobs | GET one /s | cancel /s | list of 50 /s | 50 by the control API /s | resident MB |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    rows += [row_of(count) for count in STORED]
    return "\n".join([*rows, "", f"The jobs that are cancelled are {FRESH:,} more, each cancelled once."])


def row_of(count: int) -> str:
    """The rates with so many jobs."""
    with (
        filled("cloud_foundry", "DEPLOYING", count) as jobs,
        mock("cloud_foundry", "--scenario", str(jobs)) as (port, process, _),
    ):
        rates = reads(port), cancels(port), lists(port), control_lists(port)
        cells = (f"{count:,}", *(f"{rate:,.0f}" for rate in rates), f"{resident(process.pid):,.0f}")
        return f"| {' | '.join(cells)} |"


def latency() -> str:
    """p50 and p99 at a fixed pace."""
    rows = ["| offered /s | answered /s | p50 ms | p99 ms |", "|--:|--:|--:|--:|"]
    with mock("cloud_foundry") as (port, _, _):
        for pace in PACES:
            result = send(port, read_request(port), pace=pace)
            rows.append(f"| {pace:,} | {result['rate']:,.0f} | {result['p50_ms']:.2f} | {result['p99_ms']:.2f} |")
    return "\n".join(rows)


def memory() -> str:
    """Resident memory at rest and after many requests (the journal is a ring, so it must level off)."""
    rows = ["| requests so far | resident MB |", "|--:|--:|"]
    with mock() as (port, process, _):
        rows.append(f"| 0 | {resident(process.pid):.0f} |")
        sent = 0
        for until in (10_000, 100_000, 1_000_000):
            while sent < until:
                sent += int(send(port, read_request(port), seconds=min(20.0, (until - sent) / 3000))["requests"])
            rows.append(f"| {sent:,} | {resident(process.pid):.0f} |")
    return "\n".join(rows)


def resident(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def place(port: int) -> str:
    """A new running job; its id."""
    made = call("POST", f"http://127.0.0.1:{port}/__mock__/resources/cloud_foundry", {"state": "DEPLOYING"})
    return str(made["id"])


def headers(port: int) -> dict[str, str]:
    """What an authenticated request carries."""
    token = call("GET", f"http://127.0.0.1:{port}/__mock__/identities")["cloud_foundry"]["owner"]["token"]
    return {"Authorization": f"Bearer {token}", "Accept": "application/json"}


def read_request(port: int) -> Request:
    """GET of one job, over and over."""
    return Request("GET", [f"/v3/deployments/{place(port)}"], headers(port))


def reads(port: int) -> float:
    """GETs a second."""
    return float(send(port, read_request(port))["rate"])


def cancels(port: int) -> float:
    """Cancels a second, each of another job."""
    targets = ["/v3" + CANCEL.format(guid=place(port)) for _ in range(FRESH)]
    return float(send(port, Request("POST", targets, headers(port), repeat=False))["rate"])


def lists(port: int) -> float:
    """First pages of the list a second."""
    return float(send(port, Request("GET", ["/v3/deployments?per_page=50"], headers(port)))["rate"])


def control_lists(port: int) -> float:
    """First pages of the control API's list a second."""
    return float(send(port, Request("GET", ["/__mock__/resources/cloud_foundry?limit=50"], {}))["rate"])


def send(port: int, request: Request, seconds: float = 2.0, pace: float | None = None) -> dict[str, Any]:
    """One measurement."""
    from benchmarks.__main__ import load

    return load(port, request, seconds, pace=pace)
