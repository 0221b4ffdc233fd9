"""What the layers of one system share: the site they serve and the exchange they work on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from mockserver.pipeline.delivery import WHOLE, Delivery
from mockserver.system import Parts, Reply, Request, System

if TYPE_CHECKING:
    from mockserver.pipeline.operations import Operation

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
    """One request and the reply it gets. `parts` are those in force when it came; `operation` is found by routing.

    `allow`: the methods of the path, if it has some but not this one.
    """

    request: Request
    parts: Parts
    blocking: bool
    operation: Operation = field(init=False)
    reply: Reply | None = None
    allow: tuple[str, ...] = ()
    delivery: Delivery = WHOLE
    fault: str = ""

    async def run(self, call: Callable[[Exchange], T]) -> T:
        """Call something of the system's: here, or in a thread where it may wait."""
        if self.blocking or self.parts.concurrent:
            return await in_thread(call, self)
        return call(self)


def in_thread(call: Callable[..., T], *arguments: object) -> Awaitable[T]:
    """Call what may wait without making others wait for it. A loop's own threads take half the time of anyio's."""
    return asyncio.get_running_loop().run_in_executor(None, call, *arguments)
