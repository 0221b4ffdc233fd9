"""What a child process tells its parent: one JSON object a line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from contracts.secret import scrub

PROGRESS, FAILED, FINISHED = "progress", "failed", "finished"


@dataclass(slots=True)
class Channel:
    """The child's end."""

    stream: IO[str]

    @classmethod
    def instead_of_stdout(cls) -> Channel:
        """Take standard output for this alone: whatever libraries print goes to standard error."""
        stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        return cls(stream)

    def progress(self, share: float, doing: str, requests: int) -> None:
        """How far the run has come."""
        self._send({"event": PROGRESS, "share": round(share, 4), "doing": doing, "requests": requests})

    def failed(self, message: str, code: int) -> None:
        """The run could not be done; `code` is the exit code that says so."""
        self._send({"event": FAILED, "message": message, "code": code})

    def finished(self, record: Mapping[str, Any], files: list[str]) -> None:
        """The run is done: the report's record and the files written."""
        self._send({"event": FINISHED, "record": record, "files": files})

    def _send(self, message: Mapping[str, Any]) -> None:
        self.stream.write(scrub(json.dumps(message, default=str)) + "\n")
        self.stream.flush()
