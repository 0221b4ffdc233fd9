"""The servers that are measured. Each one answers the same cancel request; each says why if it cannot be had.

Apart from ours, all are stateless: they check what they can of credentials and ids and return one fixed deployment.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).parent
SPEC = HERE.parent / "specs" / "cloud_foundry" / "openapi.yaml"
NODE = Path(os.environ.get("COUNTERMAND_PEERS", HERE / "node_modules" / ".bin"))
GUID = "2f7c1d60-0000-4000-8000-000000000001"
CANCEL = "/deployments/{guid}/actions/cancel"
READY_WITHIN = 60.0  # seconds; WireMock's JVM is the slowest to start
ENDS_WITHIN = 10.0  # seconds; who takes longer is killed
JVM_WARM_UP = 45.0  # seconds of load until a JVM has compiled what it will
JOBS = 20_000  # that one load may cancel; ours


@dataclass(frozen=True)
class Request:
    """What the load generator sends to a peer."""

    method: str
    targets: list[str]
    headers: Mapping[str, str]
    body: str = ""
    repeat: bool = True
    digest: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Peer:
    """A server under measurement. `command` takes the port; `missing` says why it cannot run here.

    `warm_up`: seconds of load before anything is measured; a JVM compiles while it is warm.
    """

    name: str
    note: str
    command: list[str]
    missing: str = ""
    base: str = "/v3"
    warm_up: float = 3.0

    @contextmanager
    def running(self, core: int | None) -> Iterator[Server]:
        """The server on a free port, pinned to a core, ended afterwards."""
        port = free_port()
        command = [part.replace("PORT", str(port)) for part in self.command]
        pin = ["taskset", "-c", str(core)] if core is not None and shutil.which("taskset") else []
        process = subprocess.Popen([*pin, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port, process)
            yield Server(port, process.pid)
        finally:
            end(process)

    def requests(self, port: int) -> Iterator[Request]:
        """What this peer is asked for, one load after another: the same cancel, over and over."""
        headers = {"Authorization": "Bearer token", "Accept": "application/json"}
        return repeat(Request("POST", [self.base + CANCEL.format(guid=GUID)], headers))


@dataclass(frozen=True)
class Server:
    """A peer that runs."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time of all its processes so far."""
        return sum(sum(each.cpu_times()[:2]) for each in self._processes())

    def pause(self) -> None:
        """Have it do nothing at all: a JVM compiles, and a garbage collector collects, long after the last request."""
        for each in self._processes():
            each.suspend()

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Have it serve for as long as the block lasts."""
        for each in self._processes():
            each.resume()
        yield
        self.pause()

    def _processes(self) -> list[psutil.Process]:
        own = psutil.Process(self.pid)
        return [own, *own.children(recursive=True)]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started: WireMock's script would leave its JVM behind."""
    if process.poll() is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    for each in children:
        with suppress(psutil.NoSuchProcess):
            each.terminate()
    for each in (psutil.Process(process.pid), *children):  # who is paused hears nothing
        with suppress(psutil.NoSuchProcess):
            each.resume()
    _, left = psutil.wait_procs([*children, psutil.Process(process.pid)], ENDS_WITHIN)
    for each in left:
        each.kill()
    process.wait()


