"""The plugin in other people's suites: each test here is a pytest of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

USES_THE_MOCK = """
def test_job(mockserver):
    assert mockserver.ops_manager.import_(state="FAILED").state == "FAILED"

def test_new_mock(mockserver):
    assert mockserver.ops_manager.jobs() == []
"""

FAILS_INSIDE = """
import urllib.error
import urllib.request

import pytest
from mockserver.systems.permission_assist.handlers import Handlers

def broken(*_):
    raise RuntimeError("the floor gave way")

def ask(mockserver):
    token = mockserver.identities["permission_assist"].owner.token
    url = f"{mockserver.permission_assist.url}/application-imports"
    try:
        urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})).close()
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.code

@pytest.fixture
def break_mock(mockserver, monkeypatch):
    monkeypatch.setattr("mockserver.systems.permission_assist.model.Imports.page", broken)

@pytest.fixture
def asks_when_it_ends(mockserver, break_mock):
    yield
    ask(mockserver)

def test_does_not_care(mockserver, break_mock):
    assert ask(mockserver) == 501

def test_cares(mockserver, break_mock):
    assert ask(mockserver) == 200

def test_starts_again(mockserver, break_mock):
    ask(mockserver)
    mockserver.reset()

def test_skips(mockserver, break_mock):
    ask(mockserver)
    pytest.skip("too late")

def test_has_ended(asks_when_it_ends):
    pass

def test_innocent(mockserver):
    assert ask(mockserver) is None
"""

SETTINGS = """
from datetime import UTC, datetime
from mockserver.testing import Mockserver

def test_settings(mockserver: Mockserver):
    assert mockserver.atlas.spec.variant == "observed"
    assert len(mockserver.atlas.jobs()) > 5
    assert not hasattr(mockserver, "ops_manager")
    assert mockserver.clock.now() > datetime(2026, 1, 2, tzinfo=UTC)
"""

PLAIN = """
import sys

def test_plain():
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert "mockserver.pytest_plugin" in sys.modules
    assert not {"connexion", "starlette", "uvicorn", "specs"} & loaded
    assert not [name for name in sys.modules if name.startswith("mockserver.testing")]
"""


@pytest.mark.parametrize("run", ["process", "thread"])
def test_mock_is_served_and_as_new_for_every_test(pytester: pytest.Pytester, run: str) -> None:
    pytester.makepyfile(USES_THE_MOCK)

    result = pytester.runpytest_subprocess("-W", "error", f"--mockserver-run={run}")

    result.assert_outcomes(passed=2)


def test_error_inside_the_mock_fails_the_test_that_caused_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILS_INSIDE)

    result = pytester.runpytest_subprocess("--mockserver-run=thread", "-rA")

    result.assert_outcomes(failed=3, skipped=1, passed=2, errors=2)
    lines = ["FAILED *test_does_not_care*", "FAILED *test_cares*", "FAILED *test_starts_again*"]
    result.stdout.fnmatch_lines_random(
        [*lines, "ERROR *test_skips*", "ERROR *test_has_ended*", "PASSED *test_innocent"]
    )
    result.stdout.fnmatch_lines_random(
        ["*assert 501 == 200", "*permission_assist: GET /api/application-imports: RuntimeError: the floor gave way"]
    )


def test_workers_of_xdist_have_a_mock_each(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(4))
        def test_url(mockserver, worker_id, n, request):
            mockserver.atlas.restore_job()
            assert len(mockserver.atlas.jobs()) == 1
            (request.config.rootpath / worker_id).write_text(mockserver.url)
        """
    )

    result = pytester.runpytest_subprocess("-n", "2")

    result.assert_outcomes(passed=4)
    urls = [(pytester.path / worker).read_text() for worker in ("gw0", "gw1")]
    assert urls[0] != urls[1]


def test_settings_come_from_the_ini_file_and_the_command_line_wins(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SETTINGS)
    pytester.makeini(
        """
        [pytest]
        mockserver_systems = atlas cloud_foundry
        mockserver_variants = atlas=observed cloud_foundry=observed
        mockserver_clock = real
        mockserver_scenario = empty
        """
    )

    result = pytester.runpytest_subprocess("--strict-config", "--mockserver-scenario=demo")

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--mockserver-run=rocket", "*mockserver_run: `rocket` is unknown. Use one of: process, thread."),
        ("--mockserver-clock=sundial", "*mockserver_clock: `sundial` is unknown. Use one of: virtual, real."),
        ("--mockserver-seed=lucky", "*mockserver_seed: `lucky` is no whole number. Use one."),
    ],
)
def test_setting_that_means_nothing_ends_the_session(pytester: pytest.Pytester, option: str, message: str) -> None:
    result = pytester.runpytest_subprocess(option)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_mock_that_does_not_start_says_why(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_never(mockserver): pass")

    result = pytester.runpytest_subprocess("--mockserver-systems=atlass")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines_random(
        ["*NotStarted: the mock did not start (exit code 2)*", "mockserver: unknown system `atlass`*"]
    )


def test_plugin_imports_nothing_of_the_mock_before_it_is_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PLAIN)

    result = pytester.runpytest_subprocess("-p", "no:schemathesis")

    result.assert_outcomes(passed=1)


def test_plugin_can_be_left_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_plain(): pass\ndef test_mocked(mockserver): pass")

    result = pytester.runpytest_subprocess("-p", "no:countermand_mockserver")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*fixture 'mockserver' not found"])


def test_mock_ends_with_its_parent() -> None:
    command = [sys.executable, "-m", "mockserver.testing.child", "serve", "--port=0", "atlas"]

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin and child.stdout
        assert child.stdout.readline().startswith("mockserver ready: ")
        child.stdin.close()  # as the end of a parent does, however it ends

        assert child.wait(timeout=30) == 0
