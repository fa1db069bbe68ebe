"""Tasks: what is learned. Each gathers decisions from labelled documents; to learn another, write a module with `TASKS`
and name it in `NAMES`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from bench import scoring
from training.documents import MADE_UP, OTHER_LAYOUTS, Labelled

NAMES: tuple[str, ...] = ("names", "addresses")
"""Modules of this package, each with its tasks, in the order in which they are fitted: addresses look for names."""
NEAR = 80.0
"""Likeness, in percent, from which a candidate is at the right place though OCR misread its words."""


@dataclass(frozen=True)
class Decision:
    """One choice among candidates: for each its value, its features, whether it is right (equal to the label after
    normalising), whether it is at the right place (equal, or if none is, the likest one), and the score that is given
    by hand. `field` is for the table alone."""

    document: Labelled
    field: str
    values: Sequence[Any]
    vectors: Sequence[tuple[float, ...]]
    right: list[bool]
    placed: list[bool]
    by_hand: Sequence[float]

    @property
    def is_judged(self) -> bool:
        """Whether it counts in the table: made-up documents and those without a label only teach."""
        return self.document.origin != MADE_UP and bool(self.document.values(self.field))

    @property
    def teaches(self) -> bool:
        """Whether weights may be fitted to it."""
        return self.document.origin != OTHER_LAYOUTS


@dataclass(frozen=True)
class Task:
    """What is learned: the weights' `name`, the features' names in order, `gather`, which gives a document's decisions,
    the form of the weights, `logistic` or `trees`, how many made-up letterheads and generated invoices teach as well,
    and what each of these counts beside a document that somebody sent."""

    name: str
    features: tuple[str, ...]
    gather: Callable[[Labelled], Iterator[Decision]]
    form: str = "logistic"
    made_up: int = 0
    generated: int = 0
    weight: float = 1.0


def all_tasks() -> list[Task]:
    """Every task, in the order in which they are fitted."""
    return [task for name in NAMES for task in importlib.import_module(f"{__name__}.{name}").TASKS]


def decision(
    document: Labelled,
    field: str,
    values: Sequence[Any],
    vectors: Sequence[tuple[float, ...]],
    by_hand: Sequence[float],
    kind: str = "text",
) -> Decision:
    """The decision for a labelled field with these candidates."""
    right = [document.right(field, kind, value) for value in values]
    placed = right if any(right) or kind != "text" else _nearest(document.values(field), values)
    return Decision(document, field, values, vectors, right, placed, by_hand)


def _nearest(gold: Sequence[Any], values: Sequence[Any]) -> list[bool]:
    """Marks the values that are most like a label, where any is nearly it."""
    wanted = [scoring.letters(one) for one in gold]
    like = [max((fuzz.ratio(scoring.letters(value), one) for one in wanted), default=0.0) for value in values]
    top = max(like, default=0.0)
    return [top >= NEAR and each == top for each in like]
