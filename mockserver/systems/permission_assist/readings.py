"""Where the vendor's documents contradict each other: which side the mock takes, read off the spec and its variant.

Of a refusal the side is the more telling status, if the operation documents it; otherwise the plain 400.
Of a shape it is what the schema names first, or shows as its example.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from specs import Spec


@dataclass(frozen=True, slots=True)
class Reading:
    """The sides taken. Fields ending in `status` are HTTP statuses."""

    past_cancelling_status: int  # C1
    unscheduled_status: int  # C2
    unknown_status: int  # C3; for ids in a body
    malformed_path_status: int  # A21
    api_type: str  # C4
    zone: str  # C5; what ends a time
    staged_members: frozenset[str]  # C6
    dashed_correlation: bool  # C8
    roles: bool  # C9

    @classmethod
    def of(cls, spec: Spec) -> Reading:
        """What one variant of the spec says."""
        schemas = spec.document["components"]["schemas"]
        staged: Mapping[str, Any] = schemas["StagedImport"]["properties"]
        return cls(
            past_cancelling_status=_first(spec, "cancel_import", 409, 400),
            unscheduled_status=_first(spec, "stage_import", 422, 400),
            unknown_status=_first(spec, "cancel_import", 404, 400),
            malformed_path_status=_first(spec, "get_import", 400, 404),
            api_type=staged["type"]["enum"][0],
            zone="Z" if schemas["Time"]["example"].endswith("Z") else "",
            staged_members=frozenset(staged),
            dashed_correlation="-" in schemas["CorrelationId"]["example"],
            roles="403" in spec.operations["cancel_import"].definition["responses"],
        )


def _first(spec: Spec, operation_id: str, *statuses: int) -> int:
    """The first of `statuses` that the operation documents."""
    documented = spec.operations[operation_id].definition["responses"]
    return next(status for status in statuses if str(status) in documented)
