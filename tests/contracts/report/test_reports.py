"""Each report says the same, in its own form."""

from __future__ import annotations

import io
import json
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markupsafe import escape
from rich.console import Console

from contracts import report
from contracts.exchange import Exchange, Outgoing, Reply
from contracts.guard import KeptBack
from contracts.notebook import Found
from contracts.report import console, github, har, junit, page, record, replay, wording
from contracts.report.grouping import by_cause
from contracts.secret import Secret
from contracts.verdict import ClaimResult, Conclusion, Finding, RunResult, Verdict


def test_record_has_the_documented_members(result: RunResult) -> None:
    written = json.loads(record.render(result))

    top = ["format", "verdict", "target", "seed", "duration_s", "requests", "touched", "refused_by_guard"]
    assert list(written) == [*top, "claims", "findings"]
    assert (written["format"], written["verdict"]) == (1, "violates")
    assert written["target"] == {
        "name": "staging", "system": "example", "url": "https://paper.example", "variant": "default", "mock": False
    }  # fmt: skip
    assert [(c["id"], c["verdict"], c["cases"]) for c in written["claims"]] == [
        ("cancel_settles", "held", 4),
        ("terminal_job_refuses_cancel", "broken", 3),
        ("weak_role_is_refused", "not_tested", 0),
    ]


