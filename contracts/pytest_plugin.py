"""The claims as pytest items: `pytest --pyargs contracts --target NAME [--system SYSTEM]`.

Loaded into every pytest of an environment, so it imports nothing and adds no option unless `contracts` is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

PACKAGE = "contracts"


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Options for the claims, where they are to be collected."""
    config = pluginmanager.getplugin("pytestconfig")
    if not is_asked_for(config.invocation_params.args if config else ()):
        return
    group = parser.getgroup("countermand", "checks of what vendors promise about cancelling")
    group.addoption("--target", default="mock", metavar="NAME", help="`mock`, or a table in the targets file")
    group.addoption("--targets", default="targets.toml", metavar="FILE", help="the file that describes targets")
    group.addoption("--system", action="append", default=[], metavar="SYSTEM", help="only this system; repeatable")
    group.addoption("--yes", default=None, metavar="HOST", help="confirms a host that is not this machine")
    group.addoption("--contracts-seed", type=int, default=0, metavar="N", help="same seed, same requests on a mock")
    group.addoption("--contracts-report-dir", default="contracts-report", metavar="DIR", help="where reports go")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse words that mean nothing before anything is collected."""
    if is_asked_for(config.invocation_params.args):
        from contracts.pytest_runs import runs_of

        runs_of(config)


def is_asked_for(arguments: Iterable[Any]) -> bool:
    """Whether a command line names the package (or a part of it) as something to collect."""
    words = (str(argument).split("::")[0] for argument in arguments)
    return any(word == PACKAGE or word.startswith((f"{PACKAGE}.", f"{PACKAGE}/")) for word in words)
