"""The users that a system has built in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """What a client has to present. `scheme` is digest (username and password) or bearer (token)."""

    name: str
    scheme: str
    username: str = ""
    password: str = ""
    token: str = ""


class Identities(Mapping[str, Identity]):
    """The identities of one system, by name: as keys, and as attributes where that reads better."""

    def __init__(self, credentials: Mapping[str, Mapping[str, str]]) -> None:
        self._known = {name: Identity(name, **given) for name, given in credentials.items()}

    def __getitem__(self, name: str) -> Identity:
        return self._known[name]

    def __getattr__(self, name: str) -> Identity:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._known:
            raise AttributeError(f"there is no identity `{name}`. There are: {', '.join(self._known)}.")
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)
