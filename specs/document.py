"""Reading a spec's files: YAML that every tool reads alike, merge patches, and references."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from specs.model import DEFAULT
from specs.problems import Problem, SpecError

ROOT = Path(__file__).parent  # where the shipped specs are
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
Place = tuple[str, ...]
"""Where in a document: keys and indices from its root."""

_FastLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_FastLoader):  # type: ignore[misc]
    """Refuses a key given twice: YAML would silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping, once its keys are known to differ."""
        keys = [str(key.value) for key, _ in node.value]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.MarkedYAMLError(problem=f"the key `{twice}` is given twice", problem_mark=node.start_mark)
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


def shown(path: Path, variant: str = DEFAULT) -> str:
    """A file as messages name it: shipped ones from `specs/` on, others as given."""
    name = path.relative_to(ROOT.parent).as_posix() if path.is_relative_to(ROOT) else str(path)
    return name if variant == DEFAULT else f"{name} (variant {variant})"


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds one object. SpecError where it does not."""
    try:
        found = yaml.load(path.read_bytes(), Loader=_StrictLoader)
    except OSError as error:
        raise SpecError.of(Problem(shown(path), "", f"cannot be read ({error.strerror})", "Create it.")) from error
    except yaml.YAMLError as error:
        raise SpecError.of(_not_yaml(path, error)) from error
    if not isinstance(found, dict):
        raise SpecError.of(Problem(shown(path), "", "is not an object", "Write keys and values at its top level."))
    return found


def _not_yaml(path: Path, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}" if mark else ""
    return Problem(shown(path), where, f"is not YAML: {getattr(error, 'problem', error)}", "Correct that line.")


def merge_patch(target: Any, patch: Any) -> Any:
    """`target` changed by `patch` as RFC 7396 has it: null removes, objects merge, all else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def operations_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
    """Every operation as (path, method, path item, operation object), in the document's order."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item, item[method]


NAMED = frozenset(
    {
        *("callbacks", "content", "encoding", "examples", "headers", "links", "mapping", "parameters", "properties"),
        *("requestBodies", "schemas", "scopes", "securitySchemes", "variables"),
    }
)
"""Keys whose value is a map from names that the author chose."""
DATA = frozenset({"default", "enum", "example", "value", "x-contract"})
"""Keys whose value is not OpenAPI but data."""


def objects(node: Any, place: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every OpenAPI object with its place: not the maps of chosen names between them, not the data in examples."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from objects(child, (*place, str(index)))
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            yield from _members(key, value, (*place, key))


def _members(key: str, value: Any, place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    if key in DATA:
        return
    if key not in NAMED or not isinstance(value, dict):
        yield from objects(value, place)
        return
    for name, child in value.items():
        yield from objects(child, (*place, name))


def label_of(place: Place) -> str:
    """A place in the words of its author: `POST /jobs responses.409`, `schema Job`."""
    match place:
        case ("paths", path, method, *rest) if method in METHODS:
            return " ".join([method.upper(), path, ".".join(rest)]).strip()
        case ("components", "schemas", name, *rest):
            return " ".join(["schema", name, ".".join(rest)]).strip()
    return ".".join(place)


class References:
    """The local `$ref`s of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._resolved: dict[str, Any] = {}

    def resolved(self, node: Any, within: tuple[str, ...] = ()) -> Any:
        """`node` with its references replaced by what they point to; inside a cycle the reference stays."""
        match node:
            case {"$ref": str(reference)}:
                return self._resolve(reference, within)
            case dict():
                return {key: self._member(key, value, within) for key, value in node.items()}
            case list():
                return [self.resolved(value, within) for value in node]
        return node

    def _member(self, key: str, value: Any, within: tuple[str, ...]) -> Any:
        if key in DATA:
            return value
        if key in NAMED and isinstance(value, dict):
            return {name: self.resolved(child, within) for name, child in value.items()}
        return self.resolved(value, within)

    def _resolve(self, reference: str, within: tuple[str, ...]) -> Any:
        if reference in within:
            return {"$ref": reference}
        if reference not in self._resolved:
            self._resolved[reference] = self.resolved(self.target(reference), (*within, reference))
        return self._resolved[reference]

    def points_somewhere(self, reference: str) -> bool:
        """Whether the document holds what a reference names."""
        try:
            self.target(reference)
        except LookupError:
            return False
        return True

    def target(self, reference: str) -> Any:
        """What a reference points to. LookupError if nothing in this document."""
        if not reference.startswith("#/"):
            raise LookupError(reference)
        found: Any = self._document
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                raise LookupError(reference)
            found = found[name]
        return found
