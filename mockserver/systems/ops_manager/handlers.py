"""Ops Manager's operations: wire in, one model call, wire out. Wire names appear here and in the spec only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from mockserver.project_api import rejections
from mockserver.project_api.keys import Admission, identity_of
from mockserver.project_api.paging import Page
from mockserver.system import Rejection, Reply, Request, VendorError
from mockserver.systems.ops_manager import errors
from mockserver.systems.ops_manager.course import MissingCredentials, NotAHostPort, Order, State
from mockserver.systems.ops_manager.identities import USER_IDS
from mockserver.systems.ops_manager.model import Import, ImportNotFound, Imports, NotFailed, NotInProgress
from mockserver.systems.ops_manager.readings import Reading

T = TypeVar("T")

STAGES: Mapping[str, State] = {
    "seedHostConnectionSec": State.AWAIT_SEED_HOST_CONNECTED,
    "processesDiscoverySec": State.AWAIT_HOSTS_DISCOVERED,
    "automationImported": State.AWAIT_AUTOMATION_IMPORTED,
    "goalStateSec": State.AWAIT_GOAL_STATE,
}
"""Which state each timeout limits (E3)."""


class Handlers:
    """One method an operationId."""

    def __init__(self, imports: Imports, reading: Reading, admission: Admission) -> None:
        self._imports = imports
        self._reading = reading
        self._admission = admission

    def create_import(self, request: Request) -> Reply:
        """Take a request on. Its id is not in the reply (E4).

        Not imitated: whether hosts exist and agents run (E34); any `host:port` will do, and those of A19 fail later.
        """
        project, user = self._project(request), USER_IDS[identity_of(request).name]
        try:
            self._imports.create(project, user, _order(request.body))
        except NotAHostPort as problem:
            raise errors.invalid_host_port(str(problem)) from None
        except MissingCredentials as problem:
            raise errors.missing_credentials(str(problem)) from None
        return Reply(200, {})

    def list_imports(self, request: Request) -> Reply:
        """The project's requests: all of them, or a page where lists have pages (C3)."""
        project = self._project(request)
        if not self._reading.paged:
            return Reply(200, {"results": [_represented(each) for each in self._imports.newest(project)]})
        page = Page.of(request.query)
        results = [_represented(each) for each in self._imports.newest(project, page.offset, page.size)]
        return Reply(200, page.listing(f"{request.base_url}{request.path}", results, self._imports.count(project)))

    def get_import(self, request: Request) -> Reply:
        """One request."""
        unknown = errors.import_as_seen_not_found if self._reading.as_seen else errors.resource_not_found
        return Reply(200, _represented(self._found(request, self._imports.get, unknown)))

    def cancel_import(self, request: Request) -> Reply:
        """Stop a request that is in progress."""
        try:
            self._found(request, self._imports.cancel)
        except NotInProgress as problem:
            raise errors.not_in_progress(self._reading.wrong_cancel_status, str(problem)) from None
        return Reply(200, {})

    def delete_import(self, request: Request) -> Reply:
        """Clean up a failed request."""
        try:
            self._found(request, self._imports.delete)
        except NotFailed as problem:
            raise errors.not_failed(self._reading.wrong_delete_status, str(problem)) from None
        return Reply(200, {})

    def _project(self, request: Request) -> str:
        """The project of the path, once it is clear that the key may touch it (A16)."""
        project = request.path_params["PROJECT-ID"]
        self._admission.check_address(request)
        self._admission.check_member(request, project)
        return project

    def _found(
        self,
        request: Request,
        act: Callable[[str, str], T],
        unknown: Callable[[str], VendorError] = errors.resource_not_found,
    ) -> T:
        """What `act` makes of the request that the path names. `unknown` words that there is none."""
        project = self._project(request)
        try:
            return act(project, request.path_params["REQUEST-ID"])
        except ImportNotFound:
            raise unknown(request.path) from None


def reject(rejection: Rejection, request: Request) -> VendorError:
    """What is said to a request that never reached a handler."""
    if rejection.kind == "invalid_path" and rejection.where == "PROJECT-ID":
        return errors.invalid_group_id(str(rejection.value))
    return rejections.reject(rejection, request)


def _order(body: Mapping[str, Any]) -> Order:
    return Order(
        seed=body["seedHostport"],
        processes=tuple(body["requiredProcesses"]),
        timeouts={STAGES[name]: seconds for name, seconds in body.get("timeouts", {}).items()},
        mechanism=body.get("authMechanism"),
        username=body.get("username"),
        password=body.get("password"),
    )


def _represented(each: Import) -> dict[str, Any]:
    return {
        "groupId": each.project,
        "id": each.id,
        "state": each.state,
        "transitionsHistory": [
            {"state": moment.state, "transitionedAt": _timestamp(moment.at)} for moment in each.history
        ],
        "userId": each.user,
    }


def _timestamp(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
