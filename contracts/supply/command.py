"""Jobs that a program of the user's makes on request."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.ledger import Ledger
from contracts.supply.job import Job, NotAvailable

TAKES_AT_MOST = 120.0  # seconds, one job


@dataclass(slots=True)
class Command:
    """The source `command`. The program prints `{"id": "...", "parameters": {...}}`."""

    words: Sequence[str]
    system: str
    folder: Path
    ledger: Ledger
    name: str = "command"
    renewable: bool = True

    def take(self, state: str, tenant: str) -> Job:
        """Run the program; `{system}`, `{state}` and `{tenant}` in its words are filled in."""
        facts = self._facts([self._filled(word, state, tenant) for word in self.words])
        parameters = {str(name): str(value) for name, value in facts.get("parameters", {}).items()}
        self.ledger.give(facts["id"], parameters)
        return Job(facts["id"], parameters, self.name, tenant)

    def _filled(self, word: str, state: str, tenant: str) -> str:
        return word.replace("{system}", self.system).replace("{state}", state).replace("{tenant}", tenant)

    def _facts(self, words: list[str]) -> Any:
        try:
            done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=TAKES_AT_MOST)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotAvailable(f"command: {words[0]} failed: {error}") from error
        if done.returncode != 0:
            raise NotAvailable(f"command: {words[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        try:
            facts = json.loads(done.stdout)
        except ValueError:
            facts = None
        if not isinstance(facts, dict) or not isinstance(facts.get("id"), str):
            raise NotAvailable(f'command: {words[0]} printed no {{"id": "...", "parameters": {{...}}}}')
        return facts
