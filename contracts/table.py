"""Reading the targets file key by key: every complaint names file, table, key, what was expected and what to do."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.secret import conceal

KINDS = ((str, "a string"), (list, "a list"), (dict, "a table"))


class TargetError(ValueError):
    """Something in the targets file (or a secret or file it names) is wrong; the message is for people."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a targets file, `name` dotted from the top."""

    file: Path
    name: str
    values: Mapping[str, Any]

    def error(self, key: str, problem: str, expected: str, remedy: str = "") -> TargetError:
        """A complaint about one key."""
        where = f"{self.file}: [{self.name}] {key}".rstrip()
        return TargetError(f"{where}: {problem}. Expected {expected}. {remedy or f'Correct `{key}`.'}")

    def only(self, *known: str) -> None:
        """Refuse keys that mean nothing here: a misspelt limit must not pass as no limit."""
        for key in self.values:
            if key not in known:
                raise self.error(key, "unknown key", f"one of {', '.join(known)}", f"Correct or remove `{key}`.")

    def text(self, key: str, default: str | None = None) -> str:
        """A string; required where there is no default."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self.error(key, _found(self.values, key), "a string", f'Write `{key} = "..."`.')
        return value

    def number(self, key: str, default: float) -> float:
        """A number of seconds above zero."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise self.error(
                key, _found(self.values, key), "a number of seconds above 0", f"Write `{key} = {default}`."
            )
        return float(value)

    def words(self, key: str, default: tuple[str, ...], known: Set[str] | None = None) -> tuple[str, ...]:
        """A list of strings, all among `known` if that is given."""
        value = self.values.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.error(key, _found(self.values, key), "a list of strings", f'Write `{key} = ["..."]`.')
        for word in value:
            if known is not None and word not in known:
                raise self.error(key, f"unknown word `{word}`", f"words among {', '.join(sorted(known))}")
        return tuple(value)

    def table(self, key: str) -> Table:
        """A sub-table; an empty one where it is absent."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, _found(self.values, key), "a table", f"Write it as [{self.name}.{key}].")
        return Table(self.file, f"{self.name}.{key}", value)

    def path(self, key: str) -> Path | None:
        """A file that exists, relative to the targets file; None where the key is absent."""
        if key not in self.values:
            return None
        path = self.file.parent / self.text(key)
        if not path.is_file():
            raise self.error(key, f"there is no file {path}", "a file, relative to the targets file", "Create it.")
        return path

    def hidden(self, key: str, default: str | None = None) -> str:
        """A value that `env:NAME` and `file:PATH` may keep elsewhere; what comes from there is scrubbed from output."""
        value = self.text(key, default)
        source, _, rest = value.partition(":")
        if source not in {"env", "file"}:
            return self._one_line(key, value, "the value")
        if not rest:
            raise self.error(key, f"`{source}:` names nothing", "env:NAME or file:PATH")
        if source == "env":
            found = self._one_line(key, self._variable(key, rest), f"the value of {rest}")
        else:
            found = self._one_line(key, self._content(key, self.file.parent / rest), f"the content of {rest}")
        conceal(found)
        return found

    def _variable(self, key: str, name: str) -> str:
        value = os.environ.get(name)
        if not value:
            raise self.error(key, f"the environment variable {name} is not set", "a value in it", f"Set {name}.")
        return value

    def _content(self, key: str, path: Path) -> str:
        try:
            content = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise self.error(key, f"cannot read {path} ({error.strerror})", "a readable text file") from error
        except UnicodeDecodeError as error:
            raise self.error(key, f"{path} is not UTF-8", "a text file") from error
        if not content:
            raise self.error(key, f"{path} is empty", "the secret in it")
        return content

    def _one_line(self, key: str, value: str, what: str) -> str:
        """What goes into a header must not end it."""
        if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in value):
            conceal(value)
            raise self.error(key, f"{what} holds line breaks or other control characters", "a secret on one line")
        return value


def _found(values: Mapping[str, Any], key: str) -> str:
    """What stands there; texts are not shown, they may be secrets."""
    value = values.get(key, "")
    if isinstance(value, bool):
        return f"is {str(value).lower()}"
    if isinstance(value, int | float):
        return f"is {value}"
    if value == "":
        return "is missing"
    return next((f"is {name}" for kind, name in KINDS if isinstance(value, kind)), "is a date or time")


def tables_of(file: Path) -> dict[str, Table]:
    """The top-level tables of a targets file, in its order."""
    try:
        parsed = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise TargetError(
            f"{file}: cannot be read ({error.strerror}). Create it, or name another with --targets."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetError(f"{file}: is not TOML: {error}. Correct that place.") from None
    for name, value in parsed.items():
        if isinstance(value, list) and all(isinstance(each, dict) for each in value):
            raise TargetError(
                f"{file}: `{name}` is a list of tables. Expected one table. Write [{name}], not [[{name}]]."
            )
        if not isinstance(value, dict):
            raise TargetError(
                f"{file}: `{name}` stands outside any table. Expected only tables. Write it below [NAME]."
            )
    return {name: Table(file, name, value) for name, value in parsed.items()}
