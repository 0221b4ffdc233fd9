"""MongoDB Atlas: restore jobs of cloud backups, Administration API v1.0."""

from __future__ import annotations

from mockserver.project_api.dress import wrapped
from mockserver.project_api.faults import FAULTS
from mockserver.project_api.keys import Admission, KeyRing
from mockserver.project_api.settings import Settings
from mockserver.system import Parts, Reply, Request, System, World
from mockserver.systems.atlas.bodies import Bodies
from mockserver.systems.atlas.course import Pace
from mockserver.systems.atlas.defects import DEFECTS
from mockserver.systems.atlas.handlers import Handlers
from mockserver.systems.atlas.identities import IDENTITIES, NETWORKS, ROLES
from mockserver.systems.atlas.model import RestoreJobs
from mockserver.systems.atlas.readings import Reading
from mockserver.systems.atlas.seed import seed

REALM = "MMS Public API"  # E20; what is behind it: E21, E36, A16
ALWAYS = {"Server": "mdbws", "Vary": "Accept-Encoding"}
BEYOND_THE_CHALLENGE = {
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubdomains;",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-MongoDB-Service-Version": f"gitHash={'0' * 40}; versionString=v20260101",
    "X-Permitted-Cross-Domain-Policies": "none",
}
"""What replies carry besides (E34, A17)."""


def build(world: World) -> Parts:
    """The vendor, put together from a fresh world."""
    reading = Reading.of(world.spec)
    jobs = RestoreJobs(world.store, world.clock, world.ids, Pace.of(world.timings), reading.cancellable)
    settings = Settings.of(world, IDENTITIES, NETWORKS)
    admission = Admission(roles=ROLES, networks=settings.access_lists)
    handlers = Handlers(jobs, reading, admission, Bodies(world.spec), world.spec.base_path)
    return Parts(
        spec=world.spec,
        model=jobs,
        operations={name: getattr(handlers, name) for name in world.spec.operations},
        identities=IDENTITIES,
        authenticate=KeyRing(REALM, IDENTITIES, world, settings.digest_algorithm).authenticate,
        reject=handlers.reject,
        dress=dress,
        world=world,
    )


def dress(reply: Reply, request: Request) -> Reply:
    """Envelope, pretty printing and headers; the body of a challenge goes out as it is (A12, E22)."""
    if "WWW-Authenticate" in reply.headers:
        reply.headers = {**ALWAYS, **reply.headers}
        return reply
    dressed = wrapped(reply, request)
    dressed.headers = {**ALWAYS, **BEYOND_THE_CHALLENGE, **_error_code(reply), **dressed.headers}
    return dressed


def _error_code(reply: Reply) -> dict[str, str]:
    """The code of a refusal, once more (E17)."""
    refused = reply.status >= 400 and isinstance(reply.body, dict)
    return {"X-Error-Code": reply.body["errorCode"]} if refused else {}


SYSTEM = System(
    name="atlas",
    title="MongoDB Atlas",
    build=build,
    seed=seed,
    authenticate_first=True,
    faults=FAULTS,
    defects=DEFECTS,
    not_imitated=(
        "everything but restore jobs, and API v2 with its media types and OAuth",
        "projects of Ops Manager or Cloud Manager (NOT_ATLAS_GROUP): to Atlas they do not exist",
        "snapshots and clusters of one's own: two clusters with 256 snapshots each exist, in either project",
        "sharded clusters: no `components`, no private endpoints; a job of one shard only by the control API",
        "what is behind a `deliveryUrl`",
        "conflicts with other work on a cluster (409), paused clusters, encryption, snapshots that are not complete",
        "rate limits (429) and their headers unless a fault makes them; X-Java-Method and other traces of real servers",
    ),
)
