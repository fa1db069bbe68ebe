"""Candidates: values found on a page, with how well the page supports each.

Every number that scores, here and in `fields` and `tables`, was chosen by hand on the labelled receipts and invoices
that `make accuracy` measures; none is derived. Only their order and their distances matter, so a change to one is
measured with it, on documents of other companies than those it was chosen on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ix.extraction.layout import Span
from ix.extraction.models import Leaf
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.records import record

Scalar = str | int | float | bool
FLOOR = 0.3
"""Below this, the page does not support a value: no answer rather than a guess."""


@record
class Candidate:
    """A value, the words that print it, the index of their page, and a score of 0..1. `derived`: the words do not print
    the value, they add up to it. `rival` is the best candidate for the same field with another value, once chosen.
    `guess`: no word names it (`Leaf`)."""

    value: Scalar
    page: int
    span: Span
    score: float
    derived: bool = False
    rival: Candidate | None = None
    guess: bool = False

    def times(self, factor: float) -> Candidate:
        """This candidate with its score, and its rival's, multiplied."""
        return replace(self, score=self.score * factor, rival=self.rival and self.rival.times(factor))

    def before(self, others: Iterable[Candidate]) -> Candidate:
        """This candidate, knowing the best of the others that have another value."""
        own, known = _same(self.value), [self.rival] if self.rival else []
        rival = max((one for one in (*known, *others) if _same(one.value) != own), key=lambda c: c.score, default=None)
        return replace(self, rival=rival) if rival else self

    @property
    def margin(self) -> float:
        """How much better supported it is than its rival: all of its score without one."""
        return _bounded(self.score - max(self.rival.score, 0.0)) if self.rival else _bounded(self.score)

    def leaf(self) -> Leaf:
        """The answer's leaf; confidence is the score dampened by how well the words were read."""
        confidence = round(_bounded(self.score) * self.span.confidence, 3)
        rival = self.rival.value if self.rival else None
        margin = round(self.margin, 3)
        words = self.span.text, self.page, self.span.indices
        return Leaf(self.value, *words, confidence, self.derived, rival, margin, self.guess)


def best(candidates: Iterable[Candidate]) -> Candidate | None:
    """The best supported candidate, the first of equals, with its rival; None if none reaches the floor."""
    found = list(candidates)
    top = max(found, key=lambda c: c.score, default=None)
    return top.before(found) if top is not None and top.score >= FLOOR else None


def _same(value: Scalar) -> object:
    """What is equal for values that only capitals, accents and punctuation tell apart."""
    # what is all punctuation folds to nothing, and would be the same as any other such text
    return (fold(value) or value) if isinstance(value, str) else value


def _bounded(score: float) -> float:
    return max(0.0, min(score, 1.0))
