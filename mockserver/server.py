"""Serves a mock over HTTP until it is told to stop."""

from __future__ import annotations

import errno
import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from mockserver import workers as crew
from mockserver.app import Mock, Settings, build
from mockserver.errors import UsageError
from mockserver.protocol import GuardedProtocol
from mockserver.state.opening import open_storage, outlives_process
from mockserver.tls import Certificate

BACKLOG = 2048  # connections waiting to be accepted
IDLE = 75  # seconds that a connection without a request is kept; ours, as nginx has it
DRAIN = 10  # seconds that requests under way get to finish
YOUNG, MIDDLE, OLD = 2_000, 50, 1_000  # objects and rounds between collections of rubbish; 700, 10, 10 in Python 3.11


class MockServer(uvicorn.Server):
    """uvicorn's server, with a word when it is ready and a stop that is no failure."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop gracefully on SIGTERM and Ctrl-C; unlike uvicorn, do not raise the signal again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        previous = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in previous.items():
                signal.signal(each, handler)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}. {_remedy(error)}") from None
    listener.listen(BACKLOG)
    return listener


def _remedy(error: OSError) -> str:
    if error.errno in {errno.EADDRINUSE, errno.EACCES}:
        return "Free the port, or choose another with --port (0: any)."
    return "Name an address of this machine with --host."


def url_of(listener: socket.socket, certificate: Certificate | None = None) -> str:
    """Where a client finds the listener."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if certificate else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def server_for(mock: Mock, on_ready: Callable[[], None], certificate: Certificate | None = None) -> MockServer:
    """A server of this mock, not yet running."""
    config = uvicorn.Config(
        mock.asgi,
        http=GuardedProtocol,
        loop="auto",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # anybody can send them; links go by --public-url
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=DRAIN,
        ssl_certfile=certificate.certificate if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    return MockServer(config, on_ready)


def run(settings: Settings, host: str, port: int, workers: int, certificate: Certificate | None) -> int:
    """Serve until SIGTERM or Ctrl-C, by as many processes as are asked for; returns the exit code."""
    if workers == 1:
        mock = build(settings)
        collect_seldom()
        listener = listen(host, port)
        server_for(mock, _announcement(listener, certificate), certificate).run(sockets=[listener])
        return 0
    if not outlives_process(settings.state):
        raise UsageError(f"--workers {workers}: processes cannot share `{settings.state}`. Add --state sqlite:///FILE.")
    listener = listen(host, port)
    open_storage(settings.state).close()  # made here, once; a worker that finds it gone must not make another

    def work(socket: socket.socket, on_ready: Callable[[], None]) -> None:
        mock = build(settings, open_storage(settings.state, create=False))
        collect_seldom()
        server_for(mock, on_ready, certificate).run(sockets=[socket])

    return crew.run(listener, workers, work, _announcement(listener, certificate))


def collect_seldom() -> None:
    """Look for cycles of rubbish less often, and never among what was built to stay.

    A request leaves next to none, and what is stored is many objects: going through all of them took a third of the
    time. Going through the new ones is put off, but not for long: a request that meets a collection waits for its end.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    gc.enable()


def _announcement(listener: socket.socket, certificate: Certificate | None) -> Callable[[], None]:
    """The one line on stdout that scripts wait for."""
    url = url_of(listener, certificate)
    return lambda: print(f"mockserver ready: {url}", flush=True)


@contextmanager
def served(mock: Mock) -> Iterator[str]:
    """Serve from a thread, on a free port, for as long as the block lasts. Gives the URL."""
    listener, ready = listen("127.0.0.1", 0), threading.Event()
    server = server_for(mock, ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    if not ready.wait(timeout=DRAIN):
        raise UsageError("the mock did not start serving; its log says why")
    try:
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join()
