"""Trouble in Permission Assist's own way, for rules of the control API's `/faults` (A14)."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.system import Parts, Reply, Request, VendorError, VendorFault
from mockserver.systems.permission_assist import errors
from mockserver.systems.permission_assist.errors import Errors
from mockserver.systems.permission_assist.readings import Reading


def _always(error: Callable[[Errors], VendorError]) -> Callable[[Parts, Request], Reply]:
    def instead(parts: Parts, request: Request) -> Reply:
        return error(Errors(parts.world.ids, Reading.of(parts.world.spec))).reply

    return instead


FAULTS = (
    VendorFault("server_error", "500, something unexpected (E20)", instead=_always(Errors.server_error)),
    VendorFault(
        "creation_failed", "500, what was asked for could not be made (E20)", instead=_always(Errors.creation_failed)
    ),
    VendorFault(
        "application_down", "503, the web server's page (A15)", instead=_always(lambda _: errors.unavailable())
    ),
)
