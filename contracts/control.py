"""The control API of a mock: jobs in any state, the clock, the identities. A real deployment has none."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from contracts.secret import Secret, scrub

TIMEOUT = 10.0  # seconds


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A mock never redirects; the token is for nobody else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nowhere."""


_HANDLERS = (urllib.request.ProxyHandler({}), _NoRedirects)
_plain = urllib.request.build_opener(*_HANDLERS)


class ControlError(Exception):
    """The control API did not do what was asked; the message has its own words."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A job that the control API has put into a state."""

    id: str
    state: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Control:
    """A client for one mock. `url` ends in `/__mock__`; `tls` says whose certificates are believed."""

    url: str
    token: Secret | None = None
    tls: ssl.SSLContext | None = None

    def identities(self, system: str) -> Mapping[str, Mapping[str, str]]:
        """The built-in users of a system, by name."""
        found: Mapping[str, Mapping[str, str]] = self._call("GET", "/identities")[system]
        return found

    def place(self, system: str, state: str, tenant: str = "owner") -> Placed:
        """Put a new job straight into a state."""
        return _placed(self._call("POST", f"/resources/{quote(system)}", {"state": state, "tenant": tenant}))

    def resources(self, system: str) -> list[Placed]:
        """Every job of a system."""
        return [_placed(each) for each in self._call("GET", f"/resources/{quote(system)}")["resources"]]

    def move(self, system: str, id: str, trigger: str) -> None:
        """Have a job take a step of its lifecycle now."""
        self._call("POST", f"/resources/{quote(system)}/{quote(id, safe='')}/move", {"trigger": trigger})

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._call("POST", "/clock/advance", {"seconds": seconds})

    def clock(self) -> str:
        """Which clock the mock has: real or virtual."""
        kind: str = self._call("GET", "/clock").get("kind", "real")
        return kind

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token.reveal()}"
        data = None if body is None else json.dumps(body).encode("utf-8")
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with self._opener().open(request, timeout=TIMEOUT) as reply:
                return json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            said = scrub(error.read().decode("utf-8", "replace"))[:500]
            raise ControlError(f"{method} {self.url}{path} answered {error.code}: {said}") from None
        except (OSError, ValueError) as error:
            raise ControlError(f"{method} {self.url}{path} failed: {error}") from None

    def _opener(self) -> urllib.request.OpenerDirector:
        if self.tls is None:
            return _plain
        return urllib.request.build_opener(*_HANDLERS, urllib.request.HTTPSHandler(context=self.tls))


def _placed(facts: Mapping[str, Any]) -> Placed:
    return Placed(facts["id"], facts["state"], facts["parameters"])
