"""Candidates: values found on a page, with how well the page supports each.

Every number that scores, here and in `fields` and `tables`, was chosen by hand on the labelled receipts and invoices
that `make accuracy` measures; none is derived. Only their order and their distances matter, so a change to one is
measured with it, on documents of other companies than those it was chosen on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ix.extraction.layout import Span
from ix.extraction.models import Leaf

Scalar = str | int | float | bool
FLOOR = 0.3
"""Below this, the page does not support a value: no answer rather than a guess."""


@dataclass(frozen=True)
class Candidate:
    """A value, the words that print it, the index of their page, and a score of 0..1. `derived`: the words do not print
    the value, they add up to it."""

    value: Scalar
    page: int
    span: Span
    score: float
    derived: bool = False

    def times(self, factor: float) -> Candidate:
        """This candidate with its score multiplied."""
        return replace(self, score=self.score * factor)

    def leaf(self) -> Leaf:
        """The answer's leaf; confidence is the score dampened by how well the words were read."""
        confidence = round(max(0.0, min(self.score, 1.0)) * self.span.confidence, 3)
        return Leaf(self.value, self.span.text, self.page, self.span.indices, confidence, self.derived)


def best(candidates: Iterable[Candidate]) -> Candidate | None:
    """The best supported candidate, the first of equals; None if none reaches the floor."""
    top = max(candidates, key=lambda c: c.score, default=None)
    return top if top is not None and top.score >= FLOOR else None
