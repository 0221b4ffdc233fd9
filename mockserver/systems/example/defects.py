"""Contract bugs of Paperboy's own, to be planted on purpose: does a suite notice? Most systems have some."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from mockserver.system import Defect, Parts
from mockserver.systems.example.model import Jobs

FOREVER = 1e9  # seconds


def _press_never_stops(parts: Parts) -> None:
    jobs = cast(Jobs, parts.model)
    jobs.pace = replace(jobs.pace, cancel=FOREVER)


DEFECTS = (
    Defect(
        id="example_press_never_stops",
        kind="convergence",
        summary="a printing job that is cancelled stays CANCELLING until it is printed",
        plant=_press_never_stops,
        claims=("cancel_settles",),
    ),
)
