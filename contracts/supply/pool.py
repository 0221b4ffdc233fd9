"""Jobs from a CSV file: somebody prepared them, and each can be used up once."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.calls import wire_names
from contracts.identity import OWNER, ROLES
from contracts.ledger import Ledger
from contracts.supply.job import Job, NotAvailable
from contracts.table import TargetError
from specs import Spec
from specs.lifecycle import reachable_by_itself

OWN_COLUMNS = ("id", "state", "tenant")


@dataclass(slots=True)
class Pool:
    """The source `pool`. The state column is a hint: what a job really reads as is found out before use."""

    jobs: list[Job]
    spec: Spec
    name: str = "pool"
    renewable: bool = False

    @classmethod
    def load(cls, path: Path, spec: Spec, ledger: Ledger) -> Pool:
        """Read the file and take every job in it as ours. TargetError names line and column."""
        jobs = [_job(path, line, row, spec) for line, row in _rows(path, wire_names(spec))]
        for job in jobs:
            ledger.give(job.id, job.parameters)
        return cls(jobs, spec)

    def take(self, state: str, tenant: str) -> Job:
        """An entry said to be in `state`, or else one that may be in it by now."""
        lifecycle = self.spec.cancellable
        earlier = {
            each.name for each in lifecycle.states if state in reachable_by_itself(self.spec, lifecycle, each.name)
        }
        for hints in ({state}, {None}, earlier):
            for job in self.jobs:
                if job.tenant == tenant and job.state in hints:
                    self.jobs.remove(job)
                    return job
        raise NotAvailable(f"pool: no unused job in {state}" + ("" if tenant == "owner" else f" of tenant {tenant}"))


def _rows(path: Path, names: frozenset[str]) -> list[tuple[int, Mapping[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            _check_columns(path, reader.fieldnames or (), names)
            return [(reader.line_num, row) for row in reader if any(row.values())]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TargetError(f"{path}: cannot be read as CSV: {error}. Write UTF-8, one job a line.") from error


def _check_columns(path: Path, columns: Sequence[str], names: frozenset[str]) -> None:
    if "id" not in columns:
        raise TargetError(f"{path}: line 1: there is no column `id`. Expected id, state and parameters. Add it.")
    if unknown := [column for column in columns if column and column not in names.union(OWN_COLUMNS)]:
        known = ", ".join((*OWN_COLUMNS, *sorted(names.difference(OWN_COLUMNS))))
        raise TargetError(
            f"{path}: line 1: unknown column `{unknown[0]}`. Expected columns among {known}. Correct or remove it."
        )


def _job(path: Path, line: int, row: Mapping[str, str], spec: Spec) -> Job:
    id = (row.get("id") or "").strip()
    if not id:
        raise TargetError(f"{path}: line {line}: `id` is empty. Expected a job's id. Fill it in or remove the line.")
    if None in row:
        raise TargetError(
            f"{path}: line {line}: more values than columns. Expected one value a column. Correct the line."
        )
    parameters = {name: value.strip() for name, value in row.items() if name not in OWN_COLUMNS and value}
    tenant = (row.get("tenant") or "").strip()
    return Job(id, parameters, "pool", tenant if tenant in ROLES else OWNER, _state(row.get("state") or "", spec))


def _state(word: str, spec: Spec) -> str | None:
    """The state that a pool means, in whatever case; None for a word of its own: the job is read anyway."""
    names = {state.name.casefold(): state.name for state in spec.cancellable.states}
    return names.get(word.strip().casefold())
