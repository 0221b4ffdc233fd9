"""atlasapi: reads a restore job before it cancels it, and says no by itself where it thinks it must."""

from __future__ import annotations

import os
from typing import Any

from talk import converse, given

os.environ["BASE_URL"] = given["url"]  # read when the package is imported

from atlasapi.atlas import Atlas

backups = Atlas(given["username"], given["password"], given["project"]).CloudBackups
CLUSTER = given["cluster"]


def find() -> Any:
    return [job.restore_id for job in backups.get_snapshot_restore_requests(CLUSTER)]


def read(id: str) -> Any:
    [job] = backups.get_snapshot_restore_requests(CLUSTER, id)
    return {"id": job.restore_id, "cancelled": job.cancelled, "finished": bool(job.finished_at)}


def cancel(id: str) -> Any:
    return backups.cancel_snapshot_restore_request(CLUSTER, id)


converse(find=find, read=read, cancel=cancel)
