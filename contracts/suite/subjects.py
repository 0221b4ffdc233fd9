"""Which job a generated request is about: invented ids are exchanged for jobs of ours before anything is sent.

Without this the guard would keep most requests back, and Schemathesis would never see a job in a deep state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import quote

from schemathesis import Case

from contracts.admission import READING
from contracts.identifiers import IdShape
from contracts.ledger import Ledger, spellings
from specs import Spec
from specs.model import Operation


@dataclass(frozen=True, slots=True)
class Subject:
    """An id that requests may name, with the wire parameters that address it."""

    id: str
    parameters: Mapping[str, str]


class Subjects:
    """Hands out each operation's subjects in turn; `scope` is what else a path needs."""

    def __init__(
        self, spec: Spec, ledger: Ledger, subjects: Mapping[str, Sequence[Subject]], scope: Mapping[str, str]
    ) -> None:
        self._spec = spec
        self._ledger = ledger
        self._scope = scope
        everybody = (subject.id for several in subjects.values() for subject in several)
        self._nobody = next((id for id in everybody if not ledger.is_ours(id)), "nobody")
        self._turns = {operation: cycle(several) for operation, several in subjects.items() if several}

    def address(self, case: Case[Any]) -> None:
        """Make a generated case one that the guard lets out. What it gets wrong on purpose stays wrong."""
        operation = self._spec.operations[operation_id(case)]
        parameters = dict(self._scope)
        if holder := self._id_holder(operation, case):
            container, name = holder
            parameters |= self._named(operation, container, name)
        self._set_scope(operation, case, parameters)
        self._disown(case)
        if operation.effect and operation.effect.trigger not in READING | {"create"}:
            self._disarm(operation, case)

    def _id_holder(self, operation: Operation, case: Case[Any]) -> tuple[MutableMapping[str, Any], str] | None:
        """The mapping of a case that holds the id, and under which name; None where the case names none."""
        id = operation.effect.id if operation.effect else None
        if id is None or id.where == "response":
            return None
        container: Any = {"path": case.path_parameters, "query": case.query, "body": case.body}[id.where]
        *way, name = id.name.split(".") if id.where == "body" else [id.name]
        for step in way:
            container = container.get(step) if isinstance(container, dict) else None
        held = isinstance(container, MutableMapping) and isinstance(container.get(name), str)
        return (container, name) if held else None

    def _named(self, operation: Operation, container: MutableMapping[str, Any], name: str) -> Mapping[str, str]:
        """See to it that the id under `name` may be sent, and say what addresses it."""
        value = container[name]
        if not self._may_be_named(operation, value) and operation.operation_id in self._turns:
            subject = next(self._turns[operation.operation_id])
            value = container[name] = subject.id
            return subject.parameters
        return self._ledger.parameters_of(value)

    def _may_be_named(self, operation: Operation, value: str) -> bool:
        return self._ledger.may_send(value) or IdShape.of(self._spec, operation).impossible(value)

    def _set_scope(self, operation: Operation, case: Case[Any], parameters: Mapping[str, str]) -> None:
        """Everything else in the path: the scope of the job named. What cannot be a scope stays as it is."""
        own = operation.effect.id.name if operation.effect and operation.effect.id else None
        for name, value in case.path_parameters.items():
            known = parameters.get(name)
            if name != own and known and not IdShape.of_parameter(operation, name).impossible(str(value)):
                case.path_parameters[name] = quote(known, safe="")

    def _disown(self, case: Case[Any]) -> None:
        """Schemathesis keeps ids from replies, lists among them, as data for anything: other people's are taken out."""
        for container, key in [*_texts(case.query), *_texts(case.body)]:
            while foreign := self._ledger.foreign_in(container[key]):
                container[key] = self._without(container[key], foreign)

    def _without(self, text: str, foreign: str) -> str:
        """A text with nobody's id in the place of somebody's; none at all where the spelling is odd."""
        plain = text.replace(foreign, self._nobody)
        return plain if plain != text else ""

    def _disarm(self, operation: Operation, case: Case[Any]) -> None:
        """Keep data that only looks like somebody's id out of requests that change something."""
        shape = IdShape.of(self._spec, operation)
        for container, key in [*_texts(case.query), *_texts(case.body)]:
            if self._looks_foreign(shape, container[key]):
                container[key] = container[key][:-1]
        for container, key in [*_numbers(case.query), *_numbers(case.body)]:
            if self._looks_foreign(shape, str(container[key])):
                container[key] = 0

    def _looks_foreign(self, shape: IdShape, text: str) -> bool:
        return any(not self._ledger.may_send(token) for token in shape.lookalikes(text))


def operation_id(case: Case[Any]) -> str:
    """The operationId of the operation that a case was generated for."""
    return str(case.operation.definition.raw["operationId"])


def plain_id(value: Any) -> str:
    """An id without its percent-encoding."""
    return spellings(str(value))[-1]


def _texts(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every text inside generated data, as the container and the key to change it."""
    return _leaves(data, str)


def _numbers(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every number inside generated data: a long one can read like an id of digits."""
    return _leaves(data, int | float)


def _leaves(data: Any, kind: Any) -> Iterator[tuple[Any, Any]]:
    members = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(members):
        if isinstance(value, kind):
            yield data, key
        else:
            yield from _leaves(value, kind)
