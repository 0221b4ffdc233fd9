"""Cancels that come true, but not when clients are told they will."""

from __future__ import annotations

from functools import partial

from mockserver.defects.fitting import has_history, settles_later
from mockserver.defects.lives import alter_cancelled, move_cancel_by
from mockserver.system import Defect, Parts
from mockserver.timeline import Moment, Timeline

KIND = "timing"
LATE = 5.0  # seconds until an accepted cancel begins to show
MUCH_TOO_LATE = 1800.0  # seconds more than settling takes
SKEW = 3600.0  # seconds that one clock is behind another


def _settles_too_late(parts: Parts) -> None:
    def alter(before: Timeline, after: Timeline, now: float) -> Timeline:
        end = after.moments[-1]
        return Timeline((*after.moments[:-1], Moment(end.at + MUCH_TOO_LATE, end.state)))

    alter_cancelled(parts, alter)


DEFECTS = (
    Defect(
        "cancel_shows_late",
        KIND,
        "for five seconds after an accepted cancel the job reads as if nothing had happened",
        partial(move_cancel_by, seconds=LATE),
        ("cancel_shows_at_once",),
    ),
    Defect(
        "cancel_settles_too_late",
        KIND,
        "a cancelled job takes half an hour to settle",
        _settles_too_late,
        ("cancel_settles",),
        settles_later,
    ),
    Defect(
        "moment_of_cancel_lies_in_the_past",
        KIND,
        "the history dates a cancel an hour too early: clocks are not in step",
        partial(move_cancel_by, seconds=-SKEW),
        ("history_is_monotonic",),
        has_history,
    ),
)
