"""What two answers to one question say together.

    rules   model              together
    12.50   12.5               12.50, surer than before                          witness `agreed`
    12.50   10.00              the better witness's, less sure, and a finding    witness `disagreed`
    12.50   nothing, or back   the one that there is, a little less sure         witness `alone`

The rules are the better witness, 16 to 5 where the two disagree, but for texts and choices of which they are in doubt
themselves: what a text means is what a model knows. Of tables the rules' rows stay where both have some, cell by cell
where they have as many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ix.extraction.evidence.folding import folded
from ix.extraction.findings import finding
from ix.extraction.models import Leaf, Tree
from ix.extraction.models._quotes import MOST_SHOWN
from ix.extraction.values import as_decimal
from ix.fields import Field, Kind, fields_of
from ix.job import Finding

DOUBT_LEFT = 0.4
"""What is left of the doubt in a value that both say."""
DISAGREED = 0.6
"""What is left of the confidence in a value that the other contradicts."""
ALONE = {"rules": 0.95, "model": 0.7}
"""What is left of it where only one of them has a value."""
MODEL_KINDS: frozenset[Kind] = frozenset({"text", "organisation", "person", "address", "boolean"})
"""Kinds in which the model is the better witness where the rules are in doubt."""
IN_DOUBT = 0.5
"""Confidence below which they are."""


class Hearing:
    """Hears two answers to a schema. `findings` say where they differ, `outvoted` are the paths where the model's value
    was not taken."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._fields = fields_of(schema)
        self.findings: list[Finding] = []
        self.outvoted: set[str] = set()

    def agreed(self, rules: Mapping[str, Tree], model: Mapping[str, Tree]) -> dict[str, Tree]:
        """One answer from the two."""
        return self._members(self._fields, rules, model, "")

    def _members(
        self, fields: Sequence[Field], rules: Mapping[str, Tree], model: Mapping[str, Tree], path: str
    ) -> dict[str, Tree]:
        return {
            each.name: self._tree(each, rules.get(each.name), model.get(each.name), f"{path}{each.name}")
            for each in fields
        }

    def _tree(self, field: Field, rules: Tree | None, model: Tree | None, path: str) -> Tree:
        if field.kind == "object":
            one, other = (tree if isinstance(tree, dict) else {} for tree in (rules, model))
            return self._members(field.fields, one, other, f"{path}.")
        if field.kind == "rows":
            one_rows, other_rows = (tree if isinstance(tree, list) else [] for tree in (rules, model))
            return self._rows(field, one_rows, other_rows, path)
        one_leaf, other_leaf = (tree if isinstance(tree, Leaf) else Leaf(None) for tree in (rules, model))
        return self._leaf(field, one_leaf, other_leaf, path)

    def _rows(self, field: Field, rules: list[Tree], model: list[Tree], path: str) -> list[Tree]:
        if not (rules and model):
            if rules:
                self.outvoted.add(path)
            return [_alone(row, "rules") for row in rules] or [_alone(row, "model") for row in model]
        # both go from the top of the page, so that as many rows are the same ones
        if len(rules) == len(model):
            pairs = zip(rules, model, strict=True)
            return [self._row(field, one, other, f"{path}.{at}") for at, (one, other) in enumerate(pairs)]
        self.outvoted.add(path)
        counts = {"value": len(rules), "other": len(model)}
        self.findings.append(finding("disagreement", path, field=path, case="rows", **counts))
        return [_marked(row) for row in rules]

    def _row(self, field: Field, rules: Tree, model: Tree, path: str) -> Tree:
        if isinstance(rules, dict) and isinstance(model, dict):
            return self._members(field.fields, rules, model, f"{path}.")
        if isinstance(rules, Leaf) and isinstance(model, Leaf):
            return self._leaf(field, rules, model, path)
        return rules

    def _leaf(self, field: Field, rules: Leaf, model: Leaf, path: str) -> Leaf:
        if model.value is None:
            self.outvoted.add(path)
            return _alone_leaf(rules, "rules")
        if rules.value is None:
            return _alone_leaf(model, "model")
        if same(rules.value, model.value):
            # of two that say the same the rules' leaf, which knows its words on the page
            return replace(rules, confidence=1 - DOUBT_LEFT * (1 - _sure(rules)), witness="agreed")
        in_doubt = (field.kind in MODEL_KINDS or bool(field.choices)) and _sure(rules) < IN_DOUBT
        kept, other = (model, rules) if in_doubt else (rules, model)
        if not in_doubt:
            self.outvoted.add(path)
        shown = {"value": str(kept.value)[:MOST_SHOWN], "other": str(other.value)[:MOST_SHOWN]}
        case = {"case": "model"} if in_doubt else {}
        self.findings.append(finding("disagreement", path, field=path, **shown, **case))
        return replace(kept, confidence=DISAGREED * _sure(kept), witness="disagreed")


def same(one: object, other: object) -> bool:
    """Whether two values say the same: numbers by their worth, texts by their letters and digits."""
    # True is 1 in Python
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    numbers = [as_decimal(each) if isinstance(each, int | float) else None for each in (one, other)]
    if None not in numbers:
        return numbers[0] == numbers[1]
    return _letters(one) == _letters(other)


def _letters(value: object) -> str:
    return "".join(filter(str.isalnum, folded(str(value))))


def _sure(leaf: Leaf) -> float:
    return 1.0 if leaf.confidence is None else leaf.confidence


def _alone_leaf(leaf: Leaf, who: str) -> Leaf:
    if leaf.value is None:
        return leaf
    return replace(leaf, confidence=ALONE[who] * _sure(leaf), witness="alone")


def _alone(row: Tree, who: str) -> Tree:
    return _each(row, lambda leaf: _alone_leaf(leaf, who))


def _marked(row: Tree) -> Tree:
    """A row of a table of which the other witness counts other rows."""
    return _each(row, lambda leaf: replace(leaf, witness="disagreed") if leaf.value is not None else leaf)


def _each(tree: Tree, change: Callable[[Leaf], Leaf]) -> Tree:
    if isinstance(tree, Leaf):
        return change(tree)
    if isinstance(tree, list):
        return [_each(member, change) for member in tree]
    return {name: _each(member, change) for name, member in tree.items()}
