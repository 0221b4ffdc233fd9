"""MongoDB's Ops Manager: requests to import a deployment into automation."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from mockserver.project_api.dress import wrapped
from mockserver.project_api.faults import FAULTS
from mockserver.project_api.keys import Admission, KeyRing
from mockserver.project_api.settings import Settings
from mockserver.system import Parts, Reply, Request, System, World
from mockserver.systems.ops_manager.defects import DEFECTS
from mockserver.systems.ops_manager.handlers import Handlers, reject
from mockserver.systems.ops_manager.identities import ADMIN, IDENTITIES, NETWORKS
from mockserver.systems.ops_manager.model import Imports
from mockserver.systems.ops_manager.readings import Reading
from mockserver.systems.ops_manager.seed import seed

REALM = "MMS Public API"  # E13; what is behind it: E14, E18, E21, A14, A17
HEADERS = {
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Strict-Transport-Security": "max-age=300",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-MongoDB-Service-Version": f"gitHash={'0' * 40}; versionString=8.0.13",
    "X-Permitted-Cross-Domain-Policies": "none",
}
"""What replies carry besides (E35, A21)."""
LATIN_1 = "application/json;charset=ISO-8859-1"  # of the documented challenge (C8)
BARE = b"""{
  "reason" : "Unauthorized",
  "error" : 401,
  "detail" : "You are not authorized for this resource."
}"""
"""What older installations were seen to challenge with (C6)."""


def build(world: World) -> Parts:
    """The vendor, put together from a fresh world."""
    imports = Imports(world.store, world.clock, world.ids, world.timings)
    settings = Settings.of(world, IDENTITIES, NETWORKS)
    admission = Admission(roles=frozenset({ADMIN}), networks=settings.access_lists)
    reading = Reading.of(world.spec)
    handlers = Handlers(imports, reading, admission)
    return Parts(
        spec=world.spec,
        model=imports,
        operations={name: getattr(handlers, name) for name in world.spec.operations},
        identities=IDENTITIES,
        authenticate=KeyRing(REALM, IDENTITIES, world, settings.digest_algorithm).authenticate,
        reject=reject,
        dress=partial(dress, reading),
        world=world,
    )


def dress(reading: Reading, reply: Reply, request: Request) -> Reply:
    """Envelope, pretty printing and headers; a challenge has none of them (A12, C7, E13)."""
    if "WWW-Authenticate" in reply.headers:
        return replace(reply, body=BARE) if reading.as_seen else replace(reply, media_type=LATIN_1)
    dressed = wrapped(reply, request)
    dressed.headers = {**HEADERS, **dressed.headers}
    return dressed


SYSTEM = System(
    name="ops_manager",
    title="MongoDB Ops Manager",
    build=build,
    seed=seed,
    authenticate_first=True,
    faults=FAULTS,
    defects=DEFECTS,
    not_imitated=(
        "everything but import deployments",
        "projects of Atlas (ATLAS_GROUP): to Ops Manager they are projects of somebody else",
        "MongoDB Agents and real hosts: any `host:port` is taken on, and a create is never refused for want of agents",
        "failures of their own accord: hosts below unreachable.invalid, undiscovered.invalid, unimported.invalid and "
        "unsettled.invalid fail on purpose",
        "organizations, and keys that are members of several projects",
        "rate limits (429) unless a fault makes them",
    ),
)
