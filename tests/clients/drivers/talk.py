"""How a driver in Python is talked to.

A line of JSON comes in: a verb and its arguments. A line goes out: what the client returned, or what it raised. The
command line's only argument says where the server is and who asks.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

given: dict[str, Any] = json.loads(sys.argv[1])

_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what a client prints is no answer


def converse(**verbs: Callable[..., Any]) -> None:
    """Answer until nobody asks any more."""
    for line in sys.stdin:
        verb, *arguments = json.loads(line)
        print(json.dumps(_outcome(verbs[verb], arguments)), file=_answers, flush=True)


def _outcome(verb: Callable[..., Any], arguments: list[Any]) -> dict[str, Any]:
    try:
        return {"returned": verb(*arguments)}
    except Exception as error:
        return {"raised": type(error).__name__, "message": str(error)}
