"""The parent of a run: a process a system, two at a time, each with a mock of its own where the target is one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from json import loads
from pathlib import Path
from typing import IO, Any

from contracts import exit as codes
from contracts.channel import FAILED, FINISHED, PROGRESS
from contracts.mockprocess import MockFailed, MockOptions, serving
from contracts.order import Order
from contracts.secret import scrub
from contracts.verdict import RunResult

AT_A_TIME = 2  # a child and its mock take turns, so each pair keeps about one core busy
STOPPING_TAKES_AT_MOST = 20.0  # seconds for a child to write its report after Ctrl-C
LAST_WORDS = 500  # characters of the last line that a dead child wrote


@dataclass(frozen=True, slots=True)
class Step:
    """How far the run of one system has come: `share` from 0 to 1."""

    system: str
    share: float
    doing: str
    requests: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of one system's run: a result with the files written, or a message that says why there is none."""

    system: str
    code: int
    result: RunResult | None = None
    files: tuple[Path, ...] = ()
    message: str = ""
    stopped: bool = False  # before it was done, by a signal or because time was up


Watch = Callable[[Step | Ended], None]


@dataclass(slots=True)
class Runner:
    """Carries out orders. Ctrl-C stops the children, which still write what they have; so does `until`, a moment."""

    watch: Watch
    until: float | None = None  # on the clock of time.monotonic
    _children: list[subprocess.Popen[str]] = field(default_factory=list)
    _stopped: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, orders: Sequence[Order]) -> list[Ended]:
        """Carry out all orders and return their ends in the same order."""
        with ThreadPoolExecutor(min(AT_A_TIME, os.cpu_count() or 1, len(orders))) as pool:
            futures = [pool.submit(self._carry_out, order) for order in orders]
            with self._stopping_on_signals(), self._stopping_in_time():
                ended = [future.result() for future in futures]
        return [replace(each, stopped=self._stopped) for each in ended]

    def _carry_out(self, order: Order) -> Ended:
        options = MockOptions(order.variant, order.seed, order.defects)
        if self._stopped:
            return _not_begun(order.system)
        try:
            with serving([order.system], options) if order.is_mock else nullcontext("") as address:
                ended = self._in_child(replace(order, address=address))
        except MockFailed as error:
            ended = Ended(order.system, codes.WRONG, message=f"{order.system}: {error}")
        self.watch(ended)
        return ended

    def _in_child(self, order: Order) -> Ended:
        child = self._start(order)
        if child is None:
            return _not_begun(order.system)
        assert child.stdin and child.stdout and child.stderr
        said: list[str] = []
        reader = threading.Thread(target=said.extend, args=(child.stderr,), daemon=True)
        reader.start()
        with child:
            child.stdin.write(order.to_json() + "\n")
            child.stdin.close()
            ended, sent = self._follow(order, child.stdout)
            reader.join()
        code = child.returncode
        if order.verbose:
            sys.stderr.write(scrub("".join(said)))
        if ended is None and self._stopped:
            return _killed(order.system, sent)
        return ended or _died(order.system, code, "".join(said))

    def _start(self, order: Order) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._stopped:
                return None
            child = subprocess.Popen(
                [sys.executable, "-m", "contracts.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,  # a Ctrl-C reaches us alone; we pass it on once
            )
            self._children.append(child)
            return child

    def _follow(self, order: Order, lines: IO[str]) -> tuple[Ended | None, int]:
        """Pass on what a child says; None if it ended without a word about how. With it, the requests sent by then."""
        ended, sent = None, 0
        for line in lines:
            message = loads(line)
            if message["event"] == PROGRESS:
                sent = message["requests"]
                self.watch(Step(order.system, message["share"], message["doing"], sent))
            elif message["event"] in {FAILED, FINISHED}:
                ended = _ended(order, message)
        return ended, sent

    @contextmanager
    def _stopping_on_signals(self) -> Iterator[None]:
        """Signals reach the main thread only; elsewhere (in pytest-xdist, say) there is nothing to handle."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self._stop) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    @contextmanager
    def _stopping_in_time(self) -> Iterator[None]:
        alarm = _alarm(self.until - time.monotonic(), self._stop) if self.until is not None else None
        try:
            yield
        finally:
            if alarm:
                alarm.cancel()

    def _stop(self, *signal_and_frame: Any) -> None:
        """Ask once; a child that is asked again, or does not listen, is ended."""
        self._stopped, again = True, self._stopped
        for child in self._children:
            if child.poll() is None:
                child.kill() if again else child.send_signal(signal.SIGINT)
        if not again:
            _alarm(STOPPING_TAKES_AT_MOST, self._stop)


def _alarm(seconds: float, action: Callable[[], None]) -> threading.Timer:
    alarm = threading.Timer(max(0.0, seconds), action)
    alarm.daemon = True
    alarm.start()
    return alarm


def _ended(order: Order, message: Mapping[str, Any]) -> Ended:
    if message["event"] == FAILED:
        return Ended(order.system, message["code"], message=message["message"])
    from contracts.report import record

    result = replace(record.parse(message["record"]), targets_file=order.looked_up)
    return Ended(order.system, codes.OF[result.conclusion], result, tuple(Path(each) for each in message["files"]))


def _not_begun(system: str) -> Ended:
    return Ended(system, codes.INCONCLUSIVE, message=f"{system}: stopped before anything was tested")


def _killed(system: str, sent: int) -> Ended:
    """A child that was not given the time to report."""
    if not sent:
        return _not_begun(system)
    message = f"{system}: killed after {sent:,} requests or more. There is no report of what they touched"
    return Ended(system, codes.INCONCLUSIVE, message=message)


def _died(system: str, code: int, said: str) -> Ended:
    words = scrub(said).strip().splitlines()[-1][-LAST_WORDS:] if said.strip() else "it said nothing"
    return Ended(system, codes.WRONG, message=f"{system}: the process that checked it ended with code {code}: {words}")
