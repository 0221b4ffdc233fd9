"""A job's past as its representation tells it: the history of states, and the moments it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

from contracts.exchange import Reply
from specs.lifecycle import MISSING, value_at
from specs.model import Lifecycle


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a history."""

    state: str
    at: str


def history_of(lifecycle: Lifecycle, representation: Any) -> list[Entry] | None:
    """The entries, oldest first; None where the lifecycle has no history or the representation does not show it."""
    if lifecycle.history is None:
        return None
    entries = value_at(representation, lifecycle.history.list)
    if not isinstance(entries, list):
        return None
    place = lifecycle.history
    return [Entry(str(value_at(each, place.state)), str(value_at(each, place.at))) for each in entries]


def repeated_entries(lifecycle: Lifecycle, representation: Any) -> list[str]:
    """States that follow themselves in a history: a transition that was taken twice."""
    entries = history_of(lifecycle, representation) or []
    return [later.state for earlier, later in pairwise(entries) if earlier.state == later.state]


def moments(lifecycle: Lifecycle, representation: Any) -> Mapping[str, datetime]:
    """The times that a representation names, by dotted path; those that are not there (yet) are left out."""
    return dict(_moments(lifecycle, representation))


def _moments(lifecycle: Lifecycle, representation: Any) -> Iterator[tuple[str, datetime]]:
    for path in lifecycle.times:
        value = value_at(representation, path)
        if value is not MISSING and (moment := moment_of(value)) is not None:
            yield path, moment


def moment_of(value: Any) -> datetime | None:
    """An ISO 8601 time; without an offset it counts as UTC. None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def date_of(reply: Reply) -> datetime | None:
    """When a reply was made, by its `Date`; None where it does not say."""
    try:
        return parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
