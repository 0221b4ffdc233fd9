"""Nonces that a server handed out and the counts they were used with, kept in the store: any worker may meet any nonce.

A nonce is written when it is issued and once for each use. Old ones are swept when new ones are issued, never
while a request is being authenticated.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from mockserver.clock import Clock
from mockserver.ids import Ids
from mockserver.state import Conflict, Delete, Insert, Record, Replace, Store, transact

KIND = "nonce"
SIZE = 24  # random bytes; Jetty's number, and that of every recorded challenge
LIFE = 60.0  # seconds; stated at https://github.com/mongodb-forks/digest/pull/60
MAX_COUNT = 1024  # uses of a nonce; Jetty's number
SWEEP_EVERY = 64  # nonces issued between two sweeps; ours
KEPT = 10_000  # nonces that may wait for their end, however little time passes; ours

_SHAPE = re.compile(r"[A-Za-z0-9+/]{32}")


class Use(Enum):
    """What came of using a nonce."""

    FRESH = auto()
    REPLAYED = auto()
    STALE = auto()


class Nonces:
    """The nonces of one realm. Counts may come in any order and start anywhere, but each only once."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, life: float = LIFE) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._life = life
        self._issued = 0

    def issue(self) -> str:
        """A new nonce."""
        nonce = transact(self._insert)
        self._issued += 1
        if self._issued % SWEEP_EVERY == 0:
            self._sweep()
        return nonce

    def use(self, nonce: str, count: int) -> Use:
        """Mark one use. A nonce that is unknown, too old or used up is STALE."""
        if count >= MAX_COUNT or not _SHAPE.fullmatch(nonce):
            return Use.STALE
        return transact(lambda: self._use(nonce, count))

    def _insert(self) -> str:
        data = {"until": self._clock.now() + self._life, "used": "0"}
        record = Record(KIND, self._ids.base64(SIZE), "", data)
        self._store.commit(Insert(record))
        return record.id

    def _use(self, nonce: str, count: int) -> Use:
        record = self._store.get(KIND, nonce)
        if record is None or self._is_over(record):
            return Use.STALE
        used, bit = int(record.data["used"], 16), 1 << count
        if used & bit:
            return Use.REPLAYED
        self._store.commit(Replace(record.holding({**record.data, "used": f"{used | bit:x}"})))
        return Use.FRESH

    def _is_over(self, record: Record) -> bool:
        return bool(record.data["until"] <= self._clock.now())

    def _sweep(self) -> None:
        """Forget what is over, and the oldest of what is too much. Another worker at it too is none of our business."""
        surplus = self._store.count(KIND) - KEPT
        oldest = self._store.find(KIND, limit=2 * SWEEP_EVERY)
        doomed = [record for at, record in enumerate(oldest) if at < surplus or self._is_over(record)]
        try:
            self._store.commit(*(Delete(record) for record in doomed))
        except Conflict:
            return
