"""API keys of projects: who holds them, from where they may be used, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network

from mockserver.auth.digest import Digest, Unproven
from mockserver.auth.nonces import Nonces
from mockserver.project_api import errors
from mockserver.system import Identity, Request, World


class KeyRing:
    """Authenticates requests by HTTP Digest: a key's public part is the user name, its private part the password."""

    def __init__(self, realm: str, identities: Mapping[str, Identity], world: World, algorithm: str) -> None:
        self._holders = {each.credentials["username"]: each for each in identities.values()}
        secrets = {name: each.credentials["password"] for name, each in self._holders.items()}
        nonces = Nonces(world.store, world.clock, world.ids)
        self._digest = Digest(realm, secrets, nonces, algorithm)

    def authenticate(self, request: Request) -> Identity:
        """Who sent this request. What cannot be proved is challenged anew."""
        try:
            name = self._digest.user(request.method, request.target, request.headers.get("authorization", ""))
        except Unproven as doubt:
            raise errors.not_authenticated(self._digest.challenge(stale=doubt.stale)) from None
        return self._holders[name]


@dataclass(frozen=True, slots=True)
class Admission:
    """What a key must have: a place on its access list, a role. Identities without a list come from anywhere.

    `networks` maps an identity's name to the networks its key may be used from.
    """

    roles: frozenset[str]
    networks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def check_address(self, request: Request) -> None:
        """Refuse a key that is used from elsewhere."""
        networks = self.networks.get(identity_of(request).name)
        if networks is not None and not _lies_in(request.client, networks):
            raise errors.address_not_listed(request.client)

    def check_member(self, request: Request, group_id: str) -> None:
        """Refuse a key of another project, and one whose role is too low."""
        identity = identity_of(request)
        if identity.tenant != group_id:
            raise errors.not_in_group()
        if identity.role not in self.roles:
            raise errors.user_unauthorized()


def identity_of(request: Request) -> Identity:
    """Who asks. Every operation is authenticated, so there is somebody."""
    assert request.identity is not None
    return request.identity


@lru_cache(maxsize=1024)
def _lies_in(address: str, networks: tuple[str, ...]) -> bool:
    try:
        return any(ip_address(address) in ip_network(network) for network in networks)
    except ValueError:
        return False  # no IP address at all: a socket in the file system
