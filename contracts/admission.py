"""The rules of the guard, as a pure question: may this request leave, and as what?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from contracts.exchange import Outgoing
from contracts.identifiers import IdShape
from contracts.ledger import Ledger, normal, spellings
from contracts.target import Target
from specs import Spec
from specs.model import Effect, Operation

READING = frozenset({"read", "list"})
DEFAULT_PORTS = {"http": 80, "https": 443}
_SLASHES = re.compile(r"[/\\]+")
_PARAMETER = re.compile(r"\{([^{}]+)\}")


class NotAllowed(Exception):
    """A request that must not leave; the message says why."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A request outside the spec, sent on purpose. It may name our own or reserved ids only and counts as `trigger`."""

    method: str
    target: str
    trigger: str = "cancel"


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that may leave: for which effect, through which operation (None: a probe) and which ids it names."""

    trigger: str
    operation: Operation | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Route:
    """One operation with the pattern of its whole path."""

    operation: Operation
    pattern: re.Pattern[str]
    names: tuple[str, ...]

    @classmethod
    def of(cls, base_path: str, operation: Operation) -> _Route:
        """The route of an operation below the base path."""
        names = tuple(_PARAMETER.findall(operation.path))
        literal = _PARAMETER.split(base_path + operation.path)[::2]
        return cls(operation, re.compile("([^/]+)".join(map(re.escape, literal))), names)


@dataclass(slots=True)
class Admissions:
    """The rules for one spec and target. `probes` are those announced right now."""

    spec: Spec
    target: Target
    ledger: Ledger
    probes: list[Probe] = field(default_factory=list)
    _routes: tuple[_Route, ...] = ()
    _literals: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        operations = self.spec.operations.values()
        self._routes = tuple(_Route.of(self.spec.base_path, operation) for operation in operations)
        paths = (_PARAMETER.sub("", self.spec.base_path + operation.path) for operation in operations)
        self._literals = frozenset(normal(word) for path in paths for word in path.split("/") if word)

    def of(self, outgoing: Outgoing) -> Admission:
        """What this request may leave as. Raises NotAllowed."""
        if elsewhere := self._elsewhere(outgoing):
            return elsewhere
        self._no_foreign_id(outgoing)
        probe = next((p for p in self.probes if (p.method, p.target) == (outgoing.method, outgoing.target)), None)
        if probe:
            return self._probe(probe, outgoing)
        operation, values = self._operation(outgoing)
        return self._documented(outgoing, operation, values)

    def operation_of(self, outgoing: Outgoing) -> Operation | None:
        """The operation that a request is a call of, or None."""
        try:
            return self._operation(outgoing)[0]
        except NotAllowed:
            return None

    def parameters(self, outgoing: Outgoing) -> dict[str, str]:
        """The path parameters of a request that matches an operation, decoded, by wire name."""
        _, values = self._operation(outgoing)
        return {name: spellings(value)[-1] for name, value in values.items()}

    def _elsewhere(self, outgoing: Outgoing) -> Admission | None:
        """A token is fetched elsewhere; nothing else is."""
        url = outgoing.url.split("?")[0]
        tokens = {identity.token_url for identity in self.target.identities.values() if identity.token_url}
        if outgoing.method == "POST" and url in tokens:
            return Admission("token")
        if origin_of(outgoing.origin) != origin_of(self.target.url):
            raise NotAllowed(f"its origin {outgoing.origin} is not the target's {self.target.url}")
        return None

    def _no_foreign_id(self, outgoing: Outgoing) -> None:
        for text in (outgoing.target, outgoing.body.decode("utf-8", "replace")):
            if foreign := self.ledger.foreign_in(text):
                raise NotAllowed(f"it names {foreign}, a job that this run was not given")

    def _operation(self, outgoing: Outgoing) -> tuple[Operation, dict[str, str]]:
        path = outgoing.target.split("?")[0]
        for route in self._routes:
            if route.operation.method == outgoing.method and (match := route.pattern.fullmatch(path)):
                return route.operation, dict(zip(route.names, match.groups(), strict=True))
        raise NotAllowed("it matches no operation of the spec and no probe was announced")

    def _documented(self, outgoing: Outgoing, operation: Operation, values: Mapping[str, str]) -> Admission:
        trigger = self._trigger(operation)
        self._in_may(trigger)
        ids = tuple(self._ids(operation, outgoing, values))
        for name, value in values.items():
            if not (operation.effect and operation.effect.id and operation.effect.id.name == name):
                self._scope(operation, name, value, ids)
        if trigger not in READING | {"create"}:
            self._no_hidden_id(outgoing, self._shape(operation))
        return Admission(trigger, operation, ids)

    def _trigger(self, operation: Operation) -> str:
        if operation.effect:
            return operation.effect.trigger
        if operation.method in {"GET", "HEAD"}:
            return "read"
        raise NotAllowed(f"the spec does not say what effect {operation.label} has")

    def _in_may(self, trigger: str) -> None:
        if ("read" if trigger in READING else trigger) not in self.target.may:
            raise NotAllowed(f"its effect `{trigger}` is not in the target's may = {sorted(self.target.may)}")

    def _ids(self, operation: Operation, outgoing: Outgoing, values: Mapping[str, str]) -> Iterator[str]:
        """The ids that a request names where its operation expects one; each must be ours, reserved or impossible."""
        shape = self._shape(operation)
        for value in _named(operation.effect, outgoing, values):
            if not (self.ledger.may_send(value) or shape.impossible(value)):
                raise NotAllowed(f"it names {value!r}, which is neither ours nor known to be no job's")
            yield value

    def _shape(self, operation: Operation) -> IdShape:
        return IdShape.of(self.spec, operation)

    def _scope(self, operation: Operation, name: str, value: str, ids: tuple[str, ...]) -> None:
        """A scope is the target's or that of the job named; with no job of ours named, that of any of our jobs.

        A read does no harm under any of these: nobody else's job is cancelled if ids should repeat between scopes.
        """
        plain = spellings(value)[-1]
        reads = self._trigger(operation) in READING
        own = [] if reads else [self.ledger.parameters_of(id) for id in ids if self.ledger.is_ours(id)]
        allowed = {each[name] for each in own if name in each} or self.ledger.scope_values(name)
        if plain in allowed or plain == self.target.parameters.get(name):
            return
        if not IdShape.of_parameter(operation, name).impossible(value):
            raise NotAllowed(f"its {name} is {plain!r}, which is neither the target's nor that of our job")

    def _probe(self, probe: Probe, outgoing: Outgoing) -> Admission:
        self._in_may(probe.trigger)
        path, _, _ = outgoing.target.partition("?")
        ids: list[str] = []
        for segment in _SLASHES.split(spellings(path)[-1]):
            word = segment.split(";")[0]
            if self.ledger.may_send(word) and normal(word):
                ids.append(self.ledger.as_given(word))
            elif not self._known_word(word):
                raise NotAllowed(f"the probe's path holds {word!r}, which is neither ours nor a word of the spec")
        cancel = self.spec.operation(self.spec.cancellable.resource, "cancel")
        if cancel:
            self._no_hidden_id(outgoing, self._shape(cancel))
            ids += self._carried(outgoing, self._shape(cancel))
        return Admission(probe.trigger, None, tuple(dict.fromkeys(ids)))

    def _known_word(self, word: str) -> bool:
        scopes = {*self.target.parameters.values(), *self.ledger.all_scope_values()}
        return normal(word) in self._literals or not normal(word) or word in scopes

    def _no_hidden_id(self, outgoing: Outgoing, shape: IdShape) -> None:
        """Nothing in query or body that looks like an id is anything but ours, reserved or a scope."""
        for token in _lookalikes(outgoing, shape):
            if not (self.ledger.may_send(token) or self._known_word(token)):
                raise NotAllowed(f"it carries {token!r}, which looks like a job's id and is not ours")

    def _carried(self, outgoing: Outgoing, shape: IdShape) -> Iterator[str]:
        """The ids of ours in query and body."""
        return (self.ledger.as_given(each) for each in _lookalikes(outgoing, shape) if self.ledger.is_ours(each))


def _lookalikes(outgoing: Outgoing, shape: IdShape) -> Iterator[str]:
    """Everything in query and body that looks like an id."""
    query = outgoing.target.partition("?")[2]
    for text in (*_texts_of_query(query), *_texts_of_body(outgoing.body)):
        yield from shape.lookalikes(text)


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address, ports spelt out."""
    parts = urlsplit(url)
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or DEFAULT_PORTS.get(parts.scheme.lower())


