"""Cloud Foundry: deployments of the Cloud Controller's v3 API, and what its clients need to log in and find one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mockserver.system import Parts, Reply, Request, System, World
from mockserver.systems.cloud_foundry.auth import Authentication, built_in_identities
from mockserver.systems.cloud_foundry.defects import DEFECTS
from mockserver.systems.cloud_foundry.errors import in_vendor_words
from mockserver.systems.cloud_foundry.faults import FAULTS
from mockserver.systems.cloud_foundry.finding import FINDING_ROUTES, Finding
from mockserver.systems.cloud_foundry.handlers import Handlers, reject
from mockserver.systems.cloud_foundry.login import LOGIN_ROUTES, Login
from mockserver.systems.cloud_foundry.model import Deployments
from mockserver.systems.cloud_foundry.people import Caller
from mockserver.systems.cloud_foundry.phases import Pace
from mockserver.systems.cloud_foundry.placing import Placing
from mockserver.systems.cloud_foundry.rate_limits import RateLimits
from mockserver.systems.cloud_foundry.request_ids import HEADER, RequestIds
from mockserver.systems.cloud_foundry.seed import seed
from mockserver.systems.cloud_foundry.settings import Settings


def build(world: World) -> Parts:
    """The vendor, put together from a fresh world."""
    settings, pace = Settings.of(world.options), Pace.of(world.timings)
    limits = RateLimits.of(settings.rate_limit, world.clock)
    deployments = Deployments(world.store, world.clock, world.ids, pace)
    authentication = Authentication(world.clock, limits)
    handlers = Handlers(
        deployments,
        silent_success="content" not in world.spec.operations["cancel_deployment"].definition["responses"]["200"],
        disabled=settings.temporary_disable_deployments,
    )
    calls: dict[str, Callable[[Request], Reply]] = {name: getattr(handlers, name) for name in world.spec.operations}
    login = Login(world.clock, world.ids, settings, authentication.count)
    finding = Finding(deployments, authentication.authenticate)
    calls |= {name: getattr(login, name) for name in LOGIN_ROUTES.values()}
    calls |= {name: getattr(finding, name) for name in FINDING_ROUTES.values()}
    return Parts(
        spec=world.spec,
        model=Placing(deployments, world.store, world.ids, pace),
        operations={name: in_vendor_words(call) for name, call in calls.items()},
        identities=built_in_identities(),
        authenticate=authentication.authenticate,
        reject=partial(reject, handlers),
        dress=partial(dress, RequestIds(world.ids), limits, authentication),
        world=world,
    )


def dress(
    request_ids: RequestIds, limits: RateLimits | None, authentication: Authentication, reply: Reply, request: Request
) -> Reply:
    """What every reply carries besides: its id, whose token it was, what is left of the limit (E32, E33, E52)."""
    reply.headers[HEADER] = request_ids.of(request.headers)
    caller = request.identity if isinstance(request.identity, Caller) else authentication.holder(request)
    if caller:
        reply.headers["X-USER-GUID"] = caller.actor.guid
    if limits:
        reply.headers.update(limits.headers(request))
    return reply


SYSTEM = System(
    name="cloud_foundry",
    title="Cloud Foundry v3 deployments",
    build=build,
    seed=seed,
    defects=DEFECTS,
    not_imitated=(
        "processes and instances: nothing is scaled, `new_processes` names what nobody can ask for",
        "apps beyond a filtered list: no writes, no environment, no configuration in revisions",
        "quotas, audit events, X-Cf-Warnings, pruning of old deployments",
        "a fixed host in links: they name the host that was asked, unless --public-url names another (E44)",
        "the UAA beyond /oauth/token and /login; tokens are HS256 and signed with a published key",
        "the rate limiter's count of requests that have no route",
        "form-encoded bodies, and PATCH with another content type than JSON, which would change nothing (A17)",
    ),
    faults=FAULTS,
    extra_routes={**LOGIN_ROUTES, **FINDING_ROUTES},
    claimed_paths=("/", "/login", "/oauth"),
    strict_query=frozenset({"list_deployments"}),
)
