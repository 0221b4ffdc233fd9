"""The applications whose users are imported: a fixed few, since nothing in this API changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

UPDATED = datetime(2025, 12, 1, 8, 45, tzinfo=UTC).timestamp()  # as in the vendor's sample (E14)


@dataclass(frozen=True, slots=True)
class Application:
    """One application. Only one that is not archived and has an import schedule can be staged (E12)."""

    id: str
    name: str
    priority: str
    archived: bool = False
    scheduled: bool = True
    updated: float = UPDATED


def _by_id(*applications: Application) -> Mapping[str, Application]:
    return {application.id: application for application in applications}


APPLICATIONS: Mapping[str, Mapping[str, Application]] = {
    "riverside": _by_id(
        Application("b8c1d2e3-4f5a-6b7c-8d9e-0f1a2b3c4d5e", "Jack Henry Symitar", "Critical"),
        Application("3fa85f64-5717-4562-b3fc-2c963f66afa6", "Jack Henry Silverlake", "Critical"),
        Application("5e4d3c2b-1a09-4f8e-9d7c-6b5a49382716", "Badge Access", "Low", scheduled=False),
        Application("0a1b2c3d-4e5f-4061-8273-94a5b6c7d8e9", "Retired Loan System", "None", archived=True),
    ),
    "lakeside": _by_id(Application("77777777-6666-4555-8444-333322221111", "Core Banking", "High")),
}
"""By customer and id. Names and ids of the first two are the vendor's samples, the rest is ours."""
