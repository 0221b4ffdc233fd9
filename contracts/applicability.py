"""Which claims make sense for which spec."""

from __future__ import annotations

from specs import Spec


def digest_only(spec: Spec) -> str | None:
    """For claims about HTTP Digest."""
    schemes = spec.document.get("components", {}).get("securitySchemes", {}).values()
    if any(each.get("type") == "http" and each.get("scheme", "").lower() == "digest" for each in schemes):
        return None
    return "the vendor does not use HTTP Digest"


def wrapping_only(spec: Spec) -> str | None:
    """For claims about the `envelope` and `pretty` parameters."""
    read = spec.operation(spec.cancellable.resource, "read")
    names = {each.name for each in read.parameters} if read else set()
    return None if {"envelope", "pretty"} <= names else "the vendor has no `envelope` and `pretty` parameters"
