"""One self-contained HTML page: the matrix, what is broken and how to see it, what was not tested."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from contracts.report import wording
from contracts.report.grouping import Cause, by_cause
from contracts.verdict import ClaimResult, Conclusion, RunResult, Verdict

NAME = "report.html"
_BACKTICKS = re.compile(r"`([^`]+)`")

HEADLINES = {
    Conclusion.CONFORMS: "Every claim that could be tested holds",
    Conclusion.VIOLATES: "At least one claim is broken",
    Conclusion.INCONCLUSIVE: "Too little could be tested to say anything",
}


@dataclass(frozen=True, slots=True)
class Glossary:
    """What ids stand for: claims by id, evidence by system and id."""

    claims: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One claim across all systems, in their order; None where a system does not have it."""

    claim: str
    cells: tuple[ClaimResult | None, ...]


def matrix(results: Sequence[RunResult]) -> list[Row]:
    """Claims by systems, in the order in which claims first appear."""
    found = [{claim.id: claim for claim in result.claims} for result in results]
    ids = dict.fromkeys(id for claims in found for id in claims)
    return [Row(id, tuple(claims.get(id) for claims in found)) for id in ids]


def render(results: Sequence[RunResult], glossary: Glossary | None = None) -> str:
    """The page for these runs, together."""
    template = _environment().get_template("page.html.j2")
    return template.render(results=results, rows=matrix(results), glossary=glossary or Glossary(), worst=worst(results))


def worst(results: Sequence[RunResult]) -> Conclusion:
    """The conclusion that decides: broken before inconclusive before conforming."""
    order = (Conclusion.VIOLATES, Conclusion.INCONCLUSIVE, Conclusion.CONFORMS)
    found = {result.conclusion for result in results} or {Conclusion.INCONCLUSIVE}
    return next(conclusion for conclusion in order if conclusion in found)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("contracts.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(headlines=HEADLINES, Verdict=Verdict, Conclusion=Conclusion)
    environment.filters.update(
        causes=_causes,
        coded=_coded,
        headline=wording.headline,
        received=wording.received,
        replay=wording.replay,
        summary=wording.summary,
        untested=wording.untested,
    )
    return environment


def _causes(result: RunResult) -> list[Cause]:
    return by_cause(result.findings)


def _coded(text: str) -> Markup:
    """What stands between backticks, set as code."""
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))
