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
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SPEC = HERE.parent / "specs" / "cloud_foundry" / "openapi.yaml"
NODE = Path(os.environ.get("COUNTERMAND_PEERS", HERE / "node_modules" / ".bin"))
GUID = "2f7c1d60-0000-4000-8000-000000000001"
CANCEL = "/deployments/{guid}/actions/cancel"
READY_WITHIN = 60.0  # seconds; WireMock's JVM is the slowest to start


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
    """A server under measurement. `command` takes the port; `missing` says why it cannot run here."""

    name: str
    note: str
    command: list[str]
    missing: str = ""
    base: str = "/v3"
    env: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def running(self, core: int | None) -> Iterator[int]:
        """The server on a free port, pinned to a core, ended afterwards."""
        port = free_port()
        command = [part.replace("PORT", str(port)) for part in self.command]
        pin = ["taskset", "-c", str(core)] if core is not None and shutil.which("taskset") else []
        process = subprocess.Popen(
            [*pin, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **self.env}
        )
        try:
            wait_for(port, process)
            yield port
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)

    def request(self, port: int) -> Request:
        """The cancel that this peer is asked for."""
        return Request(
            "POST",
            [self.base + CANCEL.format(guid=GUID)],
            {"Authorization": "Bearer token", "Accept": "application/json"},
        )


class Ours(Peer):
    """The mock: every request cancels another job that is really there."""

    def request(self, port: int, jobs: int = 20_000) -> Request:
        """Fresh jobs, each to be cancelled once."""
        control = f"http://127.0.0.1:{port}/__mock__"
        token = call("GET", f"{control}/identities")["cloud_foundry"]["owner"]["token"]
        made = (call("POST", f"{control}/resources/cloud_foundry", {"state": "DEPLOYING"}) for _ in range(jobs))
        targets = [self.base + CANCEL.format(guid=each["id"]) for each in made]
        return Request(
            "POST", targets, {"Authorization": f"Bearer {token}", "Accept": "application/json"}, repeat=False
        )


class OursDigest(Peer):
    """The mock of Ops Manager: the same with HTTP Digest, one handshake a connection."""

    def request(self, port: int, jobs: int = 20_000) -> Request:
        """Fresh import requests, each to be cancelled once."""
        control = f"http://127.0.0.1:{port}/__mock__"
        owner = call("GET", f"{control}/identities")["ops_manager"]["owner"]
        made = (
            call("POST", f"{control}/resources/ops_manager", {"state": "PENDING"})["parameters"] for _ in range(jobs)
        )
        base = "/api/public/v1.0/automation/importDeployment"
        targets = [f"{base}/{each['PROJECT-ID']}/{each['REQUEST-ID']}/cancel" for each in made]
        digest = {"username": owner["username"], "password": owner["password"]}
        return Request("POST", targets, {"Accept": "application/json"}, repeat=False, digest=digest)


def all_peers() -> list[Peer]:
    """Ours first, then the others, whether they can run here or not."""
    python = sys.executable
    serve = [python, "-m", "mockserver", "serve", "--clock", "virtual", "--port", "PORT"]
    apps = [python, "-m", "uvicorn", "--host", "127.0.0.1", "--port", "PORT", "--log-level", "error", "--no-access-log"]
    return [
        Ours(
            "countermand", "whole cancel: bearer, validation both ways, transition, journal", [*serve, "cloud_foundry"]
        ),
        OursDigest(
            "countermand (digest)", "the same for Ops Manager, HTTP Digest checked each time", [*serve, "ops_manager"]
        ),
        Peer(
            "stock Connexion",
            "same spec, validation both ways, handler returns a constant",
            [*apps, "--factory", "benchmarks.apps:connexion_app"],
        ),
        Peer("bare Starlette", "one route, constant JSON", [*apps, "--factory", "benchmarks.apps:starlette_app"]),
        Peer("bare uvicorn", "no framework, constant JSON", [*apps, "--factory", "benchmarks.apps:bare_app"]),
        node(
            "Prism",
            "prism",
            "",
            ["mock", "--host", "127.0.0.1", "--port", "PORT", "--verboseLevel", "silent", str(SPEC)],
        ),
        node(
            "Mockoon", "mockoon-cli", "/v3", ["start", "--port", "PORT", "--disable-log-to-file", "--data", str(SPEC)]
        ),
        wiremock(),
    ]


def node(name: str, binary: str, base: str, arguments: list[str]) -> Peer:
    """A peer from an npm package; `base` is where it serves the spec (Prism ignores `servers`)."""
    path = NODE / binary
    missing = "" if path.exists() else f"{path} not found; `npm install` in {HERE.name}/ brings it"
    return Peer(name, "same spec, static answer", [str(path), *arguments], missing, base)


def wiremock() -> Peer:
    """WireMock with one stub: url pattern and bearer header matched, constant answer."""
    path = NODE / "wiremock"
    missing = "" if path.exists() and shutil.which("java") else f"{path} and java are needed"
    root = HERE / "wiremock"
    arguments = ["--port", "PORT", "--bind-address", "127.0.0.1", "--no-request-journal", "--root-dir", str(root)]
    return Peer("WireMock", "one stub, url pattern and header matched", [str(path), *arguments], missing)


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
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)
