"""JUnit XML: one test case a claim, for CI that reads nothing else."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from contracts.report.grouping import by_cause
from contracts.report.wording import told
from contracts.verdict import ClaimResult, Finding, RunResult, Verdict

NAME = "junit.xml"

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot carry in any form; vendors' replies may hold them."""


def render(result: RunResult) -> str:
    """The run as one test suite named after its system."""
    suite = ElementTree.Element(
        "testsuite",
        name=f"contracts.{result.target.system}",
        tests=str(len(result.claims)),
        failures=_count(result, Verdict.BROKEN),
        errors="0",
        skipped=_count(result, Verdict.NOT_TESTED),
        time=f"{result.duration_s:.3f}",
    )
    for claim in result.claims:
        suite.append(_testcase(result, claim))
    root = ElementTree.Element("testsuites", name="contracts")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _count(result: RunResult, verdict: Verdict) -> str:
    return str(sum(claim.verdict is verdict for claim in result.claims))


def _testcase(result: RunResult, claim: ClaimResult) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", classname=f"contracts.{result.target.system}", name=claim.id, time=f"{claim.duration_s:.3f}"
    )
    if claim.verdict is Verdict.NOT_TESTED:
        ElementTree.SubElement(case, "skipped", message=_clean(claim.reason))
    if claim.verdict is Verdict.BROKEN:
        _add_failure(case, result, [finding for finding in result.findings if finding.claim == claim.id])
    return case


def _add_failure(case: ElementTree.Element, result: RunResult, findings: list[Finding]) -> None:
    causes = by_cause(findings)
    message = causes[0].example.expected if causes else "broken"
    failure = ElementTree.SubElement(case, "failure", type="broken", message=_clean(message))
    failure.text = _clean("\n\n".join(told(cause, result) for cause in causes))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
