"""The pytest fixture `mockserver`: the vendors, on a free port, as new for every test.

Loaded into every pytest of an environment, so nothing of the mock is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.journal import Entry
    from mockserver.testing import Mockserver
    from mockserver.testing.serving import Setup

MOCK: pytest.StashKey[Mockserver] = pytest.StashKey()
SETTINGS = {
    "systems": ("", "which systems to serve, instead of all vendors"),
    "variants": ("", "other readings of the vendors' documents, as SYSTEM=NAME"),
    "clock": ("virtual", "virtual (time moves when told to) or real"),
    "scenario": ("empty", "what is there when a test begins: a name or a file"),
    "seed": ("0", "seeds ids and every random choice"),
    "run": ("process", "process (of its own) or thread (of the test's process)"),
}
CHOICES = {"clock": ("virtual", "real"), "run": ("process", "thread")}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Each setting can stand in the ini file and on the command line, which wins."""
    group = parser.getgroup("mockserver", "mock of vendors' cancel APIs")
    for name, (default, meaning) in SETTINGS.items():
        parser.addini(f"mockserver_{name}", meaning, type="string", default=default)
        group.addoption(f"--mockserver-{name}", metavar=name.upper(), help=meaning)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse words that mean nothing before anything is collected."""
    for name, choices in CHOICES.items():
        if (value := setting(config, name)) not in choices:
            raise pytest.UsageError(f"mockserver_{name}: `{value}` is unknown. Use one of: {', '.join(choices)}.")
    if not setting(config, "seed").lstrip("-").isdecimal():
        raise pytest.UsageError(f"mockserver_seed: `{setting(config, 'seed')}` is no whole number. Use one.")


@pytest.fixture(scope="session")
def mockserver_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """Where the mock is, for whole-session set-up of what is tested. Tests that use it want `mockserver` as well."""
    from mockserver.testing.serving import serving

    with serving(setup_of(pytestconfig), setting(pytestconfig, "run")) as url:
        yield url


@pytest.fixture(scope="session")
def _mockserver(mockserver_url: str) -> Mockserver:
    from mockserver.testing import Mockserver

    return Mockserver(mockserver_url)


@pytest.fixture
def mockserver(_mockserver: Mockserver, request: pytest.FixtureRequest) -> Iterator[Mockserver]:
    """A mock as new. If it fails itself, so does the test."""
    _mockserver.reset()
    request.node.stash[MOCK] = _mockserver
    yield _mockserver
    if failures := _mockserver.failures():
        pytest.fail(story(failures), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """A test in which the mock failed has failed, whatever it made of the answer."""
    try:
        outcome = yield
    except (Exception, pytest.fail.Exception) as failure:
        if failures := failures_in(item):
            failure.add_note(story(failures))
        raise
    if failures := failures_in(item):
        pytest.fail(story(failures), pytrace=False)
    return outcome


def failures_in(item: pytest.Item) -> list[Entry]:
    """What went wrong in the mock that a test used."""
    mock = item.stash.get(MOCK, None)
    return mock.failures() if mock else []


def story(failures: list[Entry]) -> str:
    """The mock's own failures, for people."""
    lines = [f"  {each.system}: {each.method} {each.target}: {each.error}" for each in failures]
    return "\n".join(["the mock itself failed and answered 501; this is no answer of the vendor:", *lines])


def setup_of(config: pytest.Config) -> Setup:
    """What the ini file and the command line ask for."""
    from mockserver.testing.serving import Setup

    variants = [value.partition("=") for value in setting(config, "variants").split()]
    return Setup(
        systems=tuple(setting(config, "systems").split()),
        variants={system: name for system, _, name in variants},
        clock=setting(config, "clock"),
        scenario=setting(config, "scenario"),
        seed=int(setting(config, "seed")),
    )


def setting(config: pytest.Config, name: str) -> str:
    """One setting, as it is written."""
    value: str = config.getoption(f"mockserver_{name}") or config.getini(f"mockserver_{name}")
    return value
