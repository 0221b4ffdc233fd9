"""How specs complain: where it is, what is wrong, what was expected and found, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_QUOTE = 200  # characters of somebody else's message


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a spec. `where` is an operation, a schema or another place inside `file`."""

    file: str
    where: str
    what: str
    remedy: str
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        """One message for people."""
        place = f"{self.file}: {self.where}" if self.where else self.file
        return f"{place}: {self.what}.{self._comparison()} {self.remedy}"

    def _comparison(self) -> str:
        expected = f"expected {self.expected}" if self.expected else ""
        found = f"found {self.found}" if self.found else ""
        both = ", ".join(part for part in (expected, found) if part)
        return f" {both[0].upper()}{both[1:]}." if both else ""


def shortened(message: str) -> str:
    """A validator's message without the page of data that it may quote: what matters stands at its end."""
    line = message.splitlines()[0] if message else ""
    return line if len(line) <= LONGEST_QUOTE else f"...{line[-LONGEST_QUOTE:]}"


class SpecError(Exception):
    """A spec that cannot be used. The message is for people; `problems` holds its parts, where there are any."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)

    @classmethod
    def of(cls, *problems: Problem) -> SpecError:
        """An error that says each problem on a line of its own."""
        return cls("\n".join(str(problem) for problem in problems), problems)
