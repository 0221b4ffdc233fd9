"""The one ASGI app: it hands each request to the system that owns the path."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.pipeline.delivery import WHOLE, deliver
from mockserver.system import Reply
from mockserver.wire import OUR_ERROR, encode


class Switchboard:
    """Apps by path prefix; the longest prefix wins. A single app gets every path."""

    def __init__(self, apps: Mapping[str, ASGIApp], on_shutdown: Callable[[], None]) -> None:
        self._apps = sorted(apps.items(), key=lambda each: len(each[0]), reverse=True)
        self._on_shutdown = on_shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, the server's start and stop, or close a web socket."""
        if scope["type"] == "http":
            await self._owner(scope["path"])(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    def _owner(self, path: str) -> ASGIApp:
        for prefix, app in self._apps:
            if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
                return app
        return self._nobody

    async def _nobody(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = nobody(scope["path"], [prefix for prefix, _ in self._apps])
        await deliver(scope, send, encode(reply), WHOLE)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._on_shutdown()
        await send({"type": "lifespan.shutdown.complete"})


def nobody(path: str, prefixes: list[str]) -> Reply:
    """What to say of a path that no system owns."""
    beginnings = ", ".join(sorted(prefix for prefix in prefixes if prefix.strip("/")))
    message = f"No system here owns {path}. Paths begin with one of: {beginnings}."
    return Reply(404, {"error": "unknown_path", "message": message}, {OUR_ERROR: "unknown path"})
