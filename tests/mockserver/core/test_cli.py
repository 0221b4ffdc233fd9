"""The command line: what it lists, and how it refuses in one message."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def busy_port() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield str(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "unknown system `nothing`. Known systems: "),
        (["example", "--variant", "example=odd"], "unknown variant `odd`. Known variants: default, "),
        (["example", "--variant", "odd"], "`odd` is not SYSTEM=NAME"),
        (["example", "--variant", "atlas=odd"], "--variant names atlas, which is not served"),
        (["example", "--defect", "odd"], "unknown defect `odd`. `mockserver defects` lists"),
        (["example", "--scenario", "odd"], "unknown scenario `odd`. Name one of aftermath, crowded, demo, "),
        (["example", "--state", "odd"], "--state: "),
        (["example", "--workers", "2"], "--workers 2: processes cannot share `memory:`"),
        (["example", "--workers", "0"], "0 is not in the range x>=1"),
        (["example", "--port", "70000"], "70000 is not in the range"),
        (["example", "--clock", "odd"], "'odd' is not one of 'real', 'virtual'"),
        (["example", "--tls-key", "odd"], "--tls-cert and --tls-key belong together"),
        (["example", "--tls-key", "odd", "--tls-cert", "odd"], "--tls-cert odd: it cannot be read: No such file or di"),
        (["example", "--tls-key", "odd", "--tls-cert", __file__], "--tls-key odd: it cannot be read: No such file or"),
        (["example", "--tls-key", __file__, "--tls-cert", __file__], "these are no certificate and its key. Give both"),
        (["example", "--scenario", "./odd.yaml"], "scenario ./odd.yaml: there is no such file. Name one of aftermath"),
        (["example", "--host", "192.0.2.1"], "Cannot assign requested address. Name an address of this machine with"),
        (["example", "--tls-self-signed", "--tls-key", "odd", "--tls-cert", "odd"], "--tls-self-signed makes its own"),
        (["example", "--public-url", "odd"], "`odd` is not a URL like https://mock.example:8443"),
        (["example", "--public-url", "ftp://mock.example"], "`ftp://mock.example` is not a URL"),
        (["example", "--odd"], "No such option"),
    ],
)
def test_what_cannot_be_served_is_refused_in_one_message(arguments: list[str], message: str) -> None:
    result = run("serve", *arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_help_tells_each_command_in_whole_words() -> None:
    assert "..." not in run("--help").stdout.partition("Commands:")[2]


def test_busy_port_is_refused_with_the_remedy(busy_port: str) -> None:
    result = run("serve", "example", "--port", busy_port)

    assert result.exit_code == 2
    assert f"cannot listen on 127.0.0.1:{busy_port}: " in result.stderr
    assert "--port" in result.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "it cannot be read"),
        ("- a", 'the file: ["a"] is not of type "object"'),
        ("more: 1", "more: Additional properties"),
        ("resources: {nothing: []}", "unknown system `nothing`"),
        ("resources: {example: [{state: FLYING}]}", "unknown state `FLYING`"),
        ("resources: {example: [{state: QUEUED, tenant: nobody}]}", "unknown tenant `nobody`"),
        ("faults: [{kind: odd}]", "unknown fault `odd`"),
        ("faults: [{kind: latency, odd: 1}]", "`odd` is missing or unknown"),
        ("faults: [{kind: latency, seconds: long}]", 'faults.0.seconds: "long" is not of type "number"'),
        ("faults: [{kind: latency, operation: odd}]", "unknown operation `odd`"),
    ],
)
def test_scenario_that_makes_no_sense_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(text)

    result = run("serve", "example", "--scenario", str(file))

    assert result.exit_code == 2
    assert message in result.stderr


def test_systems_lists_operations_and_what_is_not_imitated() -> None:
    result = run("systems")

    assert result.exit_code == 0
    assert "example: Paperboy (fictional)" in result.stdout
    assert "  POST /jobs/{jobId}/cancel  cancel_job" in result.stdout
    assert "  not imitated: paper, price and delivery" in result.stdout
    assert "      Not imitated: audit events, the destruction of its processes.\n" in result.stdout
    assert "  POST /oauth/token  token (not in the spec; whole path)\n" in result.stdout


def test_identities_lists_the_credentials() -> None:
    result = run("identities")

    assert "  owner: editor of morning-post (bearer)\n    token=paperboy-owner\n" in result.stdout


def test_identities_for_programs_are_those_of_the_control_api() -> None:
    found = json.loads(run("identities", "--json").stdout)

    assert found["example"]["owner"] == {"scheme": "bearer", "token": "paperboy-owner"}


@pytest.mark.parametrize(
    "listing", [["systems"], ["defects"], ["serve", "--help"], ["identities", "--help"], ["--help"]]
)
def test_listing_fits_a_terminal(listing: list[str]) -> None:
    assert [line for line in run(*listing).stdout.splitlines() if len(line) > 80] == []


def test_identities_fit_a_terminal_but_for_tokens() -> None:
    wide = [line for line in run("identities").stdout.splitlines() if len(line) > 80]

    assert [line for line in wide if not line.startswith("    token=")] == []


def test_defects_lists_those_of_any_system_first() -> None:
    result = run("defects")

    assert result.exit_code == 0
    assert result.stdout.startswith("any system\n")


def test_defects_for_programs_are_those_that_show_with_each_system() -> None:
    found = json.loads(run("defects", "--json").stdout)

    bearer, digest = ({each["id"] for each in found[system]} for system in ("example", "atlas"))
    assert "digest_count_is_ignored" in digest - bearer
    assert set(found["example"][0]) == {"id", "kind", "summary", "claims"}


def test_version_is_that_of_the_package() -> None:
    assert run("--version").stdout.startswith("mockserver, version ")
