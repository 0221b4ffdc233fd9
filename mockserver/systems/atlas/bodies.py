"""What a restore request gets wrong. Each delivery type has a schema of its own, so first: which one was meant?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.pipeline.schemas import Schema
from mockserver.project_api import rejections
from mockserver.system import Rejection, VendorError
from mockserver.systems.atlas import errors
from specs import Spec

MALFORMED: Mapping[str, Callable[[str], VendorError]] = {
    "snapshotId": errors.invalid_snapshot_id,
    "targetGroupId": errors.invalid_group_id,
    "targetClusterName": errors.cluster_name_invalid,
}
"""Fields that have an error of their own for what they cannot be (E13, E28)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to ask for a restore."""

    delivery: str
    fields: frozenset[str]
    schema: Schema


class Bodies:
    """All ways to ask for a restore (E5)."""

    def __init__(self, spec: Spec) -> None:
        body = spec.operations["create_restore_job"].definition["requestBody"]
        self._kinds = [_kind(each) for each in body["content"]["application/json"]["schema"]["anyOf"]]

    def refusal(self, body: Any) -> VendorError:
        """What is said of a body that fits none of them."""
        if not isinstance(body, dict):
            return errors.invalid_json()
        if "deliveryType" not in body:
            return errors.missing_attribute("deliveryType")
        delivery = body["deliveryType"]
        if not isinstance(delivery, str):
            return errors.invalid_json_attribute("deliveryType")
        meant = [kind for kind in self._kinds if kind.delivery == delivery]
        if not meant:
            return errors.invalid_enum_value(delivery)
        closest = max(meant, key=lambda kind: len(kind.fields & body.keys()))
        return _worded(closest.schema.failures(body, "invalid_body")[0])


def _kind(schema: Mapping[str, Any]) -> Kind:
    properties = schema["properties"]
    return Kind(properties["deliveryType"]["enum"][0], frozenset(properties), Schema(schema))


def _worded(failure: Rejection) -> VendorError:
    if failure.keyword == "pattern":
        return MALFORMED[failure.where](failure.value)
    return rejections.invalid_body(failure)
