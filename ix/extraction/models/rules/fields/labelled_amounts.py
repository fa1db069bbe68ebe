"""Labelled amounts: every amount on the pages, with what the words beside it say it is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from ix.extraction.kept import kept
from ix.extraction.layout import Span, overlap
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.money import Concept, concepts, features
from ix.extraction.records import record
from ix.extraction.values import Amount
from ix.fields import Field
from ix.languages import merged, one_of

_WORDS = merged()
_DIGIT = re.compile(r"\d")
_UNIT = re.compile(rf"^(?:rm|myr|eur|euro|usd|chf|gbp|sgd|sr|zr|zrl|sgst|s|z|t|r|{one_of(_WORDS.prepositions)})?$")
"""What says nothing of an amount: its currency, or a tax code of a Malaysian receipt (`sr`, `zrl`)."""
_BY_RATE = frozenset(("net", "tax", "total"))
"""What a line says that breaks a total down by a rate of tax: "20 % net 10.00 VAT 2.00 gross 12.00"."""
_SUMS = ("total", "due", "paid", "net", "subtotal", "lines")
_EITHER, _TAX = concepts("incl tax"), concepts("tax")
_LABEL, _LABELS = 240, 16
"""Characters of a field's label that are asked what it means, and labels, the most telling: what those of all languages
say taken together is what most languages' word for a total also says."""
_TABLE = 40
"""Lines up to this many above a total belong to its table."""
_SUMMARY = 6
"""Lines without amounts up to this many do not end a summary of taxes."""
_PARTIAL = re.compile(rf"\w\s?%\s*(?!{one_of(_WORDS.taxes)})[^\W\d_]{{4}}", re.I)
"""A total of what is taxed at one rate: "Total 6% supplies", of which OCR may have lost the 6."""


class _Weight:
    """Weights of what an amount may be, or factors of them; see `page.candidates` for where the numbers are from."""

    NAME = 3.0  # of a field's name, where each of its labels counts one
    NAMED = 0.8  # from here on words are taken to say what it is
    WITHOUT_DECIMALS = 0.6
    BEHIND_UNLABELLED = 0.5  # where a row begins with amounts that have no label, as items do
    PARTIAL = 0.6  # "Total 6% supplies"

    BY_RATE, TOTAL_BY_RATE = 0.6, 0.3  # named in a line of a tax summary
    LAST_IS_TAX, LAST_IS_TAX_OF_TOTAL = 0.6, 0.7  # not named there
    OTHERS_ARE_NET = 0.5
    TOTAL_IN_SUMMARY = 0.3


@record
class Labelled:
    """An amount and the weights of what it may be. `tabled`: it stands in a summary of taxes. `partial`: it is a total
    of what is taxed at one rate."""

    amount: Amount
    row: Row
    weights: Mapping[Concept, float]
    tabled: bool = False
    partial: bool = False

    @property
    def value(self) -> Decimal:
        """The number, with its sign as printed."""
        return self.amount.value

    @kept
    def span(self) -> Span:
        """The words that print it."""
        return self.row.line.part(self.amount.start, self.amount.end)

    @kept
    def strongest(self) -> Concept:
        """What it most likely is; empty if its words say nothing."""
        return max(self.weights, key=lambda concept: self.weights[concept], default="")

    def candidate(self, score: float, positive: bool = False) -> Candidate:
        """This amount as a candidate, without its sign if only its size counts."""
        return Candidate(float(abs(self.value) if positive else self.value), self.row.page, self.span, score)


def weighted(weights: Mapping[Concept, float], factor: float) -> dict[Concept, float]:
    """Weights multiplied by a factor."""
    return {concept: factor * weight for concept, weight in weights.items()}


def concept_of(field: Field) -> Concept | None:
    """What a money field asks for, by its own labels and name; a price is none of the sums."""
    return _concept_of(field.name, field.labels[:_LABELS])


@lru_cache(maxsize=1024)
def _concept_of(called: str, labels: tuple[str, ...]) -> Concept | None:
    name = called.replace("_", " ")
    if "price" in features(name):
        return None
    weights: defaultdict[Concept, float] = defaultdict(float)
    for factor, words in [(_Weight.NAME, name), *((1.0, label[:_LABEL]) for label in labels)]:
        said = concepts(words)
        for concept, weight in said.items():
            # what is due is called a total as well, and is no other field's total
            if concept != "total" or said.get("due", 0.0) < weight:
                weights[concept] += weight * factor
    top = max(weights, key=lambda concept: weights[concept], default=None)
    return top if top is not None and weights[top] >= _Weight.NAMED else None


def beside_words(reading: Reading) -> list[Labelled]:
    """Every amount of the pages with the weights of the words beside it."""
    found = [one for row in reading.rows for one in _of_row(row) if not _in_date(one, reading)]
    # summaries are known first: there an amount is named by its place in the row, before any heading is asked
    tabled = set(_summaries(reading))
    tabled |= _by_rate(found)
    found = [_in_summary(one) if one.row.at in tabled else one for one in found]
    alike = Counter((one.row.at, _same(one)) for one in found if _is_total(one))
    found = [_in_column(one, reading) if alike[one.row.at, _same(one)] > 1 else one for one in found]
    # who writes decimals writes them everywhere: whole numbers are then counts, codes and years
    if sum(one.amount.decimals for one in found) >= 3:
        found = [one for one in found if one.amount.decimals]
    return _included(found)


