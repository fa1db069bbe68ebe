"""What became of each labelled value.

    right           the answer says the labelled value; where the label says that there is none, it says none
    close           a text that is nearly the labelled one (`comparing`); wrong all the same
    misread         another value than the labelled one, which the page does not print in these letters but in like
                    ones, at the answer's place: OCR read it so
    mistaken        another value than the labelled one, which stands on the page
    fabricated      another value, which stands nowhere on the page
    not_found       no value
    invented        a value where the label says that the document has none

A text that is close and was misread counts as misread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ix.cli.evaluating.asking import Outcome
from ix.cli.evaluating.comparing import NUMBERS, Likeness, choices, compare, day, is_empty, letters, number
from ix.cli.evaluating.labels import value_at
from ix.cli.evaluating.rows import cells, is_cell, paired
from ix.extraction.values import find_amounts, find_dates

ERRORS = ("misread", "mistaken", "fabricated", "not_found", "invented")
ALIKE = 70.0
"""Likeness (`rapidfuzz.fuzz.ratio`) of a labelled text and an answered one from which one may be the other misread."""

MOST_DIGITS = 1
"""Digits that may differ, be missing or too many in a number or date that was misread."""

Text = Callable[[], str]
"""What was read of a document, asked for when it is needed."""


class Judged(NamedTuple):
    """A labelled value beside the answer. `confidence` is None where there is no evidence; `is_placed` says that the
    answer stands on a page, `is_marked` that it has a point: a person is to look at it."""

    file: str
    field: str
    kind: str
    verdict: str
    label: Any
    answer: Any
    confidence: float | None
    is_placed: bool
    is_close: bool = False
    is_marked: bool = False

    @property
    def is_right(self) -> bool:
        """Whether the answer is exactly what the label says."""
        return self.verdict == "right"


class Listed(NamedTuple):
    """A labelled list beside the answered one: rows, and of the labelled cells those that are right, by column."""

    field: str
    labelled: int
    answered: int
    matched: int
    cells: Mapping[str, tuple[int, int]]


def judged(outcome: Outcome, text: Text) -> Iterator[Judged]:
    """Every labelled value of a document but for lists."""
    printed = outcome.label.printed
    marked = {one["path"] for one in outcome.response.get("points") or ()}
    for path, kind in outcome.asked.fields.items():
        is_labelled, label = value_at(outcome.label.gold, path)
        if not is_labelled or (printed is not None and not is_empty(label) and not printed.get(path)):
            continue
        answer = value_at(outcome.result, path)[1]
        seen = _evidence(outcome, path)
        # a value that says itself where it comes from need not stand on a page
        is_placed = bool(seen) and (seen.get("match") != "none" or "source" in seen)
        likeness = compare(kind, label, answer)
        verdict = _verdict(kind, label, answer, likeness, is_placed, text)
        sure = seen.get("confidence") if seen and not is_empty(answer) else None
        yield Judged(
            outcome.label.file, path, kind, verdict, label, answer, sure, is_placed, likeness.close, path in marked
        )


def _verdict(kind: str, label: Any, answer: Any, likeness: Likeness, is_placed: bool, text: Text) -> str:
    may_be_none = any(is_empty(one) for one in choices(label)) or is_empty(label)
    if likeness.exact or (is_empty(answer) and may_be_none):
        return "right"
    if is_empty(answer):
        return "not_found"
    if all(is_empty(one) for one in choices(label)):
        return "invented"
    if not is_placed:
        return "fabricated"
    return "misread" if any(is_misread(kind, one, answer, text) for one in choices(label)) else "mistaken"


def is_misread(kind: str, label: Any, answer: Any, text: Text) -> bool:
    """Whether an answer is the labelled value as OCR read it: alike, while the pages print no such label."""
    if kind == "date":
        first, second = day(label), day(answer)
        is_alike = Levenshtein.distance(str(first), str(second)) <= MOST_DIGITS
        return is_alike and all(found.value != first for found in find_dates(text()))
    if kind in NUMBERS:
        # compared in one notation below, or 12.5 and 12.50 would differ by a digit
        wanted, given = number(label), number(answer)
        if wanted is None or given is None or Levenshtein.distance(f"{wanted:.2f}", f"{given:.2f}") > MOST_DIGITS:
            return False
        return all(found.value != wanted for found in find_amounts(text()))
    one, other = letters(label), letters(answer)
    return fuzz.ratio(one, other) >= ALIKE and one not in letters(text())


def listed(outcome: Outcome) -> Iterator[Listed]:
    """Every labelled list of a document. Rows of which nothing is labelled are left out."""
    for path, kinds in outcome.asked.lists.items():
        is_labelled, label = value_at(outcome.label.gold, path)
        if not is_labelled or not isinstance(label, list):
            continue
        # null is what some backends say for an empty list
        answers = value_at(outcome.result, path)[1] or []
        wanted = [row for row in map(_row, label) if cells(row, kinds)]
        given = [_row(one) for one in answers]
        pairs = paired(wanted, given, kinds)
        right, of = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
        answer_of = {pair.label: given[pair.answer] for pair in pairs}
        for at, row in enumerate(wanted):
            for name, value in cells(row, kinds).items():
                of[name] += 1
                right[name] += at in answer_of and is_cell(kinds[name], value, answer_of[at].get(name))
        by_column = {name: (right[name], count) for name, count in of.items() if count}
        yield Listed(path, len(wanted), len(given), len(pairs), by_column)


def _row(one: Any) -> Mapping[str, Any]:
    return one if isinstance(one, Mapping) else {"": one}


def _evidence(outcome: Outcome, path: str) -> Mapping[str, Any]:
    found = value_at(outcome.evidence, path)[1]
    return found if isinstance(found, Mapping) and "match" in found else {}
