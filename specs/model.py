"""The shapes a loaded spec is made of. Data only: reading is in `loading`, rules are in `lifecycle`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEFAULT = "default"
"""The variant without a file: the documents as they are."""
READ_TRIGGERS = frozenset({"read", "list"})
"""Triggers of operations that must not change anything."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of a resource and how it is recognised in a representation.

    `when` maps a dotted path to a condition: a plain value (equal), or one of
    `{"present": bool}`, `{"empty": bool}`, `{"any_of": [...]}`. All must hold.
    """

    name: str
    when: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """Where a representation keeps its past: `list` is the dotted path of an array, oldest first."""

    list: str
    state: str
    at: str


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How a resource lives: its states, and which trigger leads from which state to which.

    `moves[state][trigger]` holds every state the documents allow next. A trigger that no
    operation carries is asynchronous: the vendor takes that step by itself. `dated` are those of
    `times` that every change of state sets anew.
    """

    resource: str
    schema: str
    id: str
    states: tuple[State, ...]
    initial: tuple[str, ...]
    terminal: frozenset[str]
    moves: Mapping[str, Mapping[str, tuple[str, ...]]]
    field: str | None = None
    history: History | None = None
    times: tuple[str, ...] = ()
    dated: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """One documented way to say no. Empty `codes` or `states`: any."""

    statuses: tuple[int, ...]
    codes: tuple[Any, ...] = ()
    states: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdLocation:
    """Where a job's id travels. `where` is path, query, body or response; `name` a parameter name or dotted path."""

    where: str
    name: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What an operation does to a resource, and how the vendor says no (reason -> refusals, any may be met).

    `items`: dotted path of the array in a list's reply. `body_optional`: a success may come without its body.
    """

    resource: str
    trigger: str
    id: IdLocation | None = None
    items: str | None = None
    body_optional: bool = False
    refused: Mapping[str, tuple[Refusal, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation: wire name, `path`, `query` or `header`, and its schema, $refs resolved.

    `open`: how a value outside the schema is answered is not documented; refusing and ignoring it are both right.
    """

    name: str
    where: str
    required: bool
    schema: Mapping[str, Any]
    example: Any = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a spec. `path` is below the base path; `definition` is the document's object, $refs resolved."""

    operation_id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    definition: Mapping[str, Any]
    effect: Effect | None
    evidence: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """`POST /v3/deployments/{guid}` without the base path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class ErrorEnvelope:
    """Which schema an error body follows, and the dotted path of its code (`errors.0.code`)."""

    schema: str
    code: str


@dataclass(frozen=True, slots=True)
class Spec:
    """A system's spec with its variant applied: what mock and suite both read.

    `document` is the OpenAPI document as written ($refs in place), after the variant's merge patch; it is the
    caller's own. `variants` names all there are, the documented one first.
    """

    system: str
    variant: str
    title: str
    path: Path
    document: Mapping[str, Any]
    base_path: str
    operations: Mapping[str, Operation]
    lifecycles: Mapping[str, Lifecycle]
    error: ErrorEnvelope
    variants: tuple[str, ...] = ()

    def operation(self, resource: str, trigger: str) -> Operation | None:
        """The operation that pulls `trigger` on `resource`, or None."""
        for operation in self.operations.values():
            effect = operation.effect
            if effect and effect.resource == resource and effect.trigger == trigger:
                return operation
        return None

    @property
    def cancellable(self) -> Lifecycle:
        """The lifecycle of the resource that has a cancel operation (exactly one a spec; lint sees to it)."""
        for lifecycle in self.lifecycles.values():
            if self.operation(lifecycle.resource, "cancel"):
                return lifecycle
        raise LookupError(f"{self.path}: no resource with a cancel operation")
