"""Whose ids are whose: the one place that knows which jobs this run may touch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from urllib.parse import unquote

UNQUOTINGS = 4  # how often a value is percent-decoded before it is compared
LONG = 16  # characters; a foreign id of this length is also looked for inside other text
_SEPARATORS = re.compile(r"[^0-9a-z]+")


class ForeignId(Exception):
    """An id cannot become ours: it was there before we created anything, so it is somebody else's."""


def spellings(value: str) -> tuple[str, ...]:
    """A value as written and after each round of percent-decoding."""
    found = [value]
    while len(found) <= UNQUOTINGS and (decoded := unquote(found[-1], errors="replace")) != found[-1]:
        found.append(decoded)
    return tuple(found)


def normal(value: str) -> str:
    """What all spellings of an id have in common: its letters and digits, decoded and in lower case."""
    return _SEPARATORS.sub("", spellings(value)[-1].lower())


class Ledger:
    """Every job id the run has met. An id is ours, reserved (no job's), seen (and so foreign unless ours) or unknown.

    Time is the journal's count of requests: what a list showed before we created something was not created by us.
    """

    def __init__(self) -> None:
        self._ours: dict[str, tuple[str, Mapping[str, str]]] = {}  # by normal form
        self._reserved: set[str] = set()
        self._seen: dict[str, tuple[str, int]] = {}
        self._made: dict[str, None] = {}  # in order

    def give(self, id: str, parameters: Mapping[str, str] | None = None) -> None:
        """Take an id as ours because the supply handed it to us for this."""
        self._ours[normal(id)] = (id, MappingProxyType(dict(parameters or {})))

    def created(self, id: str, since: int, parameters: Mapping[str, str] | None = None) -> None:
        """Take an id as ours because request number `since` created it. ForeignId if it was seen before that."""
        first_seen = self._seen.get(normal(id), (id, since))[1]
        if first_seen < since and not self.is_ours(id):
            raise ForeignId(id)
        self._made[id] = None
        self.give(id, parameters)

    def reserve(self, id: str) -> None:
        """Take an id that no job has: requests may name it. ForeignId if a list has shown it."""
        if normal(id) in self._seen and not self.is_ours(id):
            raise ForeignId(id)
        self._reserved.add(normal(id))

    def saw(self, ids: Iterable[str], number: int) -> None:
        """Note the ids that the reply to request `number` listed."""
        for id in ids:
            self._seen.setdefault(normal(id), (id, number))

    def is_ours(self, id: str) -> bool:
        """Whether a request may act on this id, in any spelling."""
        return normal(id) in self._ours

    def as_given(self, id: str) -> str:
        """One of our ids as it was given to us, in whatever spelling it comes; any other as it comes."""
        return self._ours.get(normal(id), (id,))[0]

    def is_reserved(self, id: str) -> bool:
        """Whether the id was reserved as no job's."""
        return normal(id) in self._reserved and not self.is_ours(id)

    def may_send(self, id: str) -> bool:
        """Whether a request may name this id: ours or reserved."""
        return normal(id) in self._ours or normal(id) in self._reserved

    def parameters_of(self, id: str) -> Mapping[str, str]:
        """The wire parameters that address one of our jobs; empty for any other id."""
        return self._ours.get(normal(id), ("", {}))[1]

    def scope_values(self, name: str) -> frozenset[str]:
        """Every value that our jobs have for one wire parameter."""
        return frozenset(parameters[name] for _, parameters in self._ours.values() if name in parameters)

    def all_scope_values(self) -> frozenset[str]:
        """Every wire parameter's value of every job of ours."""
        return frozenset(value for _, parameters in self._ours.values() for value in parameters.values())

    def foreign_in(self, text: str) -> str | None:
        """A foreign id that occurs in a text (a request target, a body), in any spelling, or None."""
        decoded = spellings(text)[-1].lower()
        tokens = {normal(token) for token in re.split(r"[^0-9a-z\-]+", decoded)}
        squeezed = normal(text)
        for form, (id, _) in self._seen.items():
            if form not in self._ours and (form in tokens or (len(form) >= LONG and form in squeezed)):
                return id
        return None

    @property
    def ours(self) -> tuple[str, ...]:
        """Our ids in the order we got them."""
        return tuple(id for id, _ in self._ours.values())

    @property
    def made(self) -> tuple[str, ...]:
        """The ids of the jobs that requests of this run have created, in order."""
        return tuple(self._made)

    @property
    def foreign(self) -> frozenset[str]:
        """Ids that lists showed and that are not ours."""
        return frozenset(id for form, (id, _) in self._seen.items() if form not in self._ours)
