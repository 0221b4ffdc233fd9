"""What an operator may set: the `options` of a scenario."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from mockserver.auth.digest import HASHES
from mockserver.errors import UsageError
from mockserver.system import World

NAMES = ("access_lists", "digest_algorithm")


@dataclass(frozen=True, slots=True)
class Settings:
    """`access_lists`: from which networks an identity's key may be used; without a list, from anywhere."""

    access_lists: Mapping[str, tuple[str, ...]]
    digest_algorithm: str = "MD5"

    @classmethod
    def of(cls, world: World, identities: Collection[str], access_lists: Mapping[str, tuple[str, ...]]) -> Settings:
        """From a scenario, whose access lists replace the built-in ones. UsageError for what cannot be set."""
        where = f"options of {world.spec.system}"
        if unknown := sorted(set(world.options) - set(NAMES)):
            raise UsageError(f"{where}: unknown option `{unknown[0]}`. Known options: {', '.join(NAMES)}. Name one.")
        algorithm = world.options.get("digest_algorithm", "MD5")
        if algorithm not in HASHES:
            raise UsageError(f"{where}: digest_algorithm is {algorithm!r}. Give one of {', '.join(HASHES)}.")
        given = world.options.get("access_lists", {})
        return cls({**access_lists, **_networks(where, given, identities)}, algorithm)


def _networks(where: str, given: Mapping[str, Any], identities: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Lists of networks by identity."""
    if unknown := sorted(set(given) - set(identities)):
        known = ", ".join(identities)
        raise UsageError(f"{where}: access_lists names the unknown identity `{unknown[0]}`. Known: {known}. Name one.")
    for network in (each for networks in given.values() for each in networks):
        _check_network(where, network)
    return {name: tuple(networks) for name, networks in given.items()}


def _check_network(where: str, network: Any) -> None:
    try:
        ip_network(network)
    except ValueError as error:
        raise UsageError(f"{where}: access_lists: {error}. Give networks like 192.0.2.0/24 or ::1/128.") from None