def test_record_read_back_is_the_same_run(result: RunResult, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(record.render(result), encoding="utf-8")

    assert record.read(path) == replace(result, duration_s=12.346)


def test_findings_of_one_cause_are_told_once_by_the_shortest_command(result: RunResult) -> None:
    [cause] = by_cause(result.findings)

    assert (cause.times, cause.states, cause.example.state) == (2, ("PRINTED", "JAMMED"), "JAMMED")


def test_findings_without_a_cause_are_kept_apart_by_what_was_received(result: RunResult) -> None:
    one = replace(result.findings[0], cause="")
    other = replace(one, received={"status": 500})

    assert len(by_cause([one, other, one])) == 2


def test_junit_has_a_case_a_claim(result: RunResult) -> None:
    [suite] = ElementTree.fromstring(junit.render(result))

    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert [case.get("name") for case in suite] == [claim.id for claim in result.claims]
    failure = suite[1].find("failure")
    assert failure is not None and "409 job_not_cancellable" in (failure.text or "")
    skipped = suite[2].find("skipped")
    assert skipped is not None and skipped.get("message") == "the target has no identity reader"


def test_junit_survives_what_xml_cannot_carry(result: RunResult) -> None:
    result.findings = [replace(result.findings[0], received={"status": 200, "body": "a\x00b\x1b\ud800c"})]

    text = junit.render(result)

    assert "a�b��c" in (ElementTree.fromstring(text)[0][1][0].text or "")


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


def test_page_stands_alone_and_links_to_what_it_has(result: RunResult) -> None:
    text = page.render([result])

    tags = Tags(text).found
    anchors = {str(attributes["id"]) for _, attributes in tags if "id" in attributes}
    links = [str(attributes["href"]) for _, attributes in tags if "href" in attributes]
    assert not [tag for tag, attributes in tags if tag in {"script", "link", "img"} or "src" in attributes]
    assert all(link.startswith("#") and link[1:] in anchors for link in links)
    assert "&lt;CANCELLED&gt;" in text and "<CANCELLED>" not in text


def test_page_shows_the_words_of_the_evidence(result: RunResult) -> None:
    glossary = page.Glossary({"cancel_settles": "it settles"}, {"example": {"E6": "A job that `ended` is <refused>."}})

    text = page.render([result], glossary)

    assert "A job that <code>ended</code> is &lt;refused&gt;." in text
    assert "the target has no identity reader" in text


@pytest.mark.parametrize(
    ("found", "worst"),
    [
        (["conforms", "conforms"], "conforms"),
        (["conforms", "inconclusive"], "inconclusive"),
        (["inconclusive", "violates"], "violates"),
        ([], "inconclusive"),
    ],
)
def test_page_of_several_systems_is_headed_by_the_worst(result: RunResult, found: list[str], worst: str) -> None:
    results = [replace(result, conclusion=Conclusion(each)) for each in found]

    assert page.worst(results) == worst


def test_har_holds_what_was_sent_and_no_secret() -> None:
    secret = Secret("s3cr3t-token-value")
    outgoing = Outgoing(
        "POST", "https://paper.example", "/jobs?x=%20a", {"authorization": f"Bearer {secret.reveal()}"}, b"\xff{}"
    )
    reply = Reply(409, {"content-type": "application/json"}, b'{"seen": "s3cr3t-token-value"}', 0.25)
    journal = [
        Exchange(1, 0.0, outgoing, "create_job", "create", (), "some_claim", reply),
        Exchange(
            2, 1.0, replace(outgoing, body=b""), "create_job", "create", (), "other", None, "no answer within 5 s"
        ),
    ]

    text = har.render(journal)

    first, second = json.loads(text)["log"]["entries"]
    assert secret.reveal() not in text
    assert (first["request"]["method"], first["response"]["status"], first["time"]) == ("POST", 409, 250.0)
    assert first["request"]["queryString"] == [{"name": "x", "value": " a"}]
    assert (second["response"]["status"], second["response"]["comment"]) == (0, "no answer within 5 s")
    assert (first["comment"], second["comment"]) == ("some_claim", "other")


def test_github_gets_an_annotation_a_cause(result: RunResult) -> None:
    [line] = github.lines([result])

    assert line.startswith("::error title=example%3A terminal_job_refuses_cancel::POST /jobs/{jobId}/cancel in ")
    assert "\n" not in line and "%0A" in line


def test_github_summary_says_why_a_run_is_inconclusive_in_plain_words(result: RunResult) -> None:
    untested = ClaimResult("cancel_settles", Verdict.NOT_TESTED, reason="answered 500: <h1>Oops</h1>\n\n# a | *b*")
    doubtful = replace(result, conclusion=Conclusion.INCONCLUSIVE, claims=[untested], findings=[])

    [line] = [line for line in github.summary([doubtful]).splitlines() if line.startswith("- ")]

    assert line.endswith(r"answered 500: &lt;h1&gt;Oops&lt;/h1&gt; \# a \| \*b\*")


def test_github_summary_is_added_to_the_page_it_names(result: RunResult, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n", encoding="utf-8")

    github.write_summary([result], {"GITHUB_STEP_SUMMARY": str(page)})

    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert "| `terminal_job_refuses_cancel` | ❌ 3 |" in text


def shown(results: list[RunResult], *, width: int = 80, quiet: bool = False, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console.show(Console(file=stream, width=width), results, [Path("out/report.json")], quiet=quiet)
    stream.seek(0)
    return stream.read()


def test_console_fits_a_terminal_but_for_what_is_copied(result: RunResult) -> None:
    lines = shown([result, replace(result, target=replace(result.target, system="permission_assist"))]).splitlines()

    assert [line for line in lines if len(line) > 80 and "curl" not in line and "replay" not in line] == []
    assert not any(line != line.rstrip() for line in lines if line.startswith("  "))


def test_console_groups_failures_and_gives_reasons(result: RunResult) -> None:
    text = shown([result])

    assert "✓ 4" in text and "✗ 3" in text
    assert text.count("terminal_job_refuses_cancel is broken") == 1
    assert "POST /jobs/{jobId}/cancel in PRINTED, JAMMED (2 times)" in text
    assert "weak_role_is_refused: the target has no identity reader" in text
    assert "example violates: 1 held, 1 broken, 1 not tested; 842 requests in 12.3 s, seed 7" in text


def test_console_that_cannot_print_marks_says_words(result: RunResult) -> None:
    text = shown([result], encoding="ascii")

    assert "BROKEN 3" in text and "ok 4" in text


def test_console_when_quiet_keeps_failures_and_verdicts(result: RunResult) -> None:
    text = shown([result], quiet=True)

    assert "is broken" in text and "example violates" in text
    assert "✓" not in text and "report.json" not in text


def test_replay_files_are_written_one_a_finding_and_read_back(result: RunResult, tmp_path: Path) -> None:
    steps = ({"job": "job1", "state": "PRINTED"}, {"send": {"method": "POST", "target": "/jobs/{job1}/cancel"}})
    found = [Found(each, steps) for each in result.findings]

    written = replay.write("example", "default", 7, found, tmp_path)

    recording = replay.read(Path(written[0].replay))
    assert len({each.replay for each in written}) == 2
    assert (recording.system, recording.seed, recording.steps) == ("example", 7, steps)
    assert recording.finding == result.findings[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("[]", "is no replay file"),
        ('{"format": 2}', "is no replay file"),
        ('{"format": 1, "finding": {}, "steps": [], "seed": 0}', "lacks 'evidence'"),
        ('{"format": 1, "finding": {}, "steps": [], "seed": "0"}', "is damaged"),
        ('{"format": 1, "finding": [], "steps": [], "seed": 0}', "is damaged"),
        ('{"format": 1, "finding": {}, "steps": [1], "seed": 0}', "is damaged"),
    ],
    ids=["absent", "cut off", "a list", "another format", "incomplete", "no seed", "no finding", "no steps"],
)
def test_replay_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "replay.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(replay.ReplayError, match=message):
        replay.read(path)


def test_reports_of_a_run_hold_no_secret_in_any_file(result: RunResult, tmp_path: Path) -> None:
    secret = Secret("hunter2-hunter2").reveal()
    leaky = replace(
        result.findings[0],
        expected=secret,
        received={"body": secret},
        curl=f"curl -H 'authorization: Digest a=\"{secret}\"'",
    )
    steps = ({"send": {"headers": {"x": secret}}},)
    kept = [KeptBack("GET", f"/{secret}", "no", "claim")]
    material = report.Material(result, [Found(leaky, steps)], [], kept)

    files = report.write(material, tmp_path, tuple(report.KINDS))
    report.write_overview([result], tmp_path)

    everything = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in files} == {"report.json", "junit.xml", "report.html", "run.har", "kept-back.json"}
    assert [path for path, text in everything.items() if secret in text] == []


def test_received_is_told_status_first_and_not_at_length() -> None:
    text = wording.received({"body": "x" * 1000, "status": 200})

    assert text.startswith("200, body xxx")
    assert len(text) < 500


@pytest.mark.parametrize(
    ("name", "targets", "url", "words"),
    [
        ("mock", "", "http://127.0.0.1:4711", ""),
        ("staging", "targets.toml", "http://localhost:4711", ""),
        ("staging", "my targets.toml", "http://[::1]:4711", " --targets 'my targets.toml'"),
        ("staging", "targets.toml", "https://paper.example:8443", " --yes paper.example"),
        ("it's", "ci/t.toml", "https://paper.example", " --targets ci/t.toml --yes paper.example"),
    ],
    ids=["mock", "this machine", "another file", "another machine", "both"],
)
def test_command_that_replays_a_finding_has_all_it_needs(
    result: RunResult, name: str, targets: str, url: str, words: str
) -> None:
    result.target, result.targets_file = replace(result.target, name=name, url=url), targets
    file, command = result.findings[0].replay, wording.replay(result.findings[0], result)

    assert command == f"contracts replay {file} --target {shlex.quote(name)}{words}"
    assert shlex.split(command)[4] == name
    assert f"replay: {command}\n" in shown([result])
    assert f"replay: {command}" in (ElementTree.fromstring(junit.render(result))[0][1][0].text or "")
    assert f"<pre>{escape(command)}</pre>" in page.render([result])
    assert github.lines([result])[0].endswith(f"replay: {command}")


def test_cause_without_evidence_or_command_says_only_what_is_known(result: RunResult) -> None:
    finding = Finding("claim", "GET /jobs", "", "a list", {"status": 200})

    assert wording.told(by_cause([finding])[0], result) == "GET /jobs\n  expected: a list\n  received: 200"