def _named(effect: Effect | None, outgoing: Outgoing, values: Mapping[str, str]) -> list[str]:
    """Every value at the place where an effect's id travels."""
    if effect is None or effect.id is None or effect.id.where == "response":
        return []
    if effect.id.where == "path":
        return [values[effect.id.name]]
    if effect.id.where == "query":
        return [value for name, value in _pairs_of_query(outgoing.target.partition("?")[2]) if name == effect.id.name]
    last = effect.id.name.split(".")[-1].lower()
    return [text for name, text in _leaves(_parsed(outgoing.body)) if name.lower() == last]


def _pairs_of_query(query: str) -> list[tuple[str, str]]:
    return [
        (unquote_plus(name), unquote_plus(value)) for name, _, value in (p.partition("=") for p in query.split("&"))
    ]


def _texts_of_query(query: str) -> list[str]:
    return [text for pair in _pairs_of_query(query) for text in pair if text]


def _texts_of_body(body: bytes) -> list[str]:
    """Every name and value in a JSON body, or the whole text of any other."""
    parsed = _parsed(body)
    if parsed is None:
        return [body.decode("utf-8", "replace")]
    return [text for leaf in _leaves(parsed) for text in leaf]


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its members as written: a name may come twice."""


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, object_pairs_hook=_Pairs)
    except ValueError:
        return None


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text and number in parsed JSON, with the name of the member that holds it."""
    if isinstance(value, _Pairs):
        for key, member in value:
            yield "", key
            yield from _leaves(member, key)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member, name)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield name, str(value)
