"""What the layers of one system share: the site they serve and the exchange they work on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from starlette.types import Scope

from mockserver.pipeline.delivery import WHOLE, Delivery
from mockserver.system import Parts, Reply, Request, System

T = TypeVar("T")

EXCHANGE = "mockserver.exchange"  # where a scope carries its Exchange


class Site(Protocol):
    """One system as it is served. A reset and planted defects swap its parts."""

    @property
    def system(self) -> System:
        """The vendor."""

    @property
    def parts(self) -> Parts:
        """The parts in force now."""

    @property
    def blocking(self) -> bool:
        """Whether the parts wait on I/O."""

    def catch_up(self) -> None:
        """Have the parts that other processes say are in force. Waits on I/O."""


@dataclass(slots=True)
class Exchange:
    """One request and the reply it gets. `parts` are those in force when it came.

    `allow`: the methods of the path, if it has some but not this one. `outside`: a path that only clients need,
    no part of the spec. `by_nature`: the reply refuses what no document of a vendor speaks of (a body too
    large), so its status need not be documented.
    """

    request: Request
    parts: Parts
    blocking: bool
    reply: Reply | None = None
    allow: tuple[str, ...] = ()
    outside: bool = False
    by_nature: bool = False
    delivery: Delivery = WHOLE
    fault: str = ""

    async def run(self, call: Callable[[Request], T]) -> T:
        """Call something of the system's: here, or in a thread where it may wait."""
        if self.blocking or self.parts.concurrent:
            return await in_thread(call, self.request)
        return call(self.request)


def in_thread(call: Callable[..., T], *arguments: object) -> Awaitable[T]:
    """Call what may wait without making others wait for it. A loop's own threads take half the time of anyio's."""
    return asyncio.get_running_loop().run_in_executor(None, call, *arguments)


def exchange_of(scope: Scope) -> Exchange:
    """The exchange a scope carries."""
    exchange: Exchange = scope[EXCHANGE]
    return exchange