def _included(found: Sequence[Labelled]) -> list[Labelled]:
    """Beside "incl. 20 % VAT" stands the tax that a sum includes, or the sum that includes it: the tax, where any that
    is called a sum is more than twice as much."""
    sums = [abs(one.value) for one in found if max(one.weights.get(name, 0.0) for name in _SUMS) >= _Weight.NAMED]
    most = max(sums, default=Decimal())
    return [
        replace(one, weights=weighted(_TAX, max(one.weights.values()) / max(_EITHER.values())))
        if one.weights.keys() == _EITHER.keys() and 0 < 2 * abs(one.value) < most
        else one
        for one in found
    ]


def _in_date(one: Labelled, reading: Reading) -> bool:
    """Whether a whole number is a part of a date: the 10 of "10-04-2018"."""
    if one.amount.decimals:
        return False
    dates = one.row.dates(reading.day_first)
    return any(date.start <= one.amount.start < date.end for date in dates)


def _is_total(one: Labelled) -> bool:
    """Whether an amount is called a total. One such word may stand before several amounts: under a table with several
    columns of money."""
    # "total" itself has 0.95, what only may be one has less (`vocabulary.money`)
    return one.weights.get("total", 0.0) > 0.9


def _same(one: Labelled) -> frozenset[tuple[Concept, float]]:
    """What is equal for amounts of the same weights."""
    return frozenset(one.weights.items())


def _in_column(one: Labelled, reading: Reading) -> Labelled:
    """An amount of such a row, named by the nearest heading over it that names money."""
    for row in reversed(reading.rows[max(one.row.at - _TABLE, 0) : one.row.at]):
        if row.page == one.row.page and len(row.line.cells) > 2 and not row.amounts:
            over = (cell for _, cell in row.cells_across(one.span.box) if overlap(cell.box, one.span.box) > 0)
            if (head := next(over, None)) and (heads := concepts(head.text)):
                return Labelled(one.amount, one.row, heads, one.tabled)
    return one


def _by_rate(found: Sequence[Labelled]) -> set[int]:
    """The rows with a rate whose words name all that breaks a total down."""
    named: defaultdict[int, set[Concept]] = defaultdict(set)
    for one in found:
        named[one.row.at].update(concept for concept, weight in one.weights.items() if weight >= _Weight.NAMED)
    rates = {one.row.at for one in found if "%" in one.row.text}
    return {at for at in rates if named[at] >= _BY_RATE}


def _of_row(row: Row) -> Iterator[Labelled]:
    """The amounts of a row; the nearest words on the left that mean something are an amount's label, else what labels
    the amount before. Where a row begins with amounts that have no label, as items do, later words count half."""
    before, unlabelled = 0, False
    weights: Mapping[Concept, float] = {}
    for amount in row.amounts:
        weights = _left_weights(row, before, amount.start) or weights
        partial = bool(_PARTIAL.search(row.text, before, amount.start))
        before, unlabelled = amount.end, unlabelled or not weights
        factor = 1.0 if amount.decimals else _Weight.WITHOUT_DECIMALS
        factor *= _Weight.BEHIND_UNLABELLED if unlabelled else 1.0
        # "Rounding 12.45" is what rounding leads to: no coin is that large
        rounded = "rounding" in weights and amount.decimals and abs(amount.value) >= 1
        meant = {"total": weights["rounding"]} if rounded else weights
        yield Labelled(amount, row, weighted(meant, factor), partial=partial)


def _left_weights(row: Row, start: int, end: int) -> Mapping[Concept, float]:
    """The weights of the nearest cell between two offsets that says something; a cell that stands alone says it for
    all."""
    pieces = [row.text[max(at, start) : min(at + len(cell.text), end)] for at, cell in row.cells_between(start, end)]
    # with a rate beside it, a code of a tax is its name: "SGST 9%"
    telling = [piece for piece in pieces if "%" in piece or not _UNIT.fullmatch(fold(_DIGIT.sub("", piece)))]
    for piece in reversed(telling):
        if weights := concepts(piece):
            return weighted(weights, _Weight.PARTIAL) if _PARTIAL.search(piece) else weights
    return {}


def _summaries(reading: Reading) -> Iterator[int]:
    """The rows of tax summaries: those with amounts under a heading that speaks of tax and has none."""
    left = 0
    for row in reading.rows:
        if _heads_summary(row):
            left = _SUMMARY
        elif left and len(row.amounts) > 1:
            yield row.at
        else:
            left = max(left - 1, 0)


def _heads_summary(row: Row) -> bool:
    if row.amounts:
        return False
    found = features(row.text)
    # with quantities or prices it heads a table of items, one of whose columns is the tax
    if "tax" not in found or found & {"quantity", "price"}:
        return False
    return bool(found & {"summary", "rate", "base"}) or ("amount" in found and len(row.cells) > 1)


def _in_summary(one: Labelled) -> Labelled:
    """An amount of a tax summary: what its row says, or else the last one is the tax and the others are taxed."""
    return Labelled(one.amount, one.row, _weights_in_summary(one), tabled=True)


def _weights_in_summary(one: Labelled) -> Mapping[Concept, float]:
    named = one.strongest
    if named in _BY_RATE and one.weights[named] >= _Weight.NAMED and "%" in one.row.text:
        return {named: _Weight.TOTAL_BY_RATE if named == "total" else _Weight.BY_RATE}
    totals = {c: w for c, w in one.weights.items() if c in ("total", "due")}
    return {**_by_position(one), **weighted(totals, _Weight.TOTAL_IN_SUMMARY)}


def _by_position(one: Labelled) -> Mapping[Concept, float]:
    if one.row.amounts[-1].start != one.amount.start:
        return {"net": _Weight.OTHERS_ARE_NET}
    return {"tax": _Weight.LAST_IS_TAX_OF_TOTAL if "total" in one.weights else _Weight.LAST_IS_TAX}
