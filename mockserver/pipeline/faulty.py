"""The layer where faults strike: after routing, so that a rule can name its operation."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.faults import Faults


class Faulty:
    """Lets requests through unless a rule says otherwise."""

    def __init__(self, app: ASGIApp, *, faults: Faults) -> None:
        self.app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, well or badly."""
        await self.app(scope, receive, send)
