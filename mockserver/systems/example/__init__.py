"""Paperboy, a fictional vendor: the living template. To add a system, copy this folder and its two namesakes."""

from __future__ import annotations

from mockserver.auth.bearer import BearerAuthenticator
from mockserver.system import Identity, Parts, Reply, Request, System, World
from mockserver.systems.example import errors
from mockserver.systems.example.defects import DEFECTS
from mockserver.systems.example.handlers import EDITOR, Handlers, reject
from mockserver.systems.example.model import Jobs, Pace, Status

IDENTITIES = {
    "owner": Identity("owner", "bearer", {"token": "paperboy-owner"}, EDITOR, "morning-post"),
    "reader": Identity("reader", "bearer", {"token": "paperboy-reader"}, "viewer", "morning-post"),
    "stranger": Identity("stranger", "bearer", {"token": "paperboy-stranger"}, EDITOR, "evening-star"),
}
"""The built-in users: fixed, so that documentation and tests can name them."""


def build(world: World) -> Parts:
    """The vendor, put together from a fresh world."""
    repeat_cancel = world.spec.variant == "repeat_cancel_accepted"  # C1
    jobs = Jobs(world.store, world.clock, world.ids, Pace.of(world.timings), repeat_cancel)
    handlers = Handlers(jobs, world.spec.base_path)
    return Parts(
        spec=world.spec,
        model=jobs,
        operations={name: getattr(handlers, name) for name in world.spec.operations},
        identities=IDENTITIES,
        authenticate=BearerAuthenticator(IDENTITIES.values(), errors.not_signed_in, errors.not_signed_in),  # E11
        reject=reject,
        dress=dress,
        world=world,
    )


def dress(reply: Reply, request: Request) -> Reply:
    """What every reply carries besides: with Paperboy, nothing."""
    return reply


def seed(parts: Parts) -> None:
    """The demo scenario: a job in every state, and two of another newsroom."""
    for state in Status:
        parts.model.place(state, {"title": f"{state.capitalize()} edition"}, IDENTITIES["owner"].tenant)
    for state in (Status.QUEUED, Status.PRINTING):
        parts.model.place(state, {"title": "The other paper"}, IDENTITIES["stranger"].tenant)


SYSTEM = System(
    name="example",
    title="Paperboy (fictional)",
    build=build,
    seed=seed,
    not_imitated=("paper, price and delivery: nothing of them shows in the API",),
    defects=DEFECTS,
)
