"""The API keys that the mock knows (A22): fixed, so that documents and tests can name them."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.system import Identity

ADMIN = "Project Automation Admin"  # what all five operations need (E5)
READ_ONLY = "Project Read Only"
PROJECT = "507f1f77bcf86cd799439012"  # the project of the documented examples
OTHER_PROJECT = "507f1f77bcf86cd799439022"

IDENTITIES: Mapping[str, Identity] = {
    name: Identity(name, "digest", {"username": public, "password": private}, role, project)
    for name, public, private, role, project in (
        ("owner", "omownerk", "0d6d9b6e-7f0b-4f4c-9f5a-5b1f1d0f0a01", ADMIN, PROJECT),
        ("reader", "omreader", "0d6d9b6e-7f0b-4f4c-9f5a-5b1f1d0f0a02", READ_ONLY, PROJECT),
        ("stranger", "omstrang", "0d6d9b6e-7f0b-4f4c-9f5a-5b1f1d0f0a03", ADMIN, OTHER_PROJECT),
        ("offsite", "omoffsit", "0d6d9b6e-7f0b-4f4c-9f5a-5b1f1d0f0a04", ADMIN, PROJECT),
    )
}
"""The offsite key may only be used from a network where nobody is (E26)."""

NETWORKS: Mapping[str, tuple[str, ...]] = {"offsite": ("192.0.2.0/24",)}  # RFC 5737: for documents only

USER_IDS: Mapping[str, str] = {
    "owner": "507f1f77bcf86cd799439013",
    "reader": "507f1f77bcf86cd799439014",
    "stranger": "507f1f77bcf86cd799439023",
    "offsite": "507f1f77bcf86cd799439015",
}
"""What a request says of who asked for it (E6)."""
