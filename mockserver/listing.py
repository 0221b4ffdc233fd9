"""What the command line lists: systems, identities, defects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import discovery
from mockserver.app import Mock, Settings, build
from mockserver.defects import all_defects, fitting_defects, generic_defects
from mockserver.site import SystemSite
from mockserver.system import Defect, Identity

NOT_IMITATED = "Not imitated:"  # how a handler's docstring begins to say so


def systems() -> Iterator[str]:
    """Every system with its operations and what they do not imitate."""
    for name, site in _everything().sites.items():
        yield f"{name}: {site.system.title}"
        yield f"  base path  {site.spec.base_path}"
        yield f"  variants   {', '.join(site.spec.variants)}"
        for operation in site.spec.operations.values():
            yield f"  {operation.label}  {operation.operation_id}"
            yield from (f"      {line}" for line in _limits(site, operation.operation_id))
        yield from (f"  not imitated: {each}" for each in site.system.not_imitated)
        yield ""


def identities() -> Iterator[str]:
    """Every built-in identity with its credentials."""
    for name, site in _everything().sites.items():
        yield name
        yield from (f"  {_identity(each)}" for each in site.parts.identities.values())
        yield ""


def defects() -> Iterator[str]:
    """Every defect: those of any vendor, then those of one."""
    yield "any system"
    yield from map(_defect, generic_defects())
    for name in discovery.names():
        system = discovery.find(name)
        if own := all_defects(system)[len(generic_defects()) :]:
            yield ""
            yield name
            yield from map(_defect, own)


def defects_as_data() -> dict[str, list[dict[str, Any]]]:
    """By system, every defect that would show with it, for whoever plants them one by one."""
    return {
        name: [
            {"id": each.id, "kind": each.kind, "summary": each.summary, "claims": each.claims}
            for each in fitting_defects(site.system, site.spec)
        ]
        for name, site in _everything().sites.items()
    }


def _everything() -> Mock:
    return build(Settings(systems=discovery.names(), scenario="empty", control=False))


def _limits(site: SystemSite, operation_id: str) -> list[str]:
    """The paragraph of a handler's docstring that says what is not imitated."""
    words = site.parts.operations[operation_id].__doc__ or ""
    paragraphs = (" ".join(each.split()) for each in words.split("\n\n"))
    return [each for each in paragraphs if each.startswith(NOT_IMITATED)]


def _identity(identity: Identity) -> str:
    credentials = " ".join(f"{name}={value}" for name, value in identity.credentials.items())
    return f"{identity.name:<9} {identity.role} of {identity.tenant}: {identity.scheme} {credentials}"


def _defect(defect: Defect) -> str:
    return f"  {defect.id:<40} {defect.kind}: {defect.summary}"
