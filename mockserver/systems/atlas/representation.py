"""How a restore job looks on the wire, by the v1.0 pages or as recorded exchanges show it (C1, C2, C8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from mockserver.systems.atlas.course import Delivery, State
from mockserver.systems.atlas.model import Job
from mockserver.systems.atlas.snapshots import Snapshot

DOCUMENTED_REL = "http://mms.mongodb.com"
CAPTURED_REL = "https://cloud.mongodb.com"

Members = dict[str, Any]


class Representation:
    """Jobs as JSON data, in alphabetical order."""

    def __init__(self, base_path: str, *, as_captured: bool) -> None:
        self._base_path = base_path
        self._as_captured = as_captured

    def job(self, job: Job, base_url: str) -> Members:
        """One job. `base_url` is what links begin with."""
        members = {
            "id": job.id,
            "deliveryType": str(job.order.delivery),
            "cancelled": job.state == State.CANCELLED,
            "expired": job.state == State.EXPIRED,
            "failed": job.state == State.FAILED,
            "links": list(self._links(job, f"{base_url}{self._base_path}")),
            **self._moments(job),
            **_source(job),
        }
        members |= _download(job) if job.order.delivery == Delivery.DOWNLOAD else _target(job)
        return dict(sorted(members.items()))

    def _links(self, job: Job, url: str) -> Iterator[dict[str, str]]:
        """Self, snapshot, cluster and group (E15)."""
        rel = CAPTURED_REL if self._as_captured else DOCUMENTED_REL
        group = f"{url}/groups/{job.cluster.group}"
        cluster = f"{group}/clusters/{job.cluster.name}"
        yield {"href": f"{cluster}/backup/restoreJobs/{job.id}", "rel": "self"}
        if job.order.snapshot:
            yield {"href": f"{cluster}/backup/snapshots/{job.order.snapshot}", "rel": f"{rel}/snapshot"}
        yield {"href": cluster, "rel": f"{rel}/cluster"}
        yield {"href": group, "rel": f"{rel}/group"}

    def _moments(self, job: Job) -> Members:
        """When it was created and which moment it restores (C1, C2)."""
        point = _point(job)
        if self._as_captured:
            return {"desiredTimestamp": {"date": None, "increment": None, "time": None} | point}
        created = {"createdAt": _timestamp(job.created_at)}
        return created | {"desiredTimestamp": {key: point[key] for key in ("date", "increment")}} if point else created


def _point(job: Job) -> Members:
    if job.order.delivery != Delivery.POINT_IN_TIME:
        return {}
    moment = job.order.moment
    return {"date": _timestamp(moment), "increment": job.order.increment or 0, "time": moment}


def _source(job: Job) -> Members:
    """The snapshot, or the moment as it was asked for (E8)."""
    order = job.order
    if order.delivery == Delivery.POINT_IN_TIME:
        asked = {"pointInTimeUTCSeconds": order.point, "oplogTs": order.oplog, "oplogInc": order.increment}
        return {name: value for name, value in asked.items() if value is not None}
    snapshot = Snapshot.named(order.snapshot or "")
    taken = {"timestamp": _timestamp(snapshot.taken_at)} if snapshot else {}
    return {"snapshotId": order.snapshot, **taken}


def _download(job: Job) -> Members:
    """The URL while it can be fetched, and until when (E8, A15)."""
    url = f"https://restore-{job.id}.mongodb.example:27017/restore-{job.id}.tar.gz"
    members: Members = {"deliveryUrl": [url] if job.state == State.READY else []}
    return members | {"expiresAt": _timestamp(job.expires_at)} if job.expires_at is not None else members


def _target(job: Job) -> Members:
    """Where it goes, and since when it is done (E8)."""
    members = {"targetClusterName": job.order.target_cluster, "targetGroupId": job.order.target_group}
    return members | {"finishedAt": _timestamp(job.finished_at)} if job.finished_at is not None else members


def _timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
