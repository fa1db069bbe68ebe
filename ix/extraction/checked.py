"""What the checks look at: a result and its schema, walked together once.

{"lines": [{"amount": 5}]}   ──▶   "" · lines · lines.0 · lines.0.amount     a `Node` each, with its schema
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ix.fields import Kind, fields_of, guess_kind, once, resolve


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a result with what its schema says of it. `path` is dotted, with the indices of rows; `optional`
    allows null."""

    value: Any
    path: str
    kind: Kind
    spec: Mapping[str, Any]
    required: bool = True

    @property
    def name(self) -> str:
        """The field's name, without indices."""
        return next((part for part in reversed(self.path.split(".")) if not part.isdigit()), "result")


class CheckedResult:
    """A result, the JSON Schema that it answers, and the date from which its dates are judged (today's unless given).
    Walked when first looked at, and then once for all checks."""

    def __init__(self, result: Mapping[str, Any], schema: Mapping[str, Any], today: date | None = None) -> None:
        self.result, self.schema, self.today = result, schema, today or date.today()

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every value with a place in the schema, the objects and lists too, in its order."""
        known: _Known = once(self.schema, _walk, dict)
        return tuple(_walk(Node(self.result, "", "object", self.schema), self.schema, known))

    def of(self, *kinds: Kind) -> Iterator[Node]:
        """The scalar values of these kinds that are not null."""
        return (
            node for node in self.nodes if node.kind in kinds and isinstance(node.value, _SCALARS) and node.value != ""
        )

    @cached_property
    def objects(self) -> Sequence[tuple[Node, Mapping[str, Any]]]:
        """The objects, and what their schema says under `x-ix`."""
        # most values are none, which their types tell sooner than `Mapping` does
        return [
            (node, node.spec.get("x-ix", {}))
            for node in self.nodes
            if type(node.value) not in _LEAVES and isinstance(node.value, Mapping)
        ]


_SCALARS = (str, int, float)
_LEAVES = {*_SCALARS, bool, type(None)}
_Members = Sequence[tuple[str, Kind, Mapping[str, Any]]]
"""Name, kind and schema of each member of an object."""
_Known = dict[int, _Members]
"""The members of objects by their properties, an object of the schema that was parsed, which outlives this."""


def _walk(node: Node, root: Mapping[str, Any], known: _Known) -> Iterator[Node]:
    yield node
    if type(node.value) in _LEAVES:
        return
    if isinstance(node.value, Mapping):
        yield from _walk_object(node, root, known)
    elif isinstance(node.value, list):
        items = resolve(node.spec.get("items", {}), root)
        for at, value in enumerate(node.value):
            yield from _walk(Node(value, f"{node.path}.{at}", _kind_of(node.name, items), items), root, known)


def _walk_object(node: Node, root: Mapping[str, Any], known: _Known) -> Iterator[Node]:
    spec = resolve(node.spec, root)
    needed = spec.get("required", ())
    for name, kind, own in _members(spec, root, known):
        path = f"{node.path}.{name}" if node.path else name
        yield from _walk(Node(node.value.get(name), path, kind, own, name in needed), root, known)


def _members(spec: Mapping[str, Any], root: Mapping[str, Any], known: _Known) -> _Members:
    if not (properties := spec.get("properties")):
        return ()
    # once for all rows of a table: whatever else is made of a schema, its properties stay the ones that were parsed
    if (found := known.get(id(properties))) is None:
        fields = fields_of(spec, "", root)
        found = known[id(properties)] = [(one.name, one.kind, _nullable(properties[one.name], root)) for one in fields]
    return found


def _nullable(spec: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The resolved schema, with null among its types if `anyOf` allowed it."""
    resolved = resolve(spec, root)
    # `resolve` drops the null, and the checks need to know of it
    if any(option.get("type") == "null" for option in spec.get("anyOf", ())):
        return {**resolved, "type": [*allowed_types(resolved), "null"]}
    return resolved


def _kind_of(name: str, spec: Mapping[str, Any]) -> Kind:
    declared = (spec.get("x-ix") or {}).get("kind")
    return declared or guess_kind(name, str(spec.get("type", "string")), str(spec.get("format", "")))


def allowed_types(spec: Mapping[str, Any]) -> list[str]:
    """The type names that a schema allows; empty if it names none."""
    declared = spec.get("type", [])
    return [declared] if isinstance(declared, str) else list(declared)
