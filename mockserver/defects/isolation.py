"""Cancels that reach other jobs than the one they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from mockserver.defects.calls import job_of, naming, surround
from mockserver.defects.fitting import has_scope
from mockserver.defects.lives import cancel, is_running, siblings
from mockserver.state import Delete
from mockserver.system import Call, Defect, Identity, Parts, Reply, Request, Resource

KIND = "isolation"
TOUCHED = ("siblings_are_untouched",)
REACHING = ("cancel", "read")

Others = Callable[[Parts, Resource], Iterable[Resource]]


def _cancels_too(others: Others) -> Callable[[Parts], None]:
    """A bug that cancels these as well."""

    def plant(parts: Parts) -> None:
        def around(call: Call, request: Request) -> Reply:
            job = job_of(parts, request)
            reply = call(request)
            for other in others(parts, job) if job else ():
                cancel(parts, other)
            return reply

        surround(parts, "cancel", around)

    return plant


def _newest(parts: Parts, job: Resource) -> list[Resource]:
    return siblings(parts, job)[-1:]


def _same_state(parts: Parts, job: Resource) -> list[Resource]:
    return [each for each in siblings(parts, job) if each.state == job.state]


def _of_others(parts: Parts, job: Resource) -> list[Resource]:
    return [each for each in parts.model.resources() if each.tenant != job.tenant]


def _cancels_another(parts: Parts) -> None:
    """The newest of those that run, as where a client's last job is kept in a session."""

    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        others = siblings(parts, job) if job and is_running(parts.spec, job.state) else []
        return call(naming(parts, request, others[-1].id)) if others else call(request)

    surround(parts, "cancel", around)


def _clears_away(parts: Parts) -> None:
    """Whatever has ended is removed when a cancel comes by."""

    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        reply = call(request)
        for other in parts.model.resources():
            if job and other.id != job.id and other.tenant == job.tenant and _has_ended(parts, other):
                _remove(parts, other)
        return reply

    surround(parts, "cancel", around)


def _has_ended(parts: Parts, job: Resource) -> bool:
    return job.state in parts.spec.cancellable.terminal


def _remove(parts: Parts, job: Resource) -> None:
    if record := parts.world.store.get(parts.model.kind, job.id):
        parts.world.store.commit(Delete(record))


def _scope_is_ignored(parts: Parts) -> None:
    """The job is looked up by its id alone; whose project or cluster the path names plays no part."""

    def around(call: Call, request: Request) -> Reply:
        job = job_of(parts, request)
        return call(replace(request, path_params=dict(job.parameters)) if job else request)

    for trigger in REACHING:
        surround(parts, trigger, around)


def _scope_is_all_that_counts(parts: Parts) -> None:
    """Whether the sender may touch the project of the path is checked, but not whether the job belongs to it."""

    def around(call: Call, request: Request) -> Reply:
        job, asking = job_of(parts, request), request.identity
        if job is None or asking is None or asking.tenant not in {*request.path_params.values()} - {job.tenant}:
            return call(request)
        return call(replace(request, path_params=dict(job.parameters), identity=_master(parts, job)))

    for trigger in REACHING:
        surround(parts, trigger, around)


def _master(parts: Parts, job: Resource) -> Identity:
    """Who may do everything to a job."""
    masters = (parts.identities[name] for name in ("owner", "stranger"))
    return next(each for each in masters if each.tenant == job.tenant)


DEFECTS = (
    Defect("cancel_cancels_all", KIND, "a cancel stops all jobs of the tenant", _cancels_too(siblings), TOUCHED),
    Defect(
        "cancel_cancels_the_newest_too",
        KIND,
        "a cancel stops the tenant's newest job as well",
        _cancels_too(_newest),
        TOUCHED,
    ),
    Defect(
        "cancel_cancels_all_in_its_state",
        KIND,
        "a cancel stops every job of the tenant that is in the same state",
        _cancels_too(_same_state),
        TOUCHED,
    ),
    Defect(
        "cancel_reaches_other_tenants",
        KIND,
        "a cancel stops the jobs of all other tenants",
        _cancels_too(_of_others),
        (*TOUCHED, "other_tenants_job_is_out_of_reach"),
    ),
    Defect(
        "cancel_takes_the_newest_instead",
        KIND,
        "a cancel stops the tenant's newest job instead of the one it names",
        _cancels_another,
        (*TOUCHED, "cancel_shows_at_once", "running_job_accepts_cancel"),
    ),
    Defect(
        "scope_in_path_is_ignored",
        KIND,
        "a job is found under any project or cluster",
        _scope_is_ignored,
        ("job_is_found_in_its_scope_only",),
        has_scope,
    ),
    Defect(
        "scope_in_path_is_all_that_counts",
        KIND,
        "jobs of other tenants are found under a project of one's own",
        _scope_is_all_that_counts,
        ("other_tenants_job_is_out_of_reach", "job_is_found_in_its_scope_only"),
        has_scope,
    ),
    Defect(
        "cancel_clears_away_the_ended",
        KIND,
        "a cancel removes the tenant's jobs that have ended",
        _clears_away,
        TOUCHED,
    ),
)
