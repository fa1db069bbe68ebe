"""Dotted paths: `lines.1.unit_price` in a result, in the evidence beside it, and in the schema of both.

A path comes from a client, and leads only where the schema has a field: nothing else is looked up by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

from ix.errors import InvalidInput
from ix.fields import resolve

LONGEST = 2_000
"""Characters of a path: eight levels of the longest names that a schema may have."""
MOST_ROWS = 10_000
"""Rows of a list that a person may make."""
_INDEX = re.compile(r"0|[1-9][0-9]{0,4}")

Step = str | int


@dataclass(frozen=True, slots=True)
class Target:
    """Where a path leads: the names and indices on the way, and the schema there, null among its types where that is
    allowed."""

    path: str
    steps: Sequence[Step]
    spec: Mapping[str, Any]
    nullable: bool
    in_row: bool

    @property
    def name(self) -> str:
        """The field's name, without indices."""
        return next((step for step in reversed(self.steps) if isinstance(step, str)), "")


def joined(path: str, name: Step) -> str:
    """The path of a member."""
    return f"{path}.{name}" if path else str(name)


def target(path: str, schema: Mapping[str, Any]) -> Target:
    """Where a path leads in a schema. Raises `InvalidInput` without a field where that is nowhere."""
    if not path or len(path) > LONGEST:
        raise InvalidInput("", "names no field")
    steps: list[Step] = []
    spec, nullable, rest = schema, False, path
    while rest:
        inner = resolve(spec, schema)
        if "properties" in inner:
            step: Step = _name(rest, inner["properties"])
            rest = rest[len(str(step)) + 1 :]
            spec = inner["properties"][step]
        elif "items" in inner:
            index, _, rest = rest.partition(".")
            if not _INDEX.fullmatch(index):
                raise InvalidInput("", f"{_short(path)} names no row")
            step, spec = int(index), inner["items"]
        else:
            raise InvalidInput("", f"{_short(path)} names no field of the result")
        steps.append(step)
        nullable = allows_null(spec, schema)
    return Target(path, steps, resolve(spec, schema), nullable, any(isinstance(step, int) for step in steps))


def _name(rest: str, properties: Mapping[str, Any]) -> str:
    # the longest first: a name may hold a point
    fitting = [name for name in properties if rest == name or rest.startswith(f"{name}.")]
    if not fitting:
        raise InvalidInput("", f"{_short(rest)} names no field of the result")
    return max(fitting, key=len)


def _short(path: str) -> str:
    return repr(path[:100])


def allows_null(spec: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """Whether a value may be null, by one of its types or for want of any."""
    options = [resolve(one, schema) for one in spec.get("anyOf", ())] or [resolve(spec, schema)]
    types = [one.get("type", "null") for one in options]
    return any(kind == "null" or (isinstance(kind, list) and "null" in kind) for kind in types)


def at(tree: Any, steps: Sequence[Step]) -> Any:
    """What stands in a tree; None where nothing does."""
    for step in steps:
        if isinstance(step, int):
            tree = tree[step] if isinstance(tree, list) and step < len(tree) else None
        else:
            tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def put(tree: Any, steps: Sequence[Step], value: Any) -> None:
    """Puts a value into a tree; objects that are missing on the way are made. Raises `InvalidInput` without a field
    where a row is missing, with nothing changed."""
    *way, last = steps
    for number, step in enumerate(way, 1):
        inner = _member(tree, step)
        if inner is None:
            if not all(isinstance(one, str) for one in steps[number:]):
                raise InvalidInput("", "lies in a row that is not there")
            inner = tree[step] = {}
        tree = inner
    if isinstance(last, int):
        _member(tree, last)
    elif not isinstance(tree, dict):
        raise InvalidInput("", "lies in a value that has no parts")
    tree[last] = value


def _member(tree: Any, step: Step) -> Any:
    if isinstance(step, str):
        if not isinstance(tree, dict):
            raise InvalidInput("", "lies in a value that has no parts")
        return tree.get(step)
    if not isinstance(tree, list) or step >= len(tree):
        raise InvalidInput("", f"there is no row {step}")
    return tree[step]


def nodes(evidence: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The evidence of each value that has some, by its path."""
    # a stack, since each of nested generators would pass on what those within it give
    waiting = [(path, evidence)]
    while waiting:
        path, inner = waiting.pop()
        if isinstance(inner, dict):
            if _is_node(inner):
                yield path, inner
            else:
                waiting += reversed([(joined(path, name), one) for name, one in inner.items()])
        elif isinstance(inner, list):
            waiting += reversed([(f"{path}.{number}", one) for number, one in enumerate(inner)])


_NUMBERS, _ABSENT = {int, float}, {int, NoneType}


def _is_node(evidence: Mapping[str, Any]) -> bool:
    """Whether it is a value's evidence as `ix.extraction.evidence` writes it: use cases of others, and clients, may say
    anything. A field may be called `match`: its evidence is an object."""
    boxes = evidence.get("boxes")
    return (
        type(evidence.get("match")) is str
        and type(evidence.get("confidence")) in _NUMBERS
        and type(boxes) is list
        and all(type(box) is list and _NUMBERS.issuperset(map(type, box)) for box in boxes)
        and type(evidence.get("document")) in _ABSENT
        and type(evidence.get("page")) in _ABSENT
    )


def without_indices(path: str) -> str:
    """The path of the field, whichever row it stands in: `lines.unit_price`."""
    return ".".join(part for part in path.split(".") if not part.isdigit())
