"""Stacks: a sum, what is added to it line by line, and the sum of all, whatever words the two sums have.

Total           18,000.00       the base: "Total", but less than the total by the taxes between
CGST 9 %         1,620.00
SGST 9 %         1,620.00       two taxes, of which no line prints the sum
Grand total     21,240.00       the total
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from ix.extraction.layout import joined
from ix.extraction.models.rules.fields.labelled_amounts import Labelled
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.vocabulary.money import Concept

_ADDED = frozenset(("tax", "charge", "rounding", "discount"))
_SUMS = frozenset(("total", "due", "net", "subtotal", "lines"))
_HIGHEST = 8
"""Lines between the two sums of a stack; an invoice has a tax for each of three rates, freight and a discount."""
_MOST = 50
"""Stacks of one document that are looked at."""
_CENT = Decimal("0.011")


class Stack(NamedTuple):
    """A base, the taxes added to it, and the total: where anything else is added as well, it is in the total alone."""

    base: Labelled
    taxes: Sequence[Labelled]
    total: Labelled

    @property
    def tax(self) -> Decimal:
        """What all taxes come to together."""
        return sum((one.value for one in self.taxes), Decimal())

    def candidates(self, score: float) -> dict[Concept, Candidate]:
        """What its lines say, each with this score; a tax of several lines is derived from all of them."""
        pages = {one.row.page for one in self.taxes}
        found = {"net": self.base.candidate(score), "total": self.total.candidate(score)}
        if len(self.taxes) == 1:
            return {**found, "tax": self.taxes[0].candidate(score)}
        # a value has its words on one page
        if len(pages) > 1:
            return found
        words = joined([one.span for one in self.taxes])
        return {**found, "tax": Candidate(float(self.tax), pages.pop(), words, score, derived=True)}


def stacks(found: Sequence[Labelled]) -> list[Stack]:
    """The stacks of a document that have a tax, from the top."""
    stacked: list[Stack] = []
    for at, base in enumerate(found):
        if base.strongest in _SUMS and not base.tabled and base.value and len(stacked) < _MOST:
            stacked += _on(base, found[at + 1 : at + 2 + _HIGHEST])
    return stacked


def _on(base: Labelled, below: Sequence[Labelled]) -> Iterator[Stack]:
    """The stack on a base, if what follows adds up to a sum."""
    taxes: list[Labelled] = []
    others = Decimal()
    for one in below:
        if one.row.at == base.row.at or one.tabled or not one.strongest:
            return
        if one.strongest == "tax":
            # the sum of the taxes above it stands for them
            taxes = [one] if len(taxes) > 1 and one.value == sum(each.value for each in taxes) else [*taxes, one]
        elif one.strongest in _ADDED:
            # a discount takes away, whether it is printed with a minus or without
            others += -abs(one.value) if one.strongest == "discount" else one.value
        elif one.strongest in _SUMS:
            added = sum((each.value for each in taxes), others)
            # a total of one rate is a part of the total only
            if taxes and added and not one.partial and abs(base.value + added - one.value) < _CENT:
                yield Stack(base, taxes, one)
            return
