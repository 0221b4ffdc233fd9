"""Counters as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.journal import Tallies

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float]


def exposition(tallies: Tallies, jobs: dict[str, int], now: float) -> bytes:
    """The text of all metrics."""
    answered: list[Sample] = [
        ({"system": system, "operation": operation, "status": str(status)}, count)
        for (system, operation, status), count in sorted(tallies.items())
    ]
    stored: list[Sample] = [({"system": system}, count) for system, count in sorted(jobs.items())]
    lines = [
        *metric("mockserver_requests_total", "counter", "Requests answered.", answered),
        *metric("mockserver_jobs", "gauge", "Jobs that a system holds.", stored),
        *metric("mockserver_clock_seconds", "gauge", "The mock's time since the epoch.", [({}, now)]),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def metric(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterable[str]:
    """The lines of one metric."""
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        text = ",".join(f'{label}="{_escaped(content)}"' for label, content in labels.items())
        yield f"{name}{{{text}}} {value:.15g}" if text else f"{name} {value:.15g}"


def _escaped(content: str) -> str:
    return content.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
