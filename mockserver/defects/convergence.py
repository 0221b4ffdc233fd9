"""Cancels that are accepted and then come to nothing: never finished, undone, or overtaken."""

from __future__ import annotations

from mockserver.defects.fitting import settles_later
from mockserver.defects.lives import added, alter_cancelled
from mockserver.system import Defect, Parts
from mockserver.timeline import Moment, Timeline

KIND = "convergence"
WHILE = 30.0  # seconds until what was cancelled runs again


def _never_settles(parts: Parts) -> None:
    alter_cancelled(parts, lambda before, after, now: Timeline(after.past(now)))


def _comes_back(parts: Parts) -> None:
    def alter(before: Timeline, after: Timeline, now: float) -> Timeline:
        return Timeline((*after.moments, Moment(after.moments[-1].at + WHILE, before.state(now))))

    alter_cancelled(parts, alter)


def _ends_after_all(parts: Parts) -> None:
    """Its own end, planned before it was cancelled, comes nevertheless."""

    def alter(before: Timeline, after: Timeline, now: float) -> Timeline:
        end = before.moments[-1]
        at = max(end.at, after.moments[-1].at + 1.0)
        return Timeline((*after.moments, Moment(at, end.state))) if end.at > now else after

    alter_cancelled(parts, alter)


def _settles_twice(parts: Parts) -> None:
    """Settled, it is being cancelled once more, and settles again."""

    def alter(before: Timeline, after: Timeline, now: float) -> Timeline:
        again = (Moment(moment.at + WHILE, moment.state) for moment in added(before, after, now))
        return Timeline((*after.moments, *again))

    alter_cancelled(parts, alter)


DEFECTS = (
    Defect(
        "cancel_never_settles",
        KIND,
        "a cancelled job stays in the state in between for ever",
        _never_settles,
        ("cancel_settles",),
        settles_later,
    ),
    Defect(
        "cancelled_job_comes_back",
        KIND,
        "half a minute after it was cancelled a job runs again",
        _comes_back,
        ("settled_state_never_changes", "history_is_monotonic", "cancel_settles"),
    ),
    Defect(
        "cancelled_job_ends_after_all",
        KIND,
        "the end that was planned for a job comes although it was cancelled",
        _ends_after_all,
        ("settled_state_never_changes", "history_is_monotonic", "cancel_settles"),
    ),
    Defect(
        "cancelled_job_settles_twice",
        KIND,
        "a cancelled job is settled, being cancelled once more, and settled again",
        _settles_twice,
        ("settled_state_never_changes", "history_is_monotonic"),
        settles_later,
    ),
)
