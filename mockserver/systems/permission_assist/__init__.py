"""SyCorr's Permission Assist: imports of user and privilege data."""

from __future__ import annotations

from mockserver.system import Parts, Reply, Request, System, World
from mockserver.systems.permission_assist.defects import DEFECTS
from mockserver.systems.permission_assist.errors import Errors
from mockserver.systems.permission_assist.faults import FAULTS
from mockserver.systems.permission_assist.handlers import Handlers
from mockserver.systems.permission_assist.identities import IDENTITIES, Tokens
from mockserver.systems.permission_assist.model import Imports, Pace
from mockserver.systems.permission_assist.readings import Reading
from mockserver.systems.permission_assist.seed import seed


def build(world: World) -> Parts:
    """The vendor, put together from a fresh world."""
    reading = Reading.of(world.spec)
    errors = Errors(world.ids, reading)
    imports = Imports(world.store, world.clock, world.ids, Pace.of(world.timings))
    handlers = Handlers(imports, errors, reading)
    return Parts(
        spec=world.spec,
        model=imports,
        operations={name: getattr(handlers, name) for name in world.spec.operations},
        identities=IDENTITIES,
        authenticate=Tokens(errors, roles=reading.roles).authenticate,
        reject=handlers.reject,
        dress=dress,
        world=world,
    )


def dress(reply: Reply, request: Request) -> Reply:
    """What every reply carries besides: nothing is documented (E30)."""
    return reply


SYSTEM = System(
    name="permission_assist",
    title="Permission Assist",
    build=build,
    seed=seed,
    defects=DEFECTS,
    faults=FAULTS,
    not_imitated=(
        "upload, applications, identities, access requests, personnel events and webhooks",
        "applications and tokens are a fixed few; a token never expires, and its last use is not kept",
        "members of `metrics`: no document names them, so a finished import has an empty object",
        "files of a schedule are not looked for; every run has one, of the file group in the vendor's sample",
        "runs end Finished; a failed one needs the control API, and a paused one does not exist",
        "an import that is cancelled does not move up those that already wait behind it",
    ),
)