class Ours(Peer):
    """The mock: every request cancels another job that is really there."""

    def requests(self, port: int) -> Iterator[Request]:
        """Each load takes jobs that no other has taken."""
        control = f"http://127.0.0.1:{port}/__mock__"
        token = call("GET", f"{control}/identities")["cloud_foundry"]["owner"]["token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        for jobs in stock(control, "cloud_foundry"):
            targets = [self.base + CANCEL.format(guid=each["id"]) for each in jobs]
            yield Request("POST", targets, headers, repeat=False)


class OursDigest(Peer):
    """The mock of Ops Manager: the same with HTTP Digest, one handshake a connection and nonce."""

    def requests(self, port: int) -> Iterator[Request]:
        """Each load takes import requests that no other has taken."""
        control = f"http://127.0.0.1:{port}/__mock__"
        owner = call("GET", f"{control}/identities")["ops_manager"]["owner"]
        digest = {"username": owner["username"], "password": owner["password"]}
        base = "/api/public/v1.0/automation/importDeployment"
        for jobs in stock(control, "ops_manager"):
            named = (each["parameters"] for each in jobs)
            targets = [f"{base}/{each['PROJECT-ID']}/{each['REQUEST-ID']}/cancel" for each in named]
            yield Request("POST", targets, {"Accept": "application/json"}, repeat=False, digest=digest)


def stock(control: str, system: str) -> Iterator[list[Any]]:
    """The jobs that the mock was started with, some for each load."""
    for offset in range(0, sys.maxsize, JOBS):
        jobs = call("GET", f"{control}/resources/{system}?offset={offset}&limit={JOBS}")["resources"]
        if not jobs:
            raise RuntimeError("more loads were asked for than there are jobs. Give `all_peers` their number.")
        yield jobs


@contextmanager
def filled(system: str, state: str, count: int) -> Iterator[Path]:
    """The file of a scenario with so many jobs."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "jobs.yaml"
        file.write_text(json.dumps({"resources": {system: [{"state": state, "count": count}]}}))
        yield file


@contextmanager
def all_peers(loads: int) -> Iterator[list[Peer]]:
    """Ours first, then the others, whether they can run here or not; ours have jobs for so many loads."""
    deployments, imports = (
        filled("cloud_foundry", "DEPLOYING", loads * JOBS),
        filled("ops_manager", "PENDING", loads * JOBS),
    )
    with deployments as of_cloud_foundry, imports as of_ops_manager:
        yield [*ours(of_cloud_foundry, of_ops_manager), *python_peers(), *other_peers()]


def ours(of_cloud_foundry: Path, of_ops_manager: Path) -> list[Peer]:
    """The mock, with the jobs of these scenarios."""
    serve = [sys.executable, "-m", "mockserver", "serve", "--clock", "virtual", "--port", "PORT", "--scenario"]
    return [
        Ours(
            "countermand",
            "whole cancel: bearer, validation both ways, transition, journal",
            [*serve, str(of_cloud_foundry), "cloud_foundry"],
        ),
        OursDigest(
            "countermand (digest)",
            "the same for Ops Manager, HTTP Digest checked each time",
            [*serve, str(of_ops_manager), "ops_manager"],
        ),
    ]


def python_peers() -> list[Peer]:
    """What there is below ours."""
    python = sys.executable
    apps = [python, "-m", "uvicorn", "--host", "127.0.0.1", "--port", "PORT", "--log-level", "error", "--no-access-log"]
    return [
        Peer(
            "stock Connexion",
            "same spec, validation both ways, handler returns a constant",
            [*apps, "--factory", "benchmarks.apps:connexion_app"],
        ),
        Peer("bare Starlette", "one route, constant JSON", [*apps, "--factory", "benchmarks.apps:starlette_app"]),
        Peer("bare uvicorn", "no framework, constant JSON", [*apps, "--factory", "benchmarks.apps:bare_app"]),
    ]


def other_peers() -> list[Peer]:
    """Other people's mocks, each as it comes and as quiet as it can be made: ours keeps a journal, and no log."""
    prism = ["mock", "--host", "127.0.0.1", "--port", "PORT", str(SPEC)]
    mockoon = ["start", "--port", "PORT", "--disable-log-to-file", "--data", str(SPEC)]
    return [
        node("Prism", "prism", "", prism),
        node("Prism (silent)", "prism", "", [*prism, "--verboseLevel", "silent"]),
        node("Mockoon", "mockoon-cli", "/v3", mockoon),
        wiremock("WireMock"),
        wiremock("WireMock (no journal)", "--no-request-journal"),
    ]


def node(name: str, binary: str, base: str, arguments: list[str]) -> Peer:
    """A peer from an npm package; `base` is where it serves the spec (Prism ignores `servers`)."""
    path = NODE / binary
    missing = "" if path.exists() else f"no {binary}; `npm install` in {HERE.name}/ brings it"
    return Peer(name, "same spec, static answer", [str(path), *arguments], missing, base)


def wiremock(name: str, *options: str) -> Peer:
    """WireMock with one stub: url pattern and bearer header matched, constant answer."""
    path = NODE / "wiremock"
    missing = "" if path.exists() and shutil.which("java") else "no wiremock or no java"
    arguments = ["--port", "PORT", "--bind-address", "127.0.0.1", "--root-dir", str(HERE / "wiremock"), *options]
    return Peer(name, "one stub, url pattern and header matched", [str(path), *arguments], missing, warm_up=JVM_WARM_UP)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the port accepts connections."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"no server on port {port} within {READY_WITHIN:.0f} s")


def call(method: str, url: str, body: Any = None) -> Any:
    """A control request."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)
