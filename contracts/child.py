"""`python -m contracts.child`: checks one system and reports. Its order comes on standard input."""

from __future__ import annotations

import signal
import sys
import tempfile
import traceback
from pathlib import Path

from contracts import exit as codes
from contracts.channel import Channel
from contracts.order import Order
from contracts.secret import scrub

CRASH = "crash.log"  # where the traceback of our own mistakes goes


def main() -> None:
    """Carry out the order. The exit code says no more than that this went as planned: the channel has the verdict."""
    channel = Channel.instead_of_stdout()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    order = Order.parse(sys.stdin.readline())
    try:
        from contracts.work import carry_out

        carry_out(order, channel)
    except KeyboardInterrupt:
        channel.failed(f"{order.system}: stopped before anything was tested", codes.INCONCLUSIVE)
    except Exception as error:
        channel.failed(*_explained(order, error))


def _explained(order: Order, error: Exception) -> tuple[str, int]:
    """What went wrong as one message, and its exit code; only our own mistakes leave a traceback, in a file."""
    from contracts.bench import Unreachable
    from contracts.control import ControlError
    from contracts.report import NotWritten
    from contracts.target import TargetError
    from contracts.wire import NoAnswer
    from specs import SpecError

    if isinstance(error, Unreachable | NoAnswer):
        return f"{order.system}: {error}", codes.INCONCLUSIVE
    if isinstance(error, TargetError | SpecError | ControlError | NotWritten):
        return str(error), codes.WRONG
    log = _logged(order.path / CRASH, "".join(traceback.format_exception(error)))
    words = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return f"{order.system}: a mistake of ours ended the run ({words}). Please report it with {log}.", codes.WRONG


def _logged(path: Path, text: str) -> Path:
    """The file that a text was written to: `path`, or one of its own where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(scrub(text), encoding="utf-8")
    except OSError:
        with tempfile.NamedTemporaryFile(
            "w", prefix="contracts-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(scrub(text))
        return Path(log.name)
    return path


if __name__ == "__main__":
    main()
