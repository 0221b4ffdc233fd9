"""Is it good OpenAPI, and named as this project names things?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from openapi_spec_validator import OpenAPIV30SpecValidator

from specs.document import Place, label_of
from specs.model import Spec
from specs.problems import Problem, shortened

OPERATION_ID = re.compile(r"[a-z]+(_[a-z0-9]+)+")


def validity(file: str, spec: Spec) -> Iterator[Problem]:
    """Valid for openapi-spec-validator."""
    for place, message in _validator_says(spec):
        yield Problem(file, label_of(place), f"not valid OpenAPI 3.0: {shortened(message)}", "Correct it.")


def _validator_says(spec: Spec) -> Iterator[tuple[Place, str]]:
    """Its later checks stumble over what its earlier ones have reported: what it says before that is enough."""
    try:
        for error in OpenAPIV30SpecValidator(spec.document).iter_errors():
            yield tuple(str(step) for step in error.absolute_path), error.message
    except Exception as error:
        yield (), f"{type(error).__name__}: {error}"


def base_path(file: str, spec: Spec) -> Iterator[Problem]:
    """The vendor's base path is known."""
    if not spec.base_path:
        url = spec.document["servers"][0]["url"]
        remedy = "Add the vendor's base path to the first server's URL."
        yield Problem(file, "servers", "no base path", remedy, "`https://{host}/base/path`", f"`{url}`")


def security(file: str, spec: Spec) -> Iterator[Problem]:
    """Every operation says how its caller is known."""
    everywhere = spec.document.get("security")
    for operation in spec.operations.values():
        if operation.definition.get("security", everywhere) is None:
            remedy = "Add `security` to it or to the whole document; `[]` where the vendor wants none."
            yield Problem(file, operation.label, "no security scheme", remedy)


def operation_ids(file: str, spec: Spec) -> Iterator[Problem]:
    """An operationId is a method's name."""
    for operation in spec.operations.values():
        if not OPERATION_ID.fullmatch(operation.operation_id):
            what = f"operationId `{operation.operation_id}` is no snake_case verb and noun"
            yield Problem(file, operation.label, what, "Rename it.", "a name like `cancel_job`")
