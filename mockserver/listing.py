"""What the command line lists: systems, identities, defects. Lines for people are no wider than a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from mockserver import discovery
from mockserver.app import Mock, Settings, build
from mockserver.control.handlers import identities as credentials_by_system
from mockserver.defects import all_defects, fitting_defects, generic_defects
from mockserver.site import SystemSite
from mockserver.system import Defect, Identity

NOT_IMITATED = "Not imitated:"  # how a paragraph of a handler's docstring begins to say so
WIDTH = 80  # columns


def systems() -> Iterator[str]:
    """Every system with its operations and what they do not imitate."""
    for name, site in _everything().sites.items():
        yield f"{name}: {site.system.title}"
        yield f"  base path  {site.spec.base_path}"
        yield from _wrapped(", ".join(site.spec.variants), "  variants   ")
        yield from _operations(site)
        for each in site.system.not_imitated:
            yield from _wrapped(each, "  not imitated: ", "    ")
        yield ""


def identities() -> Iterator[str]:
    """Every built-in identity with its credentials."""
    for name, site in _everything().sites.items():
        yield name
        for each in site.parts.identities.values():
            yield from _identity(each)
        yield ""


def identities_as_data() -> dict[str, dict[str, dict[str, str]]]:
    """What a client presents, by system and identity: the control API's answer to the same question."""
    return credentials_by_system(_everything().sites)


def defects() -> Iterator[str]:
    """Every defect: those of any vendor, then those of one."""
    yield "any system"
    yield from _defects(generic_defects())
    for name in discovery.names():
        system = discovery.find(name)
        if own := all_defects(system)[len(generic_defects()) :]:
            yield ""
            yield name
            yield from _defects(own)


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


def _operations(site: SystemSite) -> Iterator[str]:
    """Method, path and name of each: those of the spec, below the base path, and what else clients need."""
    for operation in site.spec.operations.values():
        yield from _wrapped(f"{operation.label}  {operation.operation_id}", "  ", "    ")
        yield from _limits(site, operation.operation_id)
    for label, name in site.system.extra_routes.items():
        yield f"  {label}  {name} (not in the spec; whole path)"
        yield from _limits(site, name)


def _limits(site: SystemSite, operation_id: str) -> Iterator[str]:
    """The paragraph of a handler's docstring that says what is not imitated."""
    words = site.parts.operations[operation_id].__doc__ or ""
    for paragraph in (" ".join(each.split()) for each in words.split("\n\n")):
        if paragraph.startswith(NOT_IMITATED):
            yield from _wrapped(paragraph, "      ")


def _identity(identity: Identity) -> Iterator[str]:
    """Who it is, and each credential on a line of its own: a long one wraps on the screen, but is copied whole."""
    yield from _wrapped(f"{identity.name}: {identity.role} of {identity.tenant} ({identity.scheme})", "  ", "    ")
    for name, value in identity.credentials.items():
        yield f"    {name}={value}"


def _wrapped(text: str, first: str, further: str | None = None) -> list[str]:
    margin = " " * len(first) if further is None else further
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )


def _defects(defects: Iterable[Defect]) -> Iterator[str]:
    for defect in defects:
        yield f"  {defect.id}"
        yield from _wrapped(f"{defect.kind}: {defect.summary}", "    ")
