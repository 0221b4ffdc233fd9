"""Whose ids are whose: the one place that knows which jobs this run may touch."""

from __future__ import annotations

from collections.abc import Mapping


class Ledger:
    """Every job id the run has met. An id is ours, reserved (proven or made to be no job's), foreign, or unknown.

    Ours are those created by this run or given by the supply. What a list shows besides those is foreign for good.
    """

    def own(self, id: str, parameters: Mapping[str, str] | None = None) -> None:
        """Take an id as ours, with the wire parameters that address it. Raises ForeignId if it is known as foreign."""
        raise NotImplementedError

    def reserve(self, id: str) -> None:
        """Take an id that no job has. Raises ForeignId if it is one."""
        raise NotImplementedError

    def note_foreign(self, id: str) -> None:
        """Remember an id that a list showed and that is not ours."""
        raise NotImplementedError

    def is_ours(self, id: str) -> bool:
        """Whether a request may act on this id, in any spelling."""
        raise NotImplementedError

    def may_send(self, id: str) -> bool:
        """Whether a request may name this id: ours or reserved."""
        raise NotImplementedError

    @property
    def ours(self) -> tuple[str, ...]:
        """Our ids in the order we got them."""
        raise NotImplementedError

    @property
    def foreign(self) -> frozenset[str]:
        """Ids that lists showed and that are not ours."""
        raise NotImplementedError
