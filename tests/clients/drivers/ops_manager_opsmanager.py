"""opsmanager: knows no imports, so its session is asked for them; refusals become its own exceptions."""

from __future__ import annotations

from typing import Any

from opsmanager import OpsManagerClient
from talk import converse, given

session = OpsManagerClient(given["url"], given["username"], given["password"], rate_limit=0)._session
IMPORTS = f"api/public/v1.0/automation/importDeployment/{given['project']}"


def find() -> Any:
    return session.get(IMPORTS)


def read(id: str) -> Any:
    return session.get(f"{IMPORTS}/{id}")


def cancel(id: str) -> Any:
    return session.post(f"{IMPORTS}/{id}/cancel")


converse(find=find, read=read, cancel=cancel)
