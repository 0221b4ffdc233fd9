"""What `specs.load` gives, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import specs
from specs.loading import load_file, variants_of
from specs.model import IdLocation, Refusal

Wrong = Mapping[str, Any]
CANCEL = "paths /jobs/{jobId}/cancel post"
STATES = "QUEUED | PRINTING | CANCELLING | CANCELLED | PRINTED | JAMMED"
JOB = "components schemas Job x-contract lifecycle"

SPEC = """\
openapi: 3.0.3
info: {title: Acme, version: "1"}
servers: [{url: /acme}]
paths: {}
components: {schemas: {Error: {type: object, x-contract: {error: {code: code}}}}}
"""


def test_systems_are_the_folders_with_a_spec() -> None:
    assert {"atlas", "cloud_foundry", "example", "ops_manager", "permission_assist"} == set(specs.systems())


def test_load_takes_the_base_path_from_the_first_server() -> None:
    assert specs.load("example").base_path == "/example/v1"


def test_load_takes_an_operation_apart() -> None:
    cancel = specs.load("example").operations["cancel_job"]

    assert cancel.label == "POST /jobs/{jobId}/cancel"
    assert [(each.name, each.where, each.required, each.example) for each in cancel.parameters] == [
        ("jobId", "path", True, "pj-0a1b2c3d4e5f")
    ]
    assert cancel.parameters[0].schema["pattern"] == "^pj-[0-9a-f]{12}$"
    assert cancel.evidence == ("E4", "E5", "E6")
    assert cancel.effect is not None
    assert cancel.effect.id == IdLocation("path", "jobId")
    assert cancel.effect.refused["unknown"] == (Refusal((404,), ("job_not_found",), evidence=("E9",)),)


def test_load_takes_a_lifecycle_apart() -> None:
    job = specs.load("example").cancellable

    assert job.initial == ("QUEUED",)
    assert job.terminal == {"CANCELLED", "PRINTED", "JAMMED"}
    assert job.moves["CANCELLING"] == {"settle": ("CANCELLED",), "finish": ("PRINTED",)}
    assert " | ".join(state.name for state in job.states) == STATES


def test_load_resolves_the_references_of_an_operation() -> None:
    replies = specs.load("example").operations["get_job"].definition["responses"]

    schema = replies["200"]["content"]["application/json"]["schema"]
    assert schema["properties"]["status"]["enum"][0] == "QUEUED"


def test_load_leaves_a_reference_inside_its_own_cycle(broken: Callable[[Wrong], Path]) -> None:
    tree = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}}}
    path = broken(
        {"components schemas Tree": tree, "components schemas Job properties tree $ref": "#/components/schemas/Tree"}
    )

    reply = load_file(path).operations["get_job"].definition["responses"]["200"]

    resolved = reply["content"]["application/json"]["schema"]["properties"]["tree"]
    assert resolved["properties"]["next"] == {"$ref": "#/components/schemas/Tree"}


def test_load_gives_a_document_of_the_callers_own() -> None:
    changed = specs.load("example").document
    changed["info"]["title"] = "mine"

    assert specs.load("example").title == "Paperboy print jobs"


def test_load_reads_a_file_again_once_it_has_changed(written: Callable[[str], Path]) -> None:
    path = written(SPEC)
    load_file(path)

    written(SPEC.replace("Acme", "Acme Two"))

    assert load_file(path).title == "Acme Two"


def test_variant_patches_what_it_names_and_nothing_else() -> None:
    default, variant = specs.load("example"), specs.load("example", "repeat_cancel_accepted")

    assert variant.cancellable.moves["CANCELLING"] == {
        "cancel": ("CANCELLING",),
        **default.cancellable.moves["CANCELLING"],
    }
    assert variant.cancellable.moves["QUEUED"] == default.cancellable.moves["QUEUED"]
    assert variant.operations.keys() == default.operations.keys()


def test_variants_start_with_the_documented_one() -> None:
    assert variants_of(specs.load("example").path) == ("default", "repeat_cancel_accepted")


def test_unknown_system_is_refused_with_the_known_ones() -> None:
    with pytest.raises(specs.SpecError) as refusal:
        specs.load("exmaple")

    assert str(refusal.value) == (
        "specs: unknown system `exmaple`. "
        "Known systems: atlas, cloud_foundry, example, ops_manager, permission_assist. Name one of these."
    )


def test_unknown_variant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(specs.SpecError) as refusal:
        specs.load("example", "lenient")

    assert str(refusal.value) == (
        "specs/example/openapi.yaml: unknown variant `lenient`. "
        "Known variants: default, repeat_cancel_accepted. Name one of these."
    )


UNREADABLE = [
    ("- openapi", "is not an object. Write keys and values at its top level."),
    (SPEC + "paths: {}\n", "line 1: is not YAML: the key `paths` is given twice. Correct that line."),
    (SPEC.replace('"1"', "2026-01-01"), "info.version: the value 2026-01-01 is a date. Put it in quotes."),
    (SPEC.replace("title:", "200:"), "info: the key 200 is not a string. Write '200' with quotes."),
    (
        SPEC.replace("3.0.3", "3.1.0"),
        'openapi: "3.1.0" does not match "^3\\.0\\.[0-9]+$". Write an OpenAPI 3.0 document.',
    ),
    (SPEC.replace("servers", "hosts"), '"servers" is a required property. Write an OpenAPI 3.0 document.'),
    (
        SPEC.replace("{}", "{/jobs: {get: {responses: {}}}}"),
        'GET /jobs: "operationId" is a required property. Write an OpenAPI 3.0 document.',
    ),
    (
        SPEC.replace("error: {code: code}", "evidence: [E1]"),
        "components.schemas: the schema of error bodies is not marked. Expected one schema with x-contract.error, "
        "found none. Give it `x-contract: {error: {code: PATH}}`.",
    ),
]


@pytest.mark.parametrize(("text", "message"), UNREADABLE, ids=[message[:40] for _, message in UNREADABLE])
def test_unreadable_spec_is_refused_with_place_and_remedy(
    written: Callable[[str], Path], text: str, message: str
) -> None:
    path = written(text)

    with pytest.raises(specs.SpecError) as refusal:
        load_file(path)

    assert str(refusal.value).removeprefix(f"{path}: ") == message


def test_spec_that_is_not_yaml_is_refused_with_its_line(written: Callable[[str], Path]) -> None:
    path = written(SPEC.replace("title: Acme", "title: [Acme"))

    with pytest.raises(specs.SpecError, match=r"openapi.yaml: line 2: is not YAML: .*\. Correct that line\."):
        load_file(path)


def test_missing_spec_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        specs.SpecError, match=r"openapi.yaml: cannot be read \(No such file or directory\). Create it."
    ):
        load_file(tmp_path / "openapi.yaml")


WRONG: list[tuple[Wrong, str]] = [
    (
        {"paths /jobs get x-internal": True},
        "GET /jobs: unknown extension `x-internal`. Expected `x-contract`, the only one. "
        "specs/README.md lists the vocabulary.",
    ),
    (
        {"components schemas Job properties id x-order": 1},
        "schema Job properties.id: unknown extension `x-order`. Expected `x-contract`, the only one. "
        "specs/README.md lists the vocabulary.",
    ),
    (
        {f"{CANCEL} x-contract effect triger": "cancel"},
        "POST /jobs/{jobId}/cancel: x-contract.effect: Additional properties are not allowed "
        "('triger' was unexpected). specs/README.md lists the vocabulary.",
    ),
    (
        {f"{CANCEL} x-contract evidence": ["F1"]},
        'POST /jobs/{jobId}/cancel: x-contract.evidence.0: "F1" does not match "^[EAC][1-9][0-9]*$". '
        "specs/README.md lists the vocabulary.",
    ),
    (
        {"paths /jobs get x-contract error code": "code"},
        "GET /jobs: x-contract.error does not belong here. Expected it on a schema under components.schemas. Move it.",
    ),
    (
        {"components schemas Status x-contract effect": {"resource": "job", "trigger": "cancel"}},
        "schema Status: x-contract.effect does not belong here. Expected it on an operation. Move it.",
    ),
    (
        {"paths /jobs get operationId": "create_job"},
        "POST /jobs: operationId `create_job` is taken by GET /jobs. Give one of the two another name.",
    ),
    (
        {"components parameters JobId schema $ref": "#/components/schemas/Id"},
        "components.parameters.JobId.schema: refers to `#/components/schemas/Id`, which is not in this document. "
        "Add it, or correct the `$ref` (local ones only).",
    ),
    (
        {"components schemas Status x-contract error code": "code"},
        "components.schemas: the schema of error bodies is not marked. Expected one schema with x-contract.error, "
        "found Status, Problem. Give it `x-contract: {error: {code: PATH}}`.",
    ),
    (
        {f"{JOB} states QUEUED when": {"status": "QUEUED"}},
        "schema Job: lifecycle needs one way to see a state. Expected `field` or `states`. "
        "Name the property that holds the state, or give conditions for each state.",
    ),
    (
        {f"{JOB} field": "title"},
        "schema Job: lifecycle.field `title` names no property with an enum of strings. "
        "Add the enum: it is the list of states.",
    ),
    (
        {f"{JOB} moves QUEUED start": "PRINTNG"},
        f"schema Job: lifecycle.moves.QUEUED.start names the unknown state `PRINTNG`. Expected {STATES}. "
        "Name one of these, or add the state.",
    ),
    (
        {f"{JOB} moves WAITING start": "QUEUED"},
        f"schema Job: lifecycle.moves names the unknown state `WAITING`. Expected {STATES}. "
        "Name one of these, or add the state.",
    ),
    (
        {f"{JOB} initial": "gone"},
        f"schema Job: lifecycle.initial names the unknown state `gone`. Expected {STATES}. "
        "Name one of these, or add the state.",
    ),
    (
        {f"{CANCEL} x-contract effect resource": "task"},
        "POST /jobs/{jobId}/cancel: effect.resource names the unknown resource `task`. Expected job. "
        "Name one of these, or add the resource.",
    ),
    (
        {f"{CANCEL} x-contract effect refused wrong_state states": ["STUCK"]},
        "POST /jobs/{jobId}/cancel: effect.refused.wrong_state.states names the unknown state `STUCK`. "
        f"Expected {STATES}. Name one of these, or add the state.",
    ),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=[next(iter(wrong)) for wrong, _ in WRONG])
def test_wrong_spec_is_refused_with_place_and_remedy(
    broken: Callable[[Wrong], Path], wrong: Wrong, message: str
) -> None:
    path = broken(wrong)

    with pytest.raises(specs.SpecError) as refusal:
        load_file(path)

    assert str(refusal.value) == f"{path}: {message}"


def test_all_problems_of_a_kind_are_told_at_once(broken: Callable[[Wrong], Path]) -> None:
    path = broken({"paths /jobs get x-one": 1, "paths /jobs post x-two": 2})

    with pytest.raises(specs.SpecError) as refusal:
        load_file(path)

    assert [problem.where for problem in refusal.value.problems] == ["POST /jobs", "GET /jobs"]


def test_data_and_names_may_begin_with_x(broken: Callable[[Wrong], Path]) -> None:
    path = broken(
        {
            "components schemas Job properties x-ray": {"type": "boolean", "example": True},
            "components examples QueuedJob value x-ray": False,
            "components schemas NewJob example": {"x-ray": True},
        }
    )

    assert load_file(path).title == "Paperboy print jobs"


def test_problem_in_a_variant_names_the_variant(broken: Callable[[Wrong], Path]) -> None:
    path = broken({})
    (path.parent / "variants" / "odd.yaml").write_text("info: {x-odd: true}")

    with pytest.raises(specs.SpecError, match=r"openapi.yaml \(variant odd\): info: unknown extension"):
        load_file(path, "odd")
