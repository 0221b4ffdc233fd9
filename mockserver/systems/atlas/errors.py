"""Every refusal of Atlas's (E17): its own here, those of its family by name. One function an error."""

from __future__ import annotations

from mockserver.project_api.errors import (
    address_not_listed,  # E23
    invalid_enum_value,  # E24
    invalid_group_id,  # E13
    invalid_json,  # E24
    invalid_json_attribute,  # E24
    missing_attribute,  # E24
    not_in_group,  # E26
    refusal,
    user_unauthorized,  # E25
)
from mockserver.system import VendorError
from mockserver.systems.atlas.model import MAX_DOWNLOADS

__all__ = [
    "address_not_listed",
    "already_downloading",
    "cannot_cancel_automated_restore",
    "cannot_cancel_restore_job",
    "cannot_cancel_shard",
    "cluster_name_invalid",
    "cluster_not_found",
    "group_not_found",
    "invalid_enum_value",
    "invalid_group_id",
    "invalid_job_id",
    "invalid_json",
    "invalid_json_attribute",
    "invalid_restore_time",
    "invalid_snapshot_id",
    "malformed_json",
    "missing_attribute",
    "not_in_group",
    "path_param_parse_error",
    "restore_job_not_found",
    "snapshot_not_found",
    "too_many_downloads",
    "user_unauthorized",
]


def group_not_found(group_id: str) -> VendorError:
    """An unknown project (E32, C3)."""
    return refusal(404, "GROUP_NOT_FOUND", f"No group with ID {group_id} exists.", group_id)


def cluster_not_found(name: str, group_id: str) -> VendorError:
    """An unknown cluster (E32)."""
    return refusal(404, "CLUSTER_NOT_FOUND", f"No cluster named {name} exists in group {group_id}.", name, group_id)


def cluster_name_invalid(name: str) -> VendorError:
    """A name that no cluster can have (E13); the words are ours."""
    return refusal(400, "CLUSTER_NAME_INVALID", f"Invalid cluster name {name} specified.", name)


def invalid_job_id(job_id: str) -> VendorError:
    """An id that no job can have (E13)."""
    return refusal(404, "INVALID_JOB_ID", f"An invalid restore job ID {job_id} was specified.", job_id)


def path_param_parse_error(path: str) -> VendorError:
    """Any id in the path that cannot be one, in the other reading (C4)."""
    detail = f"One or more path parameter in the request URI {path} is malformed."
    return refusal(400, "PATH_PARAM_PARSE_ERROR", detail, path)


def restore_job_not_found(job_id: str, cluster: str) -> VendorError:
    """An unknown job (E12)."""
    detail = f"No restore job with ID {job_id} exists for cluster {cluster}."
    return refusal(404, "RESTORE_JOB_NOT_FOUND", detail, job_id, cluster)


def cannot_cancel_automated_restore() -> VendorError:
    """Only downloads can be cancelled (E10, A4)."""
    return refusal(400, "CANNOT_CANCEL_AUTOMATED_RESTORE", "Automated restore cannot be cancelled.")


def cannot_cancel_shard() -> VendorError:
    """A sharded restore is cancelled as a whole (E11)."""
    return refusal(
        405,
        "ATLAS_BACKUP_CANCEL_SHARD_RESTORE_JOB_NOT_ALLOWED",
        "Cannot cancel a restore job of an individual shard. Please cancel the entire sharded cluster restore job.",
    )


def cannot_cancel_restore_job(status: int, job_id: str) -> VendorError:
    """Too late (A5): the code and the words are ours."""
    return refusal(status, "CANNOT_CANCEL_RESTORE_JOB", f"Restore job {job_id} cannot be cancelled.", job_id)


def snapshot_not_found(snapshot_id: str) -> VendorError:
    """An unknown snapshot (E28); the words are ours."""
    return refusal(404, "SNAPSHOT_NOT_FOUND", f"No snapshot with ID {snapshot_id} exists.", snapshot_id)


def invalid_snapshot_id(snapshot_id: str) -> VendorError:
    """An id that no snapshot can have (E28); the words are ours."""
    return refusal(404, "INVALID_SNAPSHOT_ID", f"An invalid snapshot ID {snapshot_id} was specified.", snapshot_id)


def already_downloading(snapshot_id: str) -> VendorError:
    """A second download of a snapshot (E7); the words are ours."""
    detail = f"Cannot download snapshot {snapshot_id} concurrently."
    return refusal(400, "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY", detail, snapshot_id)


def too_many_downloads(group_id: str) -> VendorError:
    """As many downloads as a project may have (E7); the words are ours."""
    detail = f"Group {group_id} cannot have more than {MAX_DOWNLOADS} snapshot downloads."
    return refusal(400, "TOO_MANY_SNAPSHOT_DOWNLOADS", detail, group_id, MAX_DOWNLOADS)


def invalid_restore_time(seconds: int) -> VendorError:
    """A moment that cannot be restored (E28, A18); the words are ours."""
    return refusal(400, "INVALID_PIT_RESTORE_TIME", f"Cannot restore to the point in time {seconds}.", seconds)


def malformed_json() -> VendorError:
    """No JSON at all (E24)."""
    return refusal(400, "MALFORMED_JSON", "Received JSON is malformed.")
