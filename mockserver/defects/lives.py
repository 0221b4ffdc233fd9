"""Where a bug takes hold of what jobs go through: their stored lives, and what a cancel makes of those."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mockserver.defects.calls import job_of, surround
from mockserver.state import Replace, transact
from mockserver.system import Call, Parts, Reply, Request, Resource
from mockserver.timeline import Moment, Timeline
from specs import Spec
from specs.lifecycle import accepts, settled_after

Alter = Callable[[Timeline, Timeline, float], Timeline]
"""What a life becomes instead, from the one before the cancel, the one after it, and the moment of the cancel."""


def life(parts: Parts, id: str) -> Timeline:
    """A job's planned moments."""
    record = parts.world.store.get(parts.model.kind, id)
    assert record is not None, f"job {id} is not stored"
    return Timeline(record.data["timeline"])


def relive(parts: Parts, id: str, lived: Timeline) -> None:
    """Give a job another life, in one commit."""
    transact(lambda: _relive(parts, id, lived))


def _relive(parts: Parts, id: str, lived: Timeline) -> None:
    record = parts.world.store.get(parts.model.kind, id)
    assert record is not None, f"job {id} is not stored"
    parts.world.store.commit(Replace(record.holding({**record.data, "timeline": lived.to_json()})))


def alter_cancelled(parts: Parts, alter: Alter) -> None:
    """Have accepted cancels lead to another life than the vendor's."""

    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        before = life(parts, job.id) if job else None
        reply = call(request)
        if job and before and is_running(parts.spec, job.state):
            relive(parts, job.id, alter(before, life(parts, job.id), parts.world.clock.now()))
        return reply

    surround(parts, "cancel", around)


def move_cancel_by(parts: Parts, seconds: float) -> None:
    """Have what an accepted cancel leads to come so much later, or date it so much earlier."""

    def alter(before: Timeline, after: Timeline, now: float) -> Timeline:
        moved = (Moment(moment.at + seconds, moment.state) for moment in added(before, after, now))
        return Timeline((*before.past(now), *moved))

    alter_cancelled(parts, alter)


def added(before: Timeline, after: Timeline, now: float) -> tuple[Moment, ...]:
    """The moments that a cancel has put in place of those that had not come yet."""
    return after.moments[len(before.past(now)) :]


@contextmanager
def pretending(parts: Parts, id: str, lived: Timeline) -> Iterator[None]:
    """For as long as this lasts the job has another life; then its own again, whatever happened."""
    own = life(parts, id)
    relive(parts, id, lived)
    try:
        yield
    finally:
        relive(parts, id, own)


def running_life(parts: Parts, job: Resource) -> Timeline | None:
    """A job's life up to where it last accepted cancel, as if nothing had come after; None if it never did."""
    past = life(parts, job.id).past(parts.world.clock.now())
    for length in range(len(past), 0, -1):
        if is_running(parts.spec, past[length - 1].state):
            return Timeline(past[:length])
    return None


def ended_life(parts: Parts, job: Resource) -> Timeline:
    """A job's life as if it had just been cancelled for good."""
    now = parts.world.clock.now()
    return Timeline((*life(parts, job.id).past(now), Moment(now, cancelled_end(parts.spec))))


def is_running(spec: Spec, state: str) -> bool:
    """Whether a state accepts cancel and is not what cancel leads to."""
    lifecycle = spec.cancellable
    return accepts(lifecycle, state, "cancel") and state not in after_cancel(spec)


def running_states(spec: Spec) -> list[str]:
    """The states that accept cancel and are not what it leads to: those first that jobs start in."""
    running = [state.name for state in spec.cancellable.states if is_running(spec, state.name)]
    return sorted(running, key=lambda state: state not in spec.cancellable.initial)


def after_cancel(spec: Spec) -> frozenset[str]:
    """The states that a cancel leads to at once."""
    moves = spec.cancellable.moves.values()
    return frozenset(state for each in moves for state in each.get("cancel", ()))


def ends_of_cancel(spec: Spec) -> frozenset[str]:
    """Every state in which a cancelled job may end."""
    lifecycle = spec.cancellable
    return frozenset[str]().union(*(settled_after(spec, lifecycle, state.name) for state in lifecycle.states))


def cancelled_end(spec: Spec) -> str:
    """The state in which a cancelled job usually ends: of several, the one that is named after it."""
    ends = sorted(ends_of_cancel(spec))
    return next((end for end in ends if "cancel" in end.lower()), ends[0])


def other_ends(spec: Spec) -> list[str]:
    """The states in which a job may end, but never after a cancel."""
    return sorted(spec.cancellable.terminal - ends_of_cancel(spec))


def running(parts: Parts, tenant: str) -> list[Resource]:
    """A tenant's jobs that run, oldest first."""
    return [each for each in parts.model.resources() if each.tenant == tenant and is_running(parts.spec, each.state)]


def siblings(parts: Parts, job: Resource) -> list[Resource]:
    """The running jobs of a job's tenant, less itself, oldest first."""
    return [each for each in running(parts, job.tenant) if each.id != job.id]


def cancel(parts: Parts, job: Resource | None) -> None:
    """Cancel a job, if there is one and it lets itself be cancelled, whoever asked."""
    if job is None:
        return
    try:
        parts.model.move(job.id, "cancel")
    except ValueError:
        return
