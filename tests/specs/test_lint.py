"""What lint finds: one broken spec a line, and what it says about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import specs
from specs.lint import lint
from specs.problems import Problem

Wrong = Mapping[str, Any]

CREATE = "paths /jobs post"
LIST = "paths /jobs get"
GET = "paths /jobs/{jobId} get"
CANCEL = "paths /jobs/{jobId}/cancel post"
CANCEL_EFFECT = f"{CANCEL} x-contract effect"
LIFECYCLE = "components schemas Job x-contract lifecycle"
REFUSAL = "components responses NotCancellable"

BROKEN: list[tuple[str, Wrong, list[str]]] = [
    (
        "invalid OpenAPI",
        {"info version": None},
        ['info: not valid OpenAPI 3.0: "version" is a required property. Correct it.'],
    ),
    (
        "no base path",
        {"servers": [{"url": "https://paperboy.example/"}]},
        [
            "servers: no base path. Expected `https://{host}/base/path`, found `https://paperboy.example/`. "
            "Add the vendor's base path to the first server's URL."
        ],
    ),
    (
        "operation without security",
        {"security": None, f"{CREATE} security": [], f"{LIST} security": [], f"{GET} security": []},
        [
            "POST /jobs/{jobId}/cancel: no security scheme. "
            "Add `security` to it or to the whole document; `[]` where the vendor wants none."
        ],
    ),
    (
        "operationId in camel case",
        {f"{LIST} operationId": "listJobs"},
        [
            "GET /jobs: operationId `listJobs` is no snake_case verb and noun. Expected a name like `cancel_job`. "
            "Rename it."
        ],
    ),
    (
        "no cancel",
        {f"{CANCEL_EFFECT} trigger": "stop"},
        [
            "paths: a spec is about one cancel. Expected one resource with a cancel, found none. "
            "Give exactly one operation an effect with `trigger: cancel`."
        ],
    ),
    (
        "nothing reads",
        {f"{LIST} x-contract effect": None, f"{GET} x-contract effect": None},
        ["schema Job: nothing reads a job. Give an operation an effect with `trigger: read` or `list`."],
    ),
    (
        "unreachable state",
        {f"{LIFECYCLE} moves PRINTING jam": None},
        ["schema Job: nothing leads to the state JAMMED. Add the move that does, or list it in `initial`."],
    ),
    (
        "terminal state that changes",
        {f"{LIFECYCLE} moves PRINTED reprint": "QUEUED"},
        [
            "schema Job: the terminal state PRINTED has the move `reprint` to QUEUED. "
            "Expected no cancel, and moves to itself or to gone only. Take it out of `terminal`, or remove the move."
        ],
    ),
    (
        "terminal state that accepts a cancel",
        {f"{LIFECYCLE} moves PRINTED cancel": "PRINTED"},
        [
            "schema Job: the terminal state PRINTED has the move `cancel` to PRINTED. "
            "Expected no cancel, and moves to itself or to gone only. Take it out of `terminal`, or remove the move."
        ],
    ),
    (
        "dead end that is not terminal",
        {f"{LIFECYCLE} terminal": ["CANCELLED", "PRINTED"]},
        ["schema Job: nothing leads out of the state JAMMED. Add its moves, or list it in `terminal`."],
    ),
    (
        "lifecycle that points at nothing",
        {f"{LIFECYCLE} id": "guid", f"{LIFECYCLE} times": ["createdOn"], f"{LIFECYCLE} history at": "when"},
        [
            "schema Job: lifecycle.id points at `guid`, which the schema does not have. "
            "Add the property, or correct the path.",
            "schema Job: lifecycle.times points at `createdOn`, which the schema does not have. "
            "Add the property, or correct the path.",
            "schema Job: lifecycle.history points at `history.0.when`, which the schema does not have. "
            "Add the property, or correct the path.",
        ],
    ),
    (
        "state read off nothing",
        {
            f"{LIFECYCLE} field": None,
            f"{LIFECYCLE} states": {
                name: {"when": {"state" if name == "JAMMED" else "status": name}}
                for name in ("QUEUED", "PRINTING", "CANCELLING", "CANCELLED", "PRINTED", "JAMMED")
            },
        },
        [
            "schema Job: lifecycle.states.JAMMED.when points at `state`, which the schema does not have. "
            "Add the property, or correct the path."
        ],
    ),
    (
        "two operations with one trigger",
        {f"{LIST} x-contract effect trigger": "create"},
        ["POST /jobs: effect: list_jobs already pulls `create` on job. Give one of the two another trigger."],
    ),
    (
        "id that is no parameter",
        {f"{CANCEL_EFFECT} id name": "id"},
        [
            "POST /jobs/{jobId}/cancel: effect.id is `id` in path, but nothing is documented there. "
            "Name a documented parameter or property."
        ],
    ),
    (
        "id that the reply does not have",
        {f"{CREATE} x-contract effect id name": "job.id"},
        [
            "POST /jobs: effect.id is `job.id` in response, but nothing is documented there. "
            "Name a documented parameter or property."
        ],
    ),
    (
        "cancel of nothing in particular",
        {f"{CANCEL_EFFECT} id": None},
        [
            "POST /jobs/{jobId}/cancel: effect with trigger `cancel` has no id. Add `id: {in: path, name: ...}`.",
        ],
    ),
    (
        "items that are no array",
        {f"{LIST} x-contract effect items": "total"},
        ["GET /jobs: effect.items is `total`, which is no array of the reply. Name the array by its dotted path."],
    ),
    (
        "refusal with an undocumented status",
        {f"{CANCEL_EFFECT} refused unknown status": [404, 410]},
        [
            "POST /jobs/{jobId}/cancel: effect.refused.unknown: 410 is no documented response. "
            "Found 200, 400, 401, 403, 404, 409, 413, 503. Document it, or correct the status."
        ],
    ),
    (
        "refusal without a body",
        {f"{REFUSAL} content": None},
        [
            "POST /jobs/{jobId}/cancel: effect.refused.wrong_state: response 409 has no body schema. Add its content.",
        ],
    ),
    (
        "refusal with an unknown code",
        {f"{CANCEL_EFFECT} refused unknown code": "no_job"},
        [
            "POST /jobs/{jobId}/cancel: effect.refused.unknown: the code `no_job` is not in the enum of "
            "schema Problem. Add it there, or correct it."
        ],
    ),
    (
        "state without an answer",
        {f"{CANCEL_EFFECT} refused wrong_state states": ["CANCELLING", "CANCELLED", "PRINTED"]},
        [
            "POST /jobs/{jobId}/cancel: nothing says what `cancel` answers in the state JAMMED. "
            "Add the move, or the state to effect.refused.wrong_state."
        ],
    ),
    (
        "response without a description",
        {f"{REFUSAL} description": " "},
        ["POST /jobs/{jobId}/cancel: response 409 has no description. Say when it is given."],
    ),
    (
        "response without an example",
        {f"{REFUSAL} content application/json examples": None},
        ["POST /jobs/{jobId}/cancel: response 409 has no example for application/json. Add one to `examples`."],
    ),
    (
        "body without a schema",
        {f"{CANCEL_EFFECT} refused wrong_state": {"status": 404}, f"{REFUSAL} content application/json schema": None},
        ["POST /jobs/{jobId}/cancel: response 409 has no schema for application/json. Add one."],
    ),
    (
        "operation that cannot succeed",
        {f"{LIST} responses 200": None, f"{LIST} x-contract effect": None},
        ["GET /jobs: documents no success. Add its 2xx response."],
    ),
    (
        "response example of another shape",
        {f"{REFUSAL} content application/json examples printed value problem message": ""},
        [
            "components.responses.NotCancellable.content.application/json: the example `printed` does not fit its "
            "schema: problem.message: '' should be non-empty. Correct the example or the schema."
        ],
    ),
    (
        "request example of another shape",
        {f"{CREATE} requestBody content application/json examples least value colour": "red"},
        [
            "POST /jobs requestBody.content.application/json: the example `least` does not fit its schema: "
            "Additional properties are not allowed ('colour' was unexpected). Correct the example or the schema."
        ],
    ),
    (
        "example with a moment that is none",
        {"components examples CancelledJob value finishedAt": "yesterday", f"{CANCEL} responses 200 content": None},
        [
            "GET /jobs/{jobId} responses.200.content.application/json: the example `cancelled` does not fit its "
            "schema: finishedAt: 'yesterday' is not a 'date-time'. Correct the example or the schema."
        ],
    ),
    (
        "parameter example of another shape",
        {"components parameters JobId example": "pj-1"},
        [
            "components.parameters.JobId: `example` does not fit its schema: 'pj-1' does not match "
            "'^pj-[0-9a-f]{12}$'. Correct the example or the schema."
        ],
    ),
    (
        "header example of another shape",
        {"components headers WWW-Authenticate example": "Digest"},
        [
            "components.headers.WWW-Authenticate: `example` does not fit its schema: 'Digest' does not match "
            "'^Bearer'. Correct the example or the schema."
        ],
    ),
    (
        "schema example of another shape",
        {"components schemas Status example": "ASLEEP"},
        [
            "schema Status: `example` does not fit its schema: 'ASLEEP' is not one of ['QUEUED', 'PRINTING', "
            "'CANCELLING', 'CANCELLED', 'PRINTED', 'JAMMED']. Correct the example or the schema."
        ],
    ),
    (
        "link to nowhere",
        {f"{CREATE} responses 201 links look": {"operationId": "look_at_job"}},
        [
            "POST /jobs: the link `look` names the unknown operation `look_at_job`. "
            "Expected list_jobs | create_job | get_job | cancel_job. Name one of these."
        ],
    ),
    (
        "link with a parameter that is none",
        {f"{CREATE} responses 201 links get parameters": {"jobId": None, "id": "$response.body#/id"}},
        [
            "POST /jobs: the link `get` fills in `id`, which get_job does not have. Name one of its parameters.",
            "POST /jobs: the link `get` leaves out `jobId`, which get_job needs. "
            "Fill it in from the request or the reply.",
        ],
    ),
    (
        "link that takes what is not there",
        {
            f"{CREATE} responses 201 links get parameters jobId": "$response.body#/guid",
            f"{CREATE} responses 201 links cancel parameters jobId": "$request.path.jobId",
        },
        [
            "POST /jobs: the link `get` takes `$response.body#/guid`, which is not documented. "
            "Point at a documented parameter or property.",
            "POST /jobs: the link `cancel` takes `$request.path.jobId`, which is not documented. "
            "Point at a documented parameter or property.",
        ],
    ),
    (
        "no way from create to cancel",
        {f"{CREATE} responses 201 links cancel": None},
        ["POST /jobs: no link to cancel_job. Add one to the `links` of its success."],
    ),
    (
        "no way from cancel to get",
        {f"{CANCEL} responses 200 links": None},
        ["POST /jobs/{jobId}/cancel: no link to get_job. Add one to the `links` of its success."],
    ),
    (
        "no way from list where create names no id",
        {f"{CREATE} x-contract effect id": None},
        [
            "GET /jobs: no link to get_job. Add one to the `links` of its success.",
            "GET /jobs: no link to cancel_job. Add one to the `links` of its success.",
        ],
    ),
    (
        "operation without evidence",
        {f"{LIST} x-contract evidence": None},
        ["GET /jobs: cites no evidence. Add `x-contract: {evidence: [...]}`."],
    ),
    (
        "lifecycle without evidence",
        {"components schemas Job x-contract evidence": None},
        ["schema Job: its lifecycle cites no evidence. Add `evidence` beside `lifecycle`."],
    ),
]


def messages(path: Path) -> list[str]:
    return [str(problem).replace(f"{path.parent}/", "").removeprefix("openapi.yaml: ") for problem in lint([path])]


@pytest.mark.parametrize(("wrong", "found"), [row[1:] for row in BROKEN], ids=[name for name, *_ in BROKEN])
def test_lint_of_a_broken_spec_says_what_is_wrong_and_what_to_do(
    broken: Callable[[Wrong], Path], wrong: Wrong, found: list[str]
) -> None:
    path = broken(wrong)
    (path.parent / "variants" / "repeat_cancel_accepted.yaml").unlink()

    assert messages(path) == found


EVIDENCE = [
    (
        "cited but missing",
        ("- **E14** ", "- **E41** "),
        ["POST /jobs/{jobId}/cancel: cites E14, which EVIDENCE.md does not have. Add the entry there."],
    ),
    (
        "given twice",
        ("- **E14** ", "- **E13** A newsroom is a newsroom. [REF]\n- **E14** "),
        ["EVIDENCE.md: E13: is given twice. Give one of the two the next free number."],
    ),
    (
        "with a leading zero",
        ("- **A5** ", "- **A05** "),
        ["EVIDENCE.md: A05: is no number of an entry. Count from 1, without leading zeros."],
    ),
    (
        "fact without a source",
        ("## Assumptions", "- **E16** The press is green.\n\n## Assumptions"),
        [
            "EVIDENCE.md: E16: has no source. Expected a URL, `owner/repo path`, or a known [KEY]. "
            "Add where it stands, or make it an assumption."
        ],
    ),
    (
        "fact with a key that has none",
        ("## Assumptions", "- **E16** The press is green. [BOOK]\n\n## Assumptions"),
        [
            "EVIDENCE.md: E16: has no source. Expected a URL, `owner/repo path`, or a known [KEY]. "
            "Add where it stands, or make it an assumption."
        ],
    ),
    ("fact with a path", ("## Assumptions", "- **E16** It is green. `paperboy/press docs/colour.md`\n\n## A"), []),
    ("table of facts", ("## Assumptions", "| E16 | It is green. | [REF] |\n\n## A"), []),
]


@pytest.mark.parametrize(("change", "found"), [row[1:] for row in EVIDENCE], ids=[name for name, *_ in EVIDENCE])
def test_lint_reads_the_evidence(broken: Callable[[Wrong], Path], change: tuple[str, str], found: list[str]) -> None:
    path = broken({})
    evidence = path.parent / "EVIDENCE.md"
    evidence.write_text(evidence.read_text().replace(*change))

    assert messages(path) == found


def test_lint_misses_the_evidence_once(broken: Callable[[Wrong], Path]) -> None:
    path = broken({})
    (path.parent / "EVIDENCE.md").unlink()

    assert messages(path) == [
        "EVIDENCE.md: is missing. Write down how we know what the spec says; see specs/README.md."
    ]


def test_lint_of_a_spec_that_cannot_be_loaded_passes_on_why(broken: Callable[[Wrong], Path]) -> None:
    path = broken({"info x-odd": True})

    assert messages(path) == [
        "info: unknown extension `x-odd`. Expected `x-contract`, the only one. specs/README.md lists the vocabulary."
    ]


def test_lint_of_a_document_that_is_far_from_openapi_says_so(broken: Callable[[Wrong], Path]) -> None:
    path = broken({f"{REFUSAL} content": "text"})

    assert all("not valid OpenAPI 3.0" in message for message in messages(path))
    assert messages(path) != []


def test_lint_blames_a_variant_for_its_own_faults_only(broken: Callable[[Wrong], Path]) -> None:
    path = broken({f"{LIST} x-contract evidence": None})
    (path.parent / "variants" / "quick.yaml").write_text(
        "components: {schemas: {Job: {x-contract: {lifecycle: {moves: {PRINTING: {jam: null}}}}}}}"
    )

    assert messages(path) == [
        "GET /jobs: cites no evidence. Add `x-contract: {evidence: [...]}`.",
        "openapi.yaml (variant quick): schema Job: nothing leads to the state JAMMED. "
        "Add the move that does, or list it in `initial`.",
    ]


def test_lint_lets_a_variant_drop_examples(broken: Callable[[Wrong], Path]) -> None:
    path = broken({})
    (path.parent / "variants" / "bare.yaml").write_text(
        "components: {responses: {NotCancellable: {content: {application/json: {examples: null}}}}}"
    )

    assert messages(path) == []


def test_lint_takes_a_file_a_folder_or_a_folder_of_folders(broken: Callable[[Wrong], Path]) -> None:
    path = broken({f"{LIST} x-contract evidence": None})

    assert lint([path]) == lint([path.parent])
    assert len(lint([path.parent.parent])) == 1


def test_lint_of_nothing_says_so(tmp_path: Path) -> None:
    problems = lint([tmp_path])

    assert [str(problem) for problem in problems] == [
        f"{tmp_path}: there is no spec here. Name an openapi.yaml, a system's folder, or a folder of those."
    ]


def test_lint_without_paths_looks_at_every_shipped_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def say_whose(file: str, spec: specs.Spec) -> list[Problem]:
        return [Problem(file, spec.system, "was looked at", "")]

    monkeypatch.setattr("specs.lint.RULES", (say_whose,))

    assert {problem.where for problem in lint()} == set(specs.systems())
