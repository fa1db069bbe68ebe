"""Amounts under headings: in columns, in a line without words under a line without amounts, or as many amounts under as
many words.

Net      VAT    Total        headings             Net        words in lines of their own
10.00    2.00   12.00        each amount is       VAT
30.00    6.00   36.00        what its column      Total
40.00    8.00   48.00        says; the last line  40.00      the first amount is the first word's
                             adds up the others   8.00
                             and counts most      48.00
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from ix.extraction.layout import Span, overlap
from ix.extraction.models.rules.fields.labelled_amounts import Labelled, weighted
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.money import Concept, concepts, features
from ix.extraction.values import find_dates

Head = tuple[Span, Mapping[Concept, float]]
"""A heading and what it says of the amounts under it."""
_RATE = re.compile(r"(?<![\d\s])\s*%")
"""A heading of a column of rates: "VAT %", and not "VAT 20 %"."""
_NUMBERED = re.compile(r"\d(?![\d.,]*\s?%)")
"""A number that is no rate."""
_MOST_COLUMNS = 60
"""Columns of amounts on the widest page; a line with more words of money is no heading."""
_LONGEST = 8
"""Lines up to this many under a heading are of its columns."""
_TAXED = 0.6
"""Weight of "amount" as what is taxed, beside a column of taxes; this and the next are factors of a heading's weights,
see `page.candidates`."""
_ONLY_ROW, _SUM_ROW, _SUMMED_ROW, _ANY_ROW = 0.75, 0.95, 0.3, 0.5
_STACKED = 0.9
"""Factor for an amount that stands as far down among the amounts as its word among the words."""
_FIRST_LINE_UNDER = (0.85, 0.6)
"""Factors for the first and the second line under a lone heading."""


def under_headings(reading: Reading, found: Sequence[Labelled]) -> Iterator[Labelled]:
    """The amounts found on the pages that stand under a heading, with what it says of them."""
    by_row: dict[int, list[Labelled]] = {}
    for one in found:
        by_row.setdefault(one.row.at, []).append(one)
    stacked: set[int] = set()
    for run, amounts in _stacks(reading, by_row):
        stacked.update(row.at for row, _ in run)
        for (_, (_, weights)), one in zip(run, amounts, strict=True):
            yield Labelled(one.amount, one.row, weighted(weights, _STACKED))
    for row in reading.rows:
        # quantities and prices head a table of items, whose amounts are no sums
        if row.at in by_row or row.at in stacked or features(row.text) & {"quantity", "price"}:
            continue
        heads = list(_heads(row))
        if len(heads) > _MOST_COLUMNS:
            continue
        if len(heads) > 1:
            yield from _in_columns(_as_summary(heads), _run(reading, row, by_row))
        elif heads:
            yield from _first_under(row, heads[0], reading, by_row)


def _heads(row: Row) -> Iterator[Head]:
    for cell in row.line.cells:
        if (weights := concepts(cell.text)) and not _RATE.search(cell.text) and not find_dates(cell.text):
            yield cell, weights


def _stacks(
    reading: Reading, by_row: Mapping[int, list[Labelled]]
) -> Iterator[tuple[list[tuple[Row, Head]], list[Labelled]]]:
    """Lines that are a word of money each, two or more, and the amounts of as many lines right below them that are an
    amount each."""
    run: list[tuple[Row, Head]] = []
    for row in reading.rows:
        # with a number it is something else: "Rechnung 4711"
        is_words = len(row.line.cells) == 1 and row.at not in by_row and not _NUMBERED.search(row.text)
        heads = list(_heads(row)) if is_words else []
        if heads and (not run or run[-1][0].page == row.page):
            run.append((row, heads[0]))
            continue
        if len(run) > 1:
            below = [row, *reading.after(row, len(run))]
            amounts = list(takewhile(bool, (_lone(other, by_row) for other in below)))
            if len(amounts) == len(run):
                yield run, [one for one in amounts if one]
        run = []


def _lone(row: Row, by_row: Mapping[int, list[Labelled]]) -> Labelled | None:
    """The amount of a line that is nothing else."""
    found = by_row.get(row.at, [])
    is_lone = len(found) == 1 and not found[0].weights and not re.search(r"[^\W\d_]{4}", row.text)
    return found[0] if is_lone else None


def _as_summary(heads: Sequence[Head]) -> list[Head]:
    """Beside a column of taxes, a column that is only called "amount" is what is taxed."""
    taxes = any("tax" in weights for _, weights in heads)
    return [(cell, {"net": _TAXED} if taxes and weights == concepts("amount") else weights) for cell, weights in heads]


def _run(reading: Reading, row: Row, by_row: Mapping[int, list[Labelled]]) -> list[list[Labelled]]:
    """The rows of amounts right under a heading."""
    run: list[list[Labelled]] = []
    for below in reading.after(row, _LONGEST):
        amounts = by_row.get(below.at, [])
        if len(amounts) > 1:
            run.append(amounts)
        # up to two lines without amounts may stand between the heading and the first row
        elif run or below.at > row.at + 2:
            break
    return run


def _in_columns(heads: Sequence[Head], run: Sequence[Sequence[Labelled]]) -> Iterator[Labelled]:
    """Each amount with the label of its column; a last row that adds up the ones above it counts most."""
    rows = [{at: one for one in amounts if (at := _column(one.span, heads)) is not None} for amounts in run]
    for row, factor in zip(rows, _row_factors(rows), strict=True):
        for at, one in row.items():
            yield Labelled(one.amount, one.row, weighted(heads[at][1], factor), tabled=True)


def _row_factors(rows: Sequence[Mapping[int, Labelled]]) -> list[float]:
    if len(rows) == 1:
        return [_ONLY_ROW]
    if rows and _adds_up(rows):
        return [_SUMMED_ROW] * (len(rows) - 1) + [_SUM_ROW]
    return [_ANY_ROW] * len(rows)


def _adds_up(rows: Sequence[Mapping[int, Labelled]]) -> bool:
    """Whether in any column the last amount is the sum of those above it."""
    # a column of zeros adds up too, and tells nothing
    return any(
        sum(row[at].value for row in rows[:-1] if at in row) == one.value for at, one in rows[-1].items() if one.value
    )


def _column(span: Span, heads: Sequence[Head]) -> int | None:
    over = [(overlap(span.box, cell.box), at) for at, (cell, _) in enumerate(heads)]
    return max(over)[1] if over and max(over)[0] > 0 else None


def _first_under(row: Row, head: Head, reading: Reading, by_row: Mapping[int, list[Labelled]]) -> Iterator[Labelled]:
    cell, weights = head
    if not _speaks_of_money(cell.text):
        return
    for factor, below in zip(_FIRST_LINE_UNDER, reading.after(row, 2), strict=False):
        bare = [one for one in by_row.get(below.at, ()) if not one.weights]
        wordless = len(row.line.cells) == 1 and not re.search(r"[^\W\d_]{3}", below.text)
        if under := [one for one in bare if wordless or overlap(one.span.box, cell.box) > 0]:
            yield Labelled(under[0].amount, under[0].row, weighted(weights, factor))
            return


def _speaks_of_money(text: str) -> bool:
    """Whether at least half of the longer words of a text say something of money: a sentence about a sale heads no
    amount."""
    words = re.findall(r"[^\W\d_]{3,}", text)
    return 2 * sum(bool(features(word)) for word in words) >= len(words)
