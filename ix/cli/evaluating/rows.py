"""Lists: answered rows beside labelled ones, paired by what their cells say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from ix.cli.evaluating.comparing import CLOSE, CODES, NUMBERS, choices, compare, is_empty, letters
from ix.cli.evaluating.pairing import MOST_ROWS, assigned

ENOUGH = 0.5
"""Share of a row's labelled cells that have to agree for the two to be one row."""

Row = Mapping[str, Any]


class Pair(NamedTuple):
    """A labelled row and the answered one that is it; their indices in the lists."""

    label: int
    answer: int


def cells(row: Row, kinds: Mapping[str, str]) -> dict[str, Any]:
    """The labelled cells of a row that the schema knows and that hold something."""
    return {name: value for name, value in row.items() if name in kinds and not is_empty(value)}


def is_cell(kind: str, label: object, answer: object) -> bool:
    """Whether a cell is right. Names of goods are cut and continued freely, so one may be a part of the other."""
    if is_empty(answer):
        return False
    if compare(kind, label, answer).close:
        return True
    # a part of a number is another number
    if kind in NUMBERS or kind in CODES or kind in ("date", "boolean"):
        return False
    return any(fuzz.partial_ratio(letters(one), letters(answer)) >= CLOSE for one in choices(label) if letters(one))


def paired(labels: Sequence[Row], answers: Sequence[Row], kinds: Mapping[str, str]) -> list[Pair]:
    """The labelled rows with the answered ones that agree best with them, all taken together; each row is used once.
    Very long lists are paired in their order."""
    wanted = [cells(row, kinds) for row in labels]
    if max(len(wanted), len(answers), 1) > MOST_ROWS:
        found = [(at, at) for at in range(min(len(wanted), len(answers)))]
        return [Pair(*one) for one in found if _agreement(wanted[one[0]], answers[one[1]], kinds) >= ENOUGH]
    gains = [[_gain(_agreement(row, other, kinds)) for other in answers] for row in wanted]
    return [Pair(*one) for one in assigned(gains)]


def _agreement(row: Row, other: Row, kinds: Mapping[str, str]) -> float:
    right = sum(is_cell(kinds[name], value, other.get(name)) for name, value in row.items())
    return right / len(row) if row else 0.0


def _gain(agreement: float) -> float:
    # two rows that agree in too little are none, however well that would fit the others
    return agreement if agreement >= ENOUGH else 0.0
