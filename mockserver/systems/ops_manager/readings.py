"""Which answer the mock gives where documents leave one open or contradict each other: read off spec and variant."""

from __future__ import annotations

from dataclasses import dataclass

from specs import Spec


@dataclass(frozen=True, slots=True)
class Reading:
    """The answers taken. Of several statuses that the spec allows, the first."""

    wrong_cancel_status: int  # A6
    wrong_delete_status: int  # A7
    paged: bool  # C3
    as_seen: bool  # C5, C6, C8: some refusals look as on real installations

    @classmethod
    def of(cls, spec: Spec) -> Reading:
        """What one variant of the spec says."""
        list_parameters = {parameter.name for parameter in spec.operations["list_imports"].parameters}
        return cls(
            wrong_cancel_status=_first_status(spec, "cancel_import"),
            wrong_delete_status=_first_status(spec, "delete_import"),
            paged="pageNum" in list_parameters,
            as_seen="errorCode" not in spec.document["components"]["examples"]["NoCredentials"]["value"],
        )


def _first_status(spec: Spec, operation_id: str) -> int:
    effect = spec.operations[operation_id].effect
    if effect is None:
        raise LookupError(f"{spec.path}: {operation_id} has no effect")
    return effect.refused["wrong_state"][0].statuses[0]
