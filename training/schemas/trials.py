"""Trials: how many values of made documents the rules get right, and of tables how many cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.answer import answer
from training.schemas.papers import Paper, made


def tried(paper: Paper) -> Counter[str]:
    """Counts of single values (`right`, `wrong`, `missing`, `invented`, `rightly none`) and of cells of tables (`cells
    right`, `cells given`, `cells there`)."""
    return compared(answer(paper.pages, paper.schema), paper.values)


def compared(tree: Mapping[str, Tree], values: Mapping[str, Any]) -> Counter[str]:
    """An answer against what the document says."""
    found: Counter[str] = Counter()
    for name, value in values.items():
        given = _plain(tree.get(name, Leaf(None)))
        if isinstance(value, list):
            found.update(_cells(value, given if isinstance(given, list) else []))
        elif value is None:
            found["rightly none" if given is None else "invented"] += 1
        elif given is None:
            found["missing"] += 1
        else:
            found["right" if normal(given) == normal(value) else "wrong"] += 1
    return found


def normal(value: Any) -> Any:
    """What is compared: numbers as such, texts without case, blanks and punctuation."""
    if isinstance(value, str):
        return "".join(char for char in value.casefold() if char.isalnum())
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def precision(found: Mapping[str, int]) -> float:
    """The share of the values given that are right."""
    return found.get("right", 0) / max(sum(found.get(one, 0) for one in ("right", "wrong", "invented")), 1)


def cells_f1(found: Mapping[str, int]) -> float:
    """Of the cells of tables, row by row in order."""
    given, there = found.get("cells given", 0), found.get("cells there", 0)
    return 2 * found.get("cells right", 0) / max(given + there, 1)


def trial(seeds: Iterable[int], unseen: bool) -> Counter[str]:
    """The counts of many made documents together."""
    return sum((tried(made(seed, unseen)) for seed in seeds), Counter())


def _plain(tree: Tree) -> Any:
    if isinstance(tree, Leaf):
        return tree.value
    if isinstance(tree, dict):
        return {name: _plain(one) for name, one in tree.items()}
    return [_plain(one) for one in tree]


def _cells(rows: list[Mapping[str, Any]], given: list[Mapping[str, Any]]) -> Counter[str]:
    """Rows are matched in order, as well as they can be: one that is missing costs itself and not all behind it."""
    wanted, got = ([_row(one) for one in each] for each in (rows, given))
    best = [[0] * (len(got) + 1) for _ in range(len(wanted) + 1)]
    for i in range(len(wanted) - 1, -1, -1):
        for j in range(len(got) - 1, -1, -1):
            both = best[i + 1][j + 1] + len(wanted[i] & got[j])
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    found = {"cells right": best[0][0], "cells given": sum(map(len, got)), "cells there": sum(map(len, wanted))}
    return Counter({**found, "tables": 1, "tables empty": int(not got)})


def _row(row: Mapping[str, Any]) -> set[tuple[str, Any]]:
    return {(name, normal(value)) for name, value in row.items() if value is not None}
