"""Several processes behind one port, under a parent that does nothing but watch over them.

Each worker has a listening socket of its own on the same port (`SO_REUSEPORT`), so the kernel spreads connections
evenly. The parent holds them all: what waits in the queue of a worker that died is served by its replacement.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from select import select
from threading import Thread
from typing import NoReturn, Self

from mockserver.clock import stopwatch
from mockserver.errors import MockserverError, UsageError

BACKLOG = 2048  # connections waiting to be accepted, of each worker
SHORT_LIFE = 5.0  # seconds; a worker that ends sooner is replaced only after a
PAUSE = 1.0  # seconds, so that what cannot work does not keep the machine busy
DRAIN = 15.0  # seconds that workers get to finish the requests under way; longer than the server's own limit
STOPPING = frozenset({signal.SIGTERM, signal.SIGINT})
CAN_FORK = hasattr(os, "fork") and hasattr(socket, "SO_REUSEPORT")

LOGGER = logging.getLogger(__name__)

Serve = Callable[[socket.socket, Callable[[], None]], None]
"""Serves a listening socket until SIGTERM, then returns. Calls the second argument once it accepts connections."""


def run(listener: socket.socket, count: int, serve: Serve, on_ready: Callable[[], None]) -> int:
    """Serve on the address of `listener` with `count` workers until SIGTERM or Ctrl-C; returns the exit code.

    A worker that cannot start at first ends everything; one that ends later is replaced.
    """
    crew = Crew(share(listener, count), serve)
    with Signals() as signals:
        try:
            if failure := crew.start():
                return failure
            on_ready()
            while not signals.wait(crew.pause()) & STOPPING:
                crew.replace()
        finally:
            crew.stop(signals)
    return 0


def share(listener: socket.socket, count: int) -> list[socket.socket]:
    """`count` listening sockets in place of `listener`, on the same address."""
    if not CAN_FORK:
        raise UsageError(f"--workers {count}: this system cannot share a port between processes. Use --workers 1.")
    address = listener.getsockname()
    listener.close()
    try:
        return [_listen(listener.family, address) for _ in range(count)]
    except OSError as error:
        raise UsageError(
            f"cannot listen on {address[0]}:{address[1]}: {error}. It was free just now. Try again."
        ) from None


def _listen(family: int, address: tuple[str, int]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(address)
    listener.listen(BACKLOG)
    return listener


class Signals:
    """SIGTERM, SIGINT and SIGCHLD as something to wait for."""

    def __enter__(self) -> Self:
        """Take them over."""
        self._told, self._tell = socket.socketpair()
        self._tell.setblocking(False)
        signal.set_wakeup_fd(self._tell.fileno())
        watched = (*STOPPING, signal.SIGCHLD)
        self._previous = {each: signal.signal(each, lambda *_: None) for each in watched}
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        signal.set_wakeup_fd(-1)
        for each, handler in self._previous.items():
            signal.signal(each, handler)

    def wait(self, seconds: float | None) -> frozenset[int]:
        """The signals that came, after `seconds` at the latest."""
        ready, _, _ = select([self._told], [], [], seconds)
        return frozenset(self._told.recv(4096)) if ready else frozenset()


@dataclass(slots=True)
class Worker:
    """A process that serves one of the sockets. `ready` is where it says so."""

    slot: int
    pid: int
    ready: int
    started: float

    def accepts(self) -> bool:
        """Wait until it accepts connections (True) or has ended without (False)."""
        with os.fdopen(self.ready, "rb") as ready:
            return bool(ready.read(1))


class Crew:
    """All workers. A slot is a socket and whoever serves it."""

    def __init__(self, sockets: list[socket.socket], serve: Serve) -> None:
        self._sockets = sockets
        self._serve = serve
        self._workers: dict[int, Worker] = {}  # by pid
        self._vacant: dict[int, float] = {}  # by slot: from when on it may be filled
        self._alive, self._parent = os.pipe()  # held open by the parent alone: its end tells the workers of its death

    def start(self) -> int:
        """Start every worker: 0, or the exit code of one that could not.

        The first starts alone. It prepares the state for all, and what is wrong with it is said once.
        """
        first, *others = range(len(self._sockets))
        for slots in ([first], others):
            for worker in [self._fork(slot) for slot in slots]:
                if not worker.accepts():
                    del self._workers[worker.pid]
                    return os.waitstatus_to_exitcode(os.waitpid(worker.pid, 0)[1]) or 1
        return 0

    def pause(self) -> float | None:
        """Seconds until there is something to do without being told."""
        return max(0.0, min(self._vacant.values()) - stopwatch()) if self._vacant else None

    def replace(self) -> None:
        """See who has ended, and start others for them."""
        now = stopwatch()
        for worker, code in self._ended():
            LOGGER.warning("worker %d ended with %s and is replaced", worker.pid, code)
            self._vacant[worker.slot] = now if now - worker.started > SHORT_LIFE else now + PAUSE
        for slot in [slot for slot, since in self._vacant.items() if since <= now]:
            del self._vacant[slot]
            os.close(self._fork(slot).ready)

    def stop(self, signals: Signals) -> None:
        """Let every worker finish what it has begun, and see it end."""
        for listener in self._sockets:
            listener.close()
        self._tell(signal.SIGTERM)
        deadline = stopwatch() + DRAIN
        while self._workers and stopwatch() < deadline:
            signals.wait(deadline - stopwatch())
            self._ended()
        self._tell(signal.SIGKILL)

    def _tell(self, what: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, what)

    def _ended(self) -> list[tuple[Worker, int]]:
        ended = []
        for pid in list(self._workers):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                ended.append((self._workers.pop(pid), os.waitstatus_to_exitcode(status)))
        return ended

    def _fork(self, slot: int) -> Worker:
        ready, say_ready = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # until the worker has handlers of its own
        pid = os.fork()
        if pid == 0:
            self._be_worker(slot, say_ready)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        os.close(say_ready)
        worker = self._workers[pid] = Worker(slot, pid, ready, stopwatch())
        return worker

    def _be_worker(self, slot: int, say_ready: int) -> NoReturn:
        """All that happens in a worker's process."""
        code = 1
        try:
            self._leave_parent(slot)
            self._serve(self._sockets[slot], lambda: _say(say_ready))
            code = 0
        except MockserverError as error:
            print(f"mockserver: {error}", file=sys.stderr)
            code = 2
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)  # what the parent registered to run at its end is not ours to run

    def _leave_parent(self, slot: int) -> None:
        """Keep nothing of the parent's but one socket; Ctrl-C is the parent's to pass on, its death ours to notice."""
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for each in (*STOPPING, signal.SIGCHLD):
            signal.signal(each, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        os.close(self._parent)
        for other in self._sockets[:slot] + self._sockets[slot + 1 :]:
            other.close()
        Thread(target=self._follow_parent, name="parent-watch", daemon=True).start()

    def _follow_parent(self) -> None:
        os.read(self._alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)


def _say(pipe: int) -> None:
    with suppress(OSError), os.fdopen(pipe, "wb") as ready:
        ready.write(b".")
