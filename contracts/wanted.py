"""From what a person asked for to orders: every word is checked here, before anything starts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import specs
from contracts import claim as claims
from contracts.order import MOCK, Order
from contracts.promises import PROMISES
from contracts.target import Target, TargetError, load_target

TEMPLATE = "example"  # the fictional system that newcomers copy: checked when asked for by name


class Unusable(ValueError):
    """Something asked for does not exist or does not fit; the message is for people."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a command line said."""

    systems: tuple[str, ...]
    target: str
    order: Order  # what all systems have in common; its system and folder do not matter


def vendors() -> tuple[str, ...]:
    """The systems that are checked unless others are named."""
    return tuple(system for system in specs.systems() if system != TEMPLATE)


def claim_ids() -> tuple[str, ...]:
    """Every claim there is."""
    return (*(each.id for each in claims.discover()), *(each.id for each in PROMISES))


def orders(wish: Wish) -> list[Order]:
    """An order a system. Unusable or TargetError if any word means nothing."""
    _known("claim", wish.order.claims, claim_ids(), "`contracts claims` lists them")
    systems = checked_systems(wish.systems)
    check_folder("the report folder", Path(wish.order.folder))
    if wish.target == MOCK:
        return [_mock_order(wish, system) for system in systems]
    target = named_target(wish.order.targets_file, wish.target)
    if wish.systems and set(wish.systems) != {target.system}:
        raise Unusable(
            f"{wish.order.targets_file}: `{target.name}` is a target of {target.system}, and "
            f"{', '.join(wish.systems)} was asked for. Leave the system out, or name another target."
        )
    return [_for(wish, target.system, target.variant)]


def check_folder(what: str, folder: Path) -> None:
    """Unusable if nothing can be written to a folder: better now than once jobs have been used up."""
    whole = folder.absolute()
    place = next(each for each in (whole, *whole.parents) if os.access(each, os.F_OK))
    if not place.is_dir():
        raise Unusable(f"{what} {folder}: {place} is a file. Name a folder.")
    if not os.access(place, os.W_OK | os.X_OK):
        raise Unusable(f"{what} {folder}: nothing can be written in {place}. Allow it, or name another folder.")


def checked_systems(asked: Sequence[str]) -> tuple[str, ...]:
    """The systems asked for, each once, or all vendors. Unusable if there is no such system."""
    _known("system", asked, specs.systems(), "name one of these")
    return tuple(dict.fromkeys(asked)) or vendors()


def named_target(targets_file: str, name: str) -> Target:
    """A target from the targets file."""
    if not Path(targets_file).exists():
        raise TargetError(
            f"{targets_file}: there is no such file, so `{name}` is not known as a target. "
            "Write it (docs/real-deployments.md shows how), name another with --targets, or use --target mock."
        )
    return load_target(Path(targets_file), name)


def unconfirmed_host(target: str, targets_file: str, host: str | None) -> str | None:
    """The host that is still to be confirmed, or None. Unusable if another one was confirmed."""
    if target == MOCK:
        return None
    found = named_target(targets_file, target)
    if found.loopback or host == found.host:
        return None
    if host:
        raise Unusable(f"`{target}` is {found.host}, and --yes {host} was given. Expected --yes {found.host}.")
    return found.host


def _mock_order(wish: Wish, system: str) -> Order:
    """A variant belongs to some systems only."""
    variant = wish.order.variant
    _known(f"variant of {system}", (variant,), specs.load(system).variants, "name one of these")
    return _for(wish, system, variant)


def _for(wish: Wish, system: str, variant: str) -> Order:
    folder = str(Path(wish.order.folder) / system)
    return replace(wish.order, system=system, target=wish.target, variant=variant, folder=folder)


def _known(what: str, asked: Iterable[str], known: Sequence[str], remedy: str) -> None:
    for word in asked:
        if word not in known:
            raise Unusable(f"unknown {what} `{word}`. Known: {', '.join(known)}. {remedy[0].upper()}{remedy[1:]}.")
