"""The demo scenario: an import in every status, two that were staged by hand, and some of another customer's."""

from __future__ import annotations

from mockserver.system import Parts
from mockserver.systems.permission_assist.applications import APPLICATIONS
from mockserver.systems.permission_assist.identities import IDENTITIES
from mockserver.systems.permission_assist.model import Kind, Status


def seed(parts: Parts) -> None:
    """Fill a fresh model."""
    ours, theirs = IDENTITIES["owner"].tenant, IDENTITIES["stranger"].tenant
    _, second, *_ = APPLICATIONS[ours]
    for status in Status:
        parts.model.place(status, {}, ours)
    for status in (Status.FINISHED, Status.RUNNING):
        parts.model.place(status, {"applicationId": second, "type": Kind.MANUAL, "createdBy": "jsmith"}, ours)
    for status in (Status.PENDING, Status.RUNNING, Status.FINISHED):
        parts.model.place(status, {}, theirs)
