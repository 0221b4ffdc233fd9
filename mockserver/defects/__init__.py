"""Contract bugs that can be planted, to see whether a suite notices. A vendor's own are in its `System`.

Those that make sense for any vendor live in the modules of this package, each with a tuple `DEFECTS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from mockserver.errors import UsageError
from mockserver.system import Defect, Parts, System
from specs import Spec

KINDS = (
    "state logic",
    "convergence",
    "timing",
    "isolation",
    "authorization",
    "side effects of refusals",
    "races",
    "protocol",
    "representation",
    "error shape",
    "robustness",
)
"""What goes wrong: the classes of defects."""


def all_defects(system: System) -> tuple[Defect, ...]:
    """Everything that could be planted in a system."""
    return (*generic_defects(), *system.defects)


def fitting_defects(system: System, spec: Spec) -> tuple[Defect, ...]:
    """Everything that shows with a system as its spec has it, class by class."""
    found = [defect for defect in all_defects(system) if defect.fits(spec)]
    return tuple(sorted(found, key=lambda defect: KINDS.index(defect.kind)))


@cache
def generic_defects() -> tuple[Defect, ...]:
    """The defects of this package's modules, in order of their names."""
    names = sorted(each.name for each in iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return tuple(defect for module in modules for defect in getattr(module, "DEFECTS", ()))


def plant(parts: Parts, system: System, ids: Iterable[str]) -> None:
    """Plant those of `ids` that this system can have."""
    known = {defect.id: defect for defect in fitting_defects(system, parts.spec)}
    for defect in [known[id] for id in ids if id in known]:
        defect.plant(parts)
        parts.checked = False


def refuse_unknown(systems: Iterable[System], ids: Iterable[str]) -> None:
    """Raise UsageError for an id that none of the systems knows."""
    known = {defect.id for system in systems for defect in all_defects(system)}
    for id in ids:
        if id not in known:
            raise UsageError(f"unknown defect `{id}`. `mockserver defects` lists what can be planted.")
