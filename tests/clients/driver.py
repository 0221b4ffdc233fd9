"""Starts the program in `drivers/` that wields a published client, and talks to it as `drivers/talk.py` says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / ".clients"  # what `make clients` fills
OURS = ("http_requests.py", "http_httpx.py", "http_curl.py")  # need nothing that the tests do not have
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class Refusal(Exception):
    """What a client raised: the name of its exception, and its words."""


@dataclass
class Driver:
    """A client at work, in a process of its own."""

    process: subprocess.Popen[str]

    def ask(self, verb: str, *arguments: Any) -> Any:
        """What the client returned. Refusal if it raised."""
        assert self.process.stdin and self.process.stdout
        print(json.dumps([verb, *arguments]), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        if "raised" in answer:
            raise Refusal(f"{answer['raised']}: {answer['message']}")
        return answer["returned"]

    def refusal(self, verb: str, *arguments: Any) -> str:
        """What the client raised."""
        with pytest.raises(Refusal) as refusal:
            self.ask(verb, *arguments)
        return str(refusal.value)


@contextmanager
def driving(name: str, given: dict[str, Any]) -> Iterator[Driver]:
    """Start a driver; it ends with the block."""
    command = [*_interpreter(name), str(HERE / "drivers" / name), json.dumps(given)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=_environment(), **pipes) as process:
        yield Driver(process)
        assert process.stdin
        process.stdin.close()


def _interpreter(name: str) -> list[str]:
    if name == "http_curl.py" and not shutil.which("curl"):
        _lacking("curl is not installed")
    if name in OURS:
        return [sys.executable]
    if not (INSTALLED / ".ready").exists():
        _lacking("the published clients are not installed; `make clients` does it, with a network")
    if name.endswith(".js"):
        return ["node"]
    if name == "atlas_atlasapi.py" and not any(INSTALLED.glob("python/lib/*/site-packages/atlasapi")):
        _lacking("atlasapi needs a Python older than 3.12; `make clients PYTHON=...` may name one")
    return [str(INSTALLED / "python" / "bin" / "python")]


def _lacking(reason: str) -> NoReturn:
    """Skip, except where nothing may be lacking."""
    if os.environ.get("REQUIRE_CLIENTS"):
        pytest.fail(reason)
    pytest.skip(reason)


def _environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    return {**own, "NODE_PATH": str(INSTALLED / "node_modules")}
