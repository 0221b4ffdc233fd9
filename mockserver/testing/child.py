"""`python -m mockserver.testing.child ...`: the `mockserver` command, which ends when its parent is gone."""

from __future__ import annotations

import os
import signal
import sys
from threading import Thread

from mockserver.cli import main


def end_with_parent() -> None:
    """Nothing is ever sent on standard input; it ends when whoever holds the other end does."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=end_with_parent, daemon=True).start()
    main()
