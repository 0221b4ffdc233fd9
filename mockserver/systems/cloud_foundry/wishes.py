"""What a create request may ask for: the rules of its body, in the vendor's words (E35)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockserver.systems.cloud_foundry import metadata
from mockserver.systems.cloud_foundry.metadata import Metadata

ROLLING = "rolling"
CANARY = "canary"
INT32 = 2147483647  # the largest count (E35); for sizes ours, after the database's column (A7)
INT64 = 9223372036854775807

FIELDS = ("relationships", "droplet", "revision", "strategy", "options", "metadata")
SCALING: Mapping[str, tuple[int, int]] = {
    "web_instances": (0, INT32),
    "memory_in_mb": (1, INT32),
    "disk_in_mb": (1, INT32),
    "log_rate_limit_in_bytes_per_second": (-1, INT64),
}
"""Options that are numbers, with the least and the largest value."""
OPTIONS = ("canary", "max_in_flight", *SCALING)
UNSCALED: Mapping[str, int] = {}


class Plan(NamedTuple):
    """How to deploy. `scaling` holds what was asked for only; `steps` are weights, None if none were given."""

    strategy: str = ROLLING
    max_in_flight: int = 1
    scaling: Mapping[str, int] = UNSCALED
    steps: tuple[int, ...] | None = None

    @property
    def pauses(self) -> int:
        """How many times a canary waits for its user (E54, A22)."""
        return len(self.steps or ()) or 1


@dataclass(frozen=True, slots=True)
class Wish:
    """A create request without complaints. `droplet` and `revision` are never both given."""

    app: str
    plan: Plan = field(default_factory=Plan)
    droplet: str | None = None
    revision: str | None = None
    metadata: Metadata = field(default_factory=Metadata)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Wish:
        """From a body without complaints. An app that is not named is the empty text, which names none."""
        app = _dig(body, "relationships", "app", "data", "guid")
        return cls(
            app=app if isinstance(app, str) else "",
            plan=plan_of(body),
            droplet=_dig(body, "droplet", "guid"),
            revision=_dig(body, "revision", "guid"),
            metadata=Metadata.of(body.get("metadata") or {}),
        )


def plan_of(body: Mapping[str, Any]) -> Plan:
    """The plan in a body without complaints."""
    options = body.get("options") or {}
    steps = _dig(options, "canary", "steps")
    return Plan(
        strategy=body.get("strategy") or ROLLING,
        max_in_flight=options.get("max_in_flight") or 1,
        scaling={name: options[name] for name in SCALING if options.get(name) is not None},
        steps=None if steps is None else tuple(step["instance_weight"] for step in steps),
    )


def complaints(body: Any) -> list[str]:
    """What is wrong with the body of a create request, as far as it can be told without looking anything up."""
    if body is None:
        return []
    if not isinstance(body, dict):
        return ["Unknown field(s): '_json'"]  # E56
    found = [] if "metadata" not in body else list(metadata.complaints(body["metadata"]))
    return [*found, *_unknown_fields(body, FIELDS), *_strategy(body), *_sources(body), *_options(body)]


def update_complaints(body: Any) -> list[str]:
    """What is wrong with the body of an update request (E39)."""
    if not isinstance(body, dict):
        return ["Unknown field(s): '_json'"]  # E56, A17
    found = [] if "metadata" not in body else list(metadata.complaints(body["metadata"]))
    return [*found, *_unknown_fields(body, ("metadata",))]


def _unknown_fields(body: Mapping[str, Any], known: Iterable[str]) -> Iterator[str]:
    if unknown := [f"'{name}'" for name in body if name not in known]:
        yield f"Unknown field(s): {', '.join(unknown)}"


def _strategy(body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("strategy") not in (None, ROLLING, CANARY):
        yield f"Strategy '{body['strategy']}' is not a supported deployment strategy"


def _sources(body: Mapping[str, Any]) -> Iterator[str]:
    for name in ("droplet", "revision"):
        source = body.get(name)
        if not isinstance(source, dict | None):
            yield f"{name.capitalize()} must be an object"  # A7
        elif not isinstance((source or {}).get("guid"), str | None):
            yield f"{name.capitalize()} guid must be a string"  # A7
    if body.get("droplet") and body.get("revision"):
        yield "Droplet Cannot set both fields 'droplet' and 'revision'"


def _options(body: Mapping[str, Any]) -> Iterator[str]:
    options = body.get("options")
    if options is None:
        return
    if not isinstance(options, dict):
        yield "Options must be an object"
        return
    if unsupported := [name for name in options if name not in OPTIONS]:
        yield f"Options has unsupported key(s): {', '.join(unsupported)}"
    for name, (least, largest) in SCALING.items():
        yield from _number(name.replace("_", " ").capitalize(), options.get(name), least, largest)
    yield from _max_in_flight(options.get("max_in_flight"))
    yield from _canary(options.get("canary"), body.get("strategy"))


def _number(name: str, value: Any, least: int, largest: int) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{name} is not a number"
    elif not isinstance(value, int):
        yield f"{name} must be an integer"
    elif value < least:
        yield f"{name} must be greater than {'' if least == 1 else 'or equal to '}{0 if least == 1 else least}"
    elif value > largest:
        yield f"{name} must be less than or equal to {largest}"


def _max_in_flight(value: Any) -> Iterator[str]:
    if value is not None and not (_is_integer(value) and 1 <= value <= INT32):
        yield "Max in flight must be an integer greater than 0"


def _canary(canary: Any, strategy: Any) -> Iterator[str]:
    if canary is None:
        return
    if not isinstance(canary, dict):
        yield "Options canary must be an object"
    elif strategy != CANARY:
        yield "Options canary are only valid for Canary deployments"
    elif canary.get("steps") is not None:
        for complaint in _steps(canary["steps"]):
            yield f"Options canary steps {complaint}"


def _steps(steps: Any) -> Iterator[str]:
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        yield "must be an array of objects"
        return
    for step in steps:
        if unsupported := [key for key in step if key != "instance_weight"]:
            yield f"has unsupported key(s): {', '.join(unsupported)}"
    if any("instance_weight" not in step for step in steps):
        yield 'missing key: "instance_weight"'
    weights = [step.get("instance_weight") for step in steps]
    if not all(_is_integer(weight) for weight in weights):
        yield "instance weight must be an Integer between 1-100 (inclusive)"
        return
    if not all(1 <= weight <= 100 for weight in weights):
        yield "instance weight must be an Integer between 1-100 (inclusive)"
    if weights != sorted(weights):
        yield "instance weight must be sorted in ascending order"


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _dig(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
