"""From what a model wrote back to a tree of leaves.

    '{"total": 12.5, "paid": {"quote": "PAID", "value": true}}'   ──read_answer──▶   {"total": Leaf, "paid": Leaf}

A server may ignore the schema, so `read_answer` believes nothing: a leaf is taken with its quote or bare, whichever was
asked for, and what is harmlessly different is put right. A value that cannot be read is null and named, and costs no
other; only what is no answer at all is an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ix import untrusted
from ix.errors import InvalidInput
from ix.extraction.models import Leaf, Tree
from ix.extraction.models._asking import SCALARS, Spec, type_of
from ix.extraction.models._failures import invalid
from ix.extraction.models._json import objects_in
from ix.fields import Field, fields_of, resolve

CURE = "use a model that follows JSON schemas"
"""What every message about such an answer ends with."""


@dataclass(slots=True)
class Read:
    """The leaves of an answer. `wrong` names by path what was asked for where the model wrote another thing, whose leaf
    is null and has as its quote what was written; `lost` are the paths of what an answer that was cut does not hold,
    its lists among them."""

    values: dict[str, Tree]
    wrong: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def read_answer(text: str, schema: Spec, *, cut: bool = False) -> Read:
    """The leaves in a model's answer to `schema`, of one that was `cut` short those that are whole. Raises `ModelError`
    (`model_answer_invalid`) where there is no object with fields that were asked for."""
    wanted = resolve(schema, schema).get("properties", {})
    # models may write other objects around the answer, such as a draft or the schema
    found = max(objects_in(text, cut=cut), key=lambda each: len(wanted.keys() & each.keys()), default=None)
    if found is None or (wanted and not wanted.keys() & found.keys()):
        raise invalid(f"the model's answer is no object with the fields asked for: {CURE}")
    return _Reader(schema, cut).read(found)


def no_answer(schema: Spec) -> dict[str, Tree]:
    """The answer to `schema` that says nothing: every leaf null, every list empty."""
    return _Reader(schema, False).read({}).values


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Every leaf of a tree."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for member in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(member)


def placed_leaves(tree: Tree, fields: Iterable[Field], path: str = "") -> Iterator[tuple[str, Field, Leaf]]:
    """Every leaf of an answer with its path and its field."""
    if isinstance(tree, dict):
        known = {each.name: each for each in fields}
        for name, member in tree.items():
            if name in known:
                yield from _placed(member, known[name], f"{path}.{name}" if path else name)


def _placed(tree: Tree, own: Field, path: str) -> Iterator[tuple[str, Field, Leaf]]:
    if isinstance(tree, Leaf):
        yield path, own, tree
    elif isinstance(tree, list):
        for at, member in enumerate(tree):
            yield from _placed(member, own, f"{path}.{at}")
    else:
        yield from placed_leaves(tree, own.fields, path)


class _Reader:
    """Reads one answer, and notes what is wrong with it."""

    def __init__(self, schema: Spec, cut: bool) -> None:
        self._root, self._cut = schema, cut
        self._wrong: dict[str, str] = {}
        self._lost: list[str] = []

    def read(self, answer: dict[str, Any]) -> Read:
        values = self._members(answer, self._root, "")
        if self._cut:
            self._lost += [each.name for each in fields_of(self._root) if each.name not in answer]
        return Read(values, self._wrong, list(dict.fromkeys(self._lost)))

    def _tree(self, value: Any, spec: Spec, path: str) -> Tree:
        spec = resolve(spec, self._root)
        kind = type_of(spec)
        if kind == "object":
            return self._members(value, spec, path)
        return self._rows(value, spec, path) if kind == "array" else self._leaf(value, kind, path)

    def _members(self, value: Any, spec: Spec, path: str) -> dict[str, Tree]:
        """What the model left out is null; what nobody asked for is left out."""
        if not isinstance(value, dict):
            if value is not None:
                self._wrong[path] = "an object"
            value = {}
        properties = resolve(spec, self._root).get("properties", {})
        return {
            name: self._tree(value.get(name), member, f"{path}.{name}" if path else name)
            for name, member in properties.items()
        }

    def _rows(self, value: Any, spec: Spec, path: str) -> list[Tree]:
        """Rows that say nothing are left out: models write one for a table that is not there."""
        if not isinstance(value, list | None):
            self._wrong[path] = "a list"
        said = value if isinstance(value, list) else []
        items = resolve(spec.get("items", {}), self._root)
        if self._cut and self._ends_within(said, items):
            said = said[:-1]
            self._lost.append(path)
        rows = [self._tree(row, items, f"{path}.{at}") for at, row in enumerate(said)]
        return [row for row in rows if any(leaf.value is not None for leaf in leaves(row))]

    def _ends_within(self, rows: list[Any], items: Spec) -> bool:
        """Whether the last row of an answer that was cut is a part of one."""
        # a row that is whole has every column, with null where there is nothing
        return bool(rows) and isinstance(rows[-1], dict) and not items.get("properties", {}).keys() <= rows[-1].keys()

    def _leaf(self, value: Any, kind: str, path: str) -> Leaf:
        # the quote is evidence only, so that one of another type is dropped where a value would be wrong
        quote = value.get("quote") if isinstance(value, dict) else None
        quote = quote.strip() or None if isinstance(quote, str) else None
        bare = value.get("value") if isinstance(value, dict) else value
        # an empty text is how some models say null
        scalar = None if isinstance(bare, str) and not bare.strip() else bare
        if self._cut and isinstance(value, dict) and "value" not in value:
            self._lost.append(path)
        try:
            untrusted.check(scalar if isinstance(scalar, str | int | float) else None)
            return Leaf(SCALARS[kind](scalar), quote)
        except (ValueError, InvalidInput):
            self._wrong[path] = f"a value of type {kind}, or null,"
            return Leaf(None, quote or (scalar.strip() if isinstance(scalar, str) else None))
