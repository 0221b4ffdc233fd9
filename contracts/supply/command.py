"""Jobs that a program of the user's makes on request."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts.ledger import Ledger
from contracts.secret import scrub
from contracts.supply.job import Job, NotAvailable

TAKES_AT_MOST = 120.0  # seconds, one job
SHOWN = 300  # characters of what a program that failed had to say


@dataclass(slots=True)
class Command:
    """The source `command`. The program prints `{"id": "...", "parameters": {...}}`."""

    words: Sequence[str]
    system: str
    folder: Path
    ledger: Ledger
    name: str = "command"
    renewable: bool = True
    takes_at_most: float = TAKES_AT_MOST
    _hangs: str = field(default="", init=False)

    def take(self, state: str, tenant: str) -> Job:
        """Run the program; `{system}`, `{state}` and `{tenant}` in its words are filled in."""
        if self._hangs:
            raise NotAvailable(self._hangs)
        id, parameters = self._read(self._run([self._filled(word, state, tenant) for word in self.words]))
        self.ledger.give(id, parameters)
        return Job(id, parameters, self.name, tenant)

    def _filled(self, word: str, state: str, tenant: str) -> str:
        return word.replace("{system}", self.system).replace("{state}", state).replace("{tenant}", tenant)

    def _run(self, words: list[str]) -> bytes:
        """What the program prints. One that hangs is not asked again: every claim would wait for it."""
        pipe, limit = subprocess.PIPE, self.takes_at_most
        try:
            done = subprocess.run(
                words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, timeout=limit
            )
        except subprocess.TimeoutExpired as error:
            self._hangs = f"command: {words[0]} did not end within {limit:g} s"
            raise NotAvailable(self._hangs) from error
        except OSError as error:
            raise NotAvailable(f"command: {words[0]} cannot be run: {error.strerror}") from error
        if done.returncode != 0:
            raise NotAvailable(f"command: {words[0]} ended with {done.returncode}: {_last_words(done.stderr)}")
        return done.stdout

    def _read(self, printed: bytes) -> tuple[str, dict[str, str]]:
        """The job's id and parameters."""
        try:
            facts = json.loads(printed)
        except ValueError:
            facts = None
        parameters = facts.get("parameters", {}) if isinstance(facts, dict) else None
        if not isinstance(parameters, dict) or not isinstance(facts.get("id"), str) or not facts["id"]:
            raise NotAvailable(f'command: {self.words[0]} printed no {{"id": "...", "parameters": {{...}}}}')
        return facts["id"], {str(name): str(value) for name, value in parameters.items()}


def _last_words(stderr: bytes) -> str:
    """The end of what a program complained of; scrubbed first, since half a secret is not recognised as one."""
    text = scrub(" ".join(stderr.decode("utf-8", "replace").split()))
    return text[-SHOWN:] or "it said nothing"
