"""The thorough look at specs that a start of the mock cannot afford: `contracts lint`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from specs.document import ROOT, shown
from specs.loading import load_file, systems, variants_of
from specs.model import Spec
from specs.problems import Problem, SpecError
from specs.rules import effects, evidence, examples, lifecycles, links, openapi, responses

Rule = Callable[[str, Spec], Iterable[Problem]]
RULES: tuple[Rule, ...] = (
    openapi.base_path,
    openapi.security,
    openapi.operation_ids,
    lifecycles.one_cancellable,
    lifecycles.readable,
    lifecycles.reachable,
    lifecycles.terminal,
    lifecycles.documented_properties,
    effects.unambiguous,
    effects.ids,
    effects.ids_given,
    effects.items,
    effects.refusals,
    effects.every_state_answers,
    responses.described,
    responses.successes,
    examples.examples,
    links.targets,
    links.expressions,
    links.journeys,
    evidence.numbered,
    evidence.cited,
    evidence.known,
)
"""In the order of their reports. All may take valid OpenAPI for granted."""


def lint(paths: Sequence[Path] = ()) -> list[Problem]:
    """All problems in these specs, their variants included; without paths, in all shipped ones.

    A path is an OpenAPI file anywhere, a system's folder, or a folder of those.
    """
    given = paths or [ROOT / system for system in systems()]
    return [problem for path in given for problem in _lint_path(path)]


def _lint_path(path: Path) -> Iterator[Problem]:
    files = _files(path)
    if not files:
        remedy = "Name an openapi.yaml, a system's folder, or a folder of those."
        yield Problem(shown(path), "", "there is no spec here", remedy)
    for file in files:
        yield from _lint_file(file)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    own = path / "openapi.yaml"
    return [own] if own.is_file() else sorted(path.glob("*/openapi.yaml"))


def _lint_file(path: Path) -> Iterator[Problem]:
    """A variant is blamed only for what is not wrong without it."""
    known: set[Problem] = set()
    for variant in variants_of(path):
        for problem in _lint_variant(path, variant):
            if replace(problem, file="") not in known:
                known.add(replace(problem, file=""))
                yield problem


def _lint_variant(path: Path, variant: str) -> Iterator[Problem]:
    try:
        spec = load_file(path, variant)
    except SpecError as error:
        yield from error.problems
        return
    file = shown(path, variant)
    if invalid := list(openapi.validity(file, spec)):
        yield from invalid
        return
    for rule in RULES:
        yield from rule(file, spec)
