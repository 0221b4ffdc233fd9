"""Drives Schemathesis inside this process: the only module that touches its loaders, its hooks and its command.

Its registries belong to the process, so one process checks one system at a time.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import requests.auth
import schemathesis
from schemathesis import Case, cli, hooks
from schemathesis.auths import GLOBAL_AUTH_STORAGE
from schemathesis.cli.ext.handlers import CUSTOM_HANDLERS
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from schemathesis.engine.run import probes
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection

from contracts.guard import Guard
from contracts.suite.collector import Collector
from contracts.suite.configuration import Settings, configuration
from contracts.suite.subjects import Subjects
from contracts.wire import acknowledge_at_once
from specs import Spec

LABEL = "schemathesis"  # what its requests are called in the journal
OPTIONS = ("--mode", "all", "--no-color")  # what the command line would override anyway

Watch = Callable[[events.EngineEvent], None]


@dataclass(frozen=True, slots=True)
class Drive:
    """Everything one run of Schemathesis needs. `states`: what the jobs among the subjects read as, by id."""

    guard: Guard
    auth: requests.auth.AuthBase
    subjects: Subjects
    states: Mapping[str, str]
    settings: Settings
    watch: Watch


def drive(run: Drive) -> Collector:
    """Run all four phases against the guard's target and return what they showed."""
    spec = run.guard.spec
    collector = Collector(spec, dict(run.states))
    with _registered(run, collector), run.guard.labelled(LABEL), _no_questions(), _no_waiting():
        launch(spec, configuration(spec, run.guard.target, run.settings), OPTIONS, verbose=run.settings.verbose)
    return collector


def launch(spec: Spec, config: Mapping[str, Any], options: Sequence[str], *, verbose: bool = False) -> None:
    """Call Schemathesis's command. It ends the process whatever it found; listeners know better."""
    output: TextIO = sys.stderr if verbose else io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(spec.document), encoding="utf-8")
        arguments = [str(document), *options]
        settings = SchemathesisConfig.from_dict(dict(config))
        command: Any = cli.run  # a click command
        command.main(args=arguments, obj=settings, standalone_mode=False)


@contextlib.contextmanager
def _registered(run: Drive, collector: Collector) -> Iterator[None]:
    """Our hooks, credentials and event handler, for the time of one run."""

    def before_call(context: Any, case: Case[Any], kwargs: dict[str, Any]) -> None:
        run.subjects.address(case)

    def after_call(context: Any, case: Case[Any], response: Any) -> None:
        collector.answered(case, run.guard.journal[-1])

    def note(event: events.EngineEvent) -> None:
        collector.note(event)
        run.watch(event)

    schemathesis.hook(before_call)
    schemathesis.hook(after_call)
    try:
        with signed_and_heard(run.auth, note):
            yield
    finally:
        hooks.unregister(before_call)
        hooks.unregister(after_call)


@contextlib.contextmanager
def signed_and_heard(auth: requests.auth.AuthBase, listen: Watch) -> Iterator[None]:
    """Credentials for every request, and a listener for every event."""

    def handler(*args: Any, **params: Any) -> _Listener:
        return _Listener(listen)

    GLOBAL_AUTH_STORAGE.set_from_requests(auth)
    CUSTOM_HANDLERS.append(handler)  # type: ignore[arg-type]  # a class is asked for, a callable is called
    try:
        yield
    finally:
        GLOBAL_AUTH_STORAGE.unregister()
        CUSTOM_HANDLERS.remove(handler)  # type: ignore[arg-type]


@contextlib.contextmanager
def _no_questions() -> Iterator[None]:
    """Answer ourselves what Schemathesis would ask the target with two requests that are not in the spec.

    It wants to know whether gateways turn odd headers and paths away. Some do (IIS, Tomcat), so yes; our own claims
    send odd paths and expect such answers.
    """
    asking = probes.send
    probes.send = lambda probe, ctx: probes.ProbeRun(probe, probes.ProbeOutcome.FAILURE)
    try:
        yield
    finally:
        probes.send = asking


@contextlib.contextmanager
def _no_waiting() -> Iterator[None]:
    """Replies in two parts are acknowledged at once, as our own sender does: servers wait for that."""
    getting = HTTPConnection.getresponse

    def getresponse(self: HTTPConnection) -> HTTPResponse:
        acknowledge_at_once(self.sock)
        return getting(self)

    HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPConnection.getresponse = getting  # type: ignore[method-assign]


class _Listener(cli.EventHandler[Any]):
    """Passes every event on."""

    def __init__(self, listen: Watch) -> None:
        self._listen = listen

    def handle_event(self, ctx: Any, event: events.EngineEvent) -> None:
        self._listen(event)
