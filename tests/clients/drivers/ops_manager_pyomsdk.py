"""pyomsdk: generated from the vendor's pages, all five operations. It returns bodies, whatever the status."""

from __future__ import annotations

from typing import Any

from pyomsdk import OpsManagerClient
from talk import converse, given

imports = OpsManagerClient(
    base_url=given["url"], public_key=given["username"], private_key=given["password"]
).import_deployments_resource
PROJECT = given["project"]


def create(host: str) -> Any:
    body = imports.CreateImportDeploymentRequestBodyParams(seed_hostport=host, required_processes=[host])
    scope = imports.CreateImportDeploymentRequestPathParams(project_id=PROJECT)
    return imports.create_import_deployment_request(scope, None, body)


def find() -> Any:
    return imports.get_import_deployment_requests(
        imports.GetImportDeploymentRequestsPathParams(project_id=PROJECT), None
    )


def read(id: str) -> Any:
    place = imports.GetImportDeploymentRequestStatusPathParams(project_id=PROJECT, import_process_id=id)
    return imports.get_import_deployment_request_status(place, None)


def cancel(id: str) -> Any:
    place = imports.CancelImportDeploymentRequestPathParams(project_id=PROJECT, request_id=id)
    return imports.cancel_import_deployment_request(
        place, imports.CancelImportDeploymentRequestQueryParams(pretty=True)
    )


def delete(id: str) -> Any:
    place = imports.DeleteImportDeploymentRequestPathParams(project_id=PROJECT, request_id=id)
    return imports.delete_import_deployment_request(place, None)


converse(create=create, find=find, read=read, cancel=cancel, delete=delete)
