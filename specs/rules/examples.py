"""Is every example an instance of its schema?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker

from specs.document import Place, References, label_of, objects
from specs.model import Spec
from specs.problems import Problem, shortened


def examples(file: str, spec: Spec) -> Iterator[Problem]:
    """Examples of bodies, parameters and headers, and those that schemas carry themselves."""
    references = References(spec.document)
    for place, node in objects(spec.document):
        schema = node.get("schema", node)
        for name, value in _examples_of(node, references):
            for message in _failures(schema, value, place, spec.document):
                what = f"{name} does not fit its schema: {message}"
                yield Problem(file, label_of(place), what, "Correct the example or the schema.")


def _examples_of(node: Mapping[str, Any], references: References) -> Iterator[tuple[str, Any]]:
    if "example" in node:
        yield "`example`", node["example"]
    if not isinstance(node.get("examples"), Mapping) or "schema" not in node:
        return
    for name, example in node["examples"].items():
        resolved = references.resolved(example)
        if "value" in resolved:
            yield f"the example `{name}`", resolved["value"]


def _failures(schema: Mapping[str, Any], value: Any, place: Place, document: Mapping[str, Any]) -> Iterator[str]:
    """A schema's own references start at the document's root, so it is laid over that."""
    sent = "requestBody" in place or "requestBodies" in place
    kind = OAS30WriteValidator if sent else OAS30ReadValidator
    rooted = {**document, **schema}
    for error in kind(rooted, format_checker=oas30_format_checker).iter_errors(value):
        inside = ".".join(str(step) for step in error.absolute_path)
        yield f"{inside}: {shortened(error.message)}" if inside else shortened(error.message)
