"""The API keys, projects and clusters that the mock knows (A8, A20): fixed, so that tests can name them."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.system import Identity

OWNER = "Project Owner"
READ_ONLY = "Project Read Only"
ROLES = frozenset(
    {OWNER, "Project Backup Manager", "Project Backup Export Operator", "Project Backup Recovery Operator"}
)
"""Any of these may do all four operations (E4, C7)."""

GROUP = "5b6212af90dc76637950a2c6"  # the project of the documented examples
OTHER_GROUP = "5b6212af90dc76637950a2d6"
CLUSTERS = ("MyCluster", "MyOtherCluster")  # of either project (A8)

IDENTITIES: Mapping[str, Identity] = {
    name: Identity(name, "digest", {"username": public, "password": private}, role, group)
    for name, public, private, role, group in (
        ("owner", "atownerk", "7c1f4a52-3b7e-4d0a-8a34-2f5e9c6b1a01", OWNER, GROUP),
        ("reader", "atreader", "7c1f4a52-3b7e-4d0a-8a34-2f5e9c6b1a02", READ_ONLY, GROUP),
        ("stranger", "atstrang", "7c1f4a52-3b7e-4d0a-8a34-2f5e9c6b1a03", OWNER, OTHER_GROUP),
        ("offsite", "atoffsit", "7c1f4a52-3b7e-4d0a-8a34-2f5e9c6b1a04", OWNER, GROUP),
    )
}
"""The offsite key may only be used from a network where nobody is (E23)."""

NETWORKS: Mapping[str, tuple[str, ...]] = {"offsite": ("192.0.2.0/24",)}  # RFC 5737: for documents only
