"""Atlas's operations: wire in, one model call, wire out. Wire names appear here and in the spec only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.project_api import rejections
from mockserver.project_api.keys import Admission
from mockserver.project_api.paging import Page
from mockserver.system import Rejection, Reply, Request, VendorError
from mockserver.systems.atlas import errors
from mockserver.systems.atlas.bodies import Bodies
from mockserver.systems.atlas.identities import CLUSTERS, IDENTITIES
from mockserver.systems.atlas.model import (
    AlreadyDownloading,
    AutomatedRestore,
    Cluster,
    HasEnded,
    Job,
    JobNotFound,
    NotRestorable,
    OneShard,
    Order,
    RestoreJobs,
    SnapshotNotFound,
    TooManyDownloads,
)
from mockserver.systems.atlas.readings import Reading
from mockserver.systems.atlas.representation import Representation

GROUPS = frozenset(identity.tenant for identity in IDENTITIES.values())


class Handlers:
    """One method an operationId."""

    def __init__(
        self, jobs: RestoreJobs, reading: Reading, admission: Admission, bodies: Bodies, base_path: str
    ) -> None:
        self._jobs = jobs
        self._reading = reading
        self._admission = admission
        self._bodies = bodies
        self._represented = Representation(base_path, as_captured=reading.as_captured)

    def create_restore_job(self, request: Request) -> Reply:
        """Take a job on.

        Not imitated: sharded clusters, and refusals for what else goes on in a cluster (E29).
        """
        cluster, order = self._cluster(request), _order(request.body)
        _check_target(cluster, order)
        try:
            return Reply(200, self._represented.job(self._jobs.create(cluster, order), request.base_url))
        except SnapshotNotFound as problem:
            raise errors.snapshot_not_found(str(problem)) from None
        except NotRestorable:
            raise errors.invalid_restore_time(order.moment) from None
        except AlreadyDownloading as problem:
            raise errors.already_downloading(str(problem)) from None
        except TooManyDownloads:
            raise errors.too_many_downloads(cluster.group) from None

    def list_restore_jobs(self, request: Request) -> Reply:
        """One page of a cluster's jobs."""
        cluster, page = self._cluster(request), Page.of(request.query)
        jobs = self._jobs.newest(cluster, page.offset, page.size)
        results = [self._represented.job(job, request.base_url) for job in jobs]
        return Reply(200, page.listing(f"{request.base_url}{request.path}", results, self._jobs.count(cluster)))

    def get_restore_job(self, request: Request) -> Reply:
        """One job.

        Not imitated: what is behind a `deliveryUrl`, and the `components` of a sharded download.
        """
        return Reply(200, self._represented.job(self._found(request, self._jobs.get), request.base_url))

    def cancel_restore_job(self, request: Request) -> Reply:
        """Cancel a download; of no other job is a cancel accepted."""
        try:
            self._found(request, self._jobs.cancel)
        except OneShard:
            raise errors.cannot_cancel_shard() from None
        except AutomatedRestore:
            raise errors.cannot_cancel_automated_restore() from None
        except HasEnded as problem:
            raise errors.cannot_cancel_restore_job(self._reading.ended_status, str(problem)) from None
        return Reply(204)

    def reject(self, rejection: Rejection, request: Request) -> VendorError:
        """What is said to a request that never reached a handler."""
        match rejection.kind:
            case "invalid_path":
                return self._malformed(rejection.where, str(rejection.value), request.path)
            case "invalid_body":
                return self._bodies.refusal(request.body)
            case "malformed_json":
                return errors.malformed_json()
        return rejections.reject(rejection, request)

    def _cluster(self, request: Request) -> Cluster:
        """The cluster of the path, once it is clear that the key may touch it (A13)."""
        group, name = request.path_params["GROUP-ID"], request.path_params["CLUSTER-NAME"]
        self._admission.check_address(request)
        if group not in GROUPS:
            raise errors.group_not_found(group)
        self._admission.check_member(request, group)
        if name not in CLUSTERS:
            raise errors.cluster_not_found(name, group)
        return Cluster(group, name)

    def _found(self, request: Request, act: Callable[[Cluster, str], Job]) -> Job:
        """What `act` makes of the job that the path names."""
        cluster, job_id = self._cluster(request), request.path_params["JOB-ID"]
        try:
            return act(cluster, job_id)
        except JobNotFound:
            raise errors.restore_job_not_found(job_id, cluster.name) from None

    def _malformed(self, name: str, value: str, path: str) -> VendorError:
        """What is said of a path parameter that cannot be one (E13, C4)."""
        if name == "CLUSTER-NAME":
            return errors.cluster_name_invalid(value)
        if self._reading.malformed_code == "PATH_PARAM_PARSE_ERROR":
            return errors.path_param_parse_error(path)
        return errors.invalid_job_id(value) if name == "JOB-ID" else errors.invalid_group_id(value)


def _check_target(cluster: Cluster, order: Order) -> None:
    """Refuse to restore to a cluster that the project does not have (A9)."""
    if order.target_group is not None and order.target_group != cluster.group:
        raise errors.not_in_group()
    if order.target_cluster is not None and order.target_cluster not in CLUSTERS:
        raise errors.cluster_not_found(order.target_cluster, cluster.group)


def _order(body: Mapping[str, Any]) -> Order:
    return Order(
        delivery=body["deliveryType"],
        snapshot=body.get("snapshotId"),
        target_group=body.get("targetGroupId"),
        target_cluster=body.get("targetClusterName"),
        point=body.get("pointInTimeUTCSeconds"),
        oplog=body.get("oplogTs"),
        increment=body.get("oplogInc"),
    )
