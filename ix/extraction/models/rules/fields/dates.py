"""Dates: beside their label, in a range, or, for the document's own date, the best placed of all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise, product
from typing import NamedTuple

from ix.extraction.models.rules.page.candidates import FLOOR, Candidate, best
from ix.extraction.models.rules.page.labels import Hit, Labels
from ix.extraction.models.rules.page.near import Read, near
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.values import FoundDate, Notation
from ix.fields import Field
from ix.languages import load, merged, one_of, phrases

_WORDS = merged()
_OTHER_DATE, _FIRST, _LAST, _DUE, _DEADLINE = (
    re.compile(one_of(_WORDS.field_names[name]))
    for name in ("other_date", "first_date", "last_date", "due_date", "deadline")
)
_BETWEEN = re.compile(rf"\s*(?:[-–—/~]{{1,2}}|{one_of(_WORDS.between_dates)})\s*", re.I)
_PAY = re.compile(one_of(_WORDS.paying), re.I)
# a few words may stand between: "by the 3 May", "bis spätestens Freitag, 3.5."
_UNTIL = re.compile(rf"\b{one_of(_WORDS.deadlines)}\b[^\d]{{0,12}}$", re.I)
_MOST_TRIED = 12
"""Dates of each field that are tried together; an invoice has five."""
_MAY_COST = 0.3
"""How much less likely two dates in order may be than the likeliest of each; see `page.candidates`."""
_WORD_BEFORE = 4
"""Characters before a date that begins a line, but for a weekday's abbreviation."""
_BARE = frozenset(fold(phrases(own)[0]) for one in load() if (own := one.labels.get("letter", {}).get("date")))
"""What languages call a date and nothing more: where that may stand beside a field, it is the document's own."""
_PAYABLE, _IN_RANGE = 0.7, 0.95
"""Scores of a date up to which a sentence asks to pay, and of one at an end of a period; see `page.candidates`."""
_OWN, _WITH_CLOCK, _REPEATED, _EACH_DATE_BEFORE, _MOST_BEFORE = 0.42, 0.12, 0.04, 0.01, 5
"""The score of a date without a label, more with a time of day beside it and where it is repeated, less for each date
before it."""
_BEHIND_NUMBER, _BEHIND_OTHER_LABEL = 1.5, 0.5
"""Shares of that score behind a document's number, and right behind another field's label."""
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


def choose(fields: Sequence[Field], reading: Reading, labels: Labels) -> dict[str, Candidate]:
    """The chosen date of every field that has one, by path. The last day to pay is not before the document's own: where
    it would be, the two that fit and are likeliest together are chosen."""
    found = {field.path: list(find(field, reading, labels)) for field in fields}
    chosen = {path: top for path, each in found.items() if (top := best(each))}
    own = [field.path for field in fields if field.path in chosen and not _OTHER_DATE.search(field.name.lower())]
    due = [field.path for field in fields if field.path in chosen and _DUE.search(field.name.lower())]
    for first, last in product(own[:1], due[:1]):
        if str(chosen[last].value) < str(chosen[first].value):
            chosen.update(zip((first, last), _in_order(found[first], found[last]), strict=False))
    return chosen


def _in_order(own: Sequence[Candidate], due: Sequence[Candidate]) -> list[Candidate]:
    """The likeliest two of which the second is not before the first; empty if there are none, or they are much less
    likely than the likeliest of each."""
    tops = [sorted(each, key=lambda one: -one.score)[:_MOST_TRIED] for each in (own, due)]
    pairs = [(one, other) for one, other in product(*tops) if str(one.value) <= str(other.value)]
    fit = max(pairs, key=lambda pair: pair[0].score + pair[1].score, default=None)
    if fit is None or min(one.score for one in fit) < FLOOR:
        return []
    cost = sum(each[0].score for each in tops) - sum(one.score for one in fit)
    return [one.before(each) for one, each in zip(fit, (own, due), strict=True)] if cost <= _MAY_COST else []


def find(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Candidates for a date field."""
    yield from near(reading, labels, field.path, reading.once(_read, lambda: partial(_read, reading.notation)))
    if _FIRST.search(field.name.lower()) or _LAST.search(field.name.lower()):
        first = bool(_FIRST.search(field.name.lower()))
        yield from reading.once((_ranges, first), lambda: list(_ranges(first, reading)))
    elif _DUE.search(field.name.lower()):
        yield from reading.once(_payable, lambda: list(_payable(reading)))
    elif _DEADLINE.search(field.name.lower()):
        yield from reading.once(_wanted, lambda: list(_wanted(reading)))
    elif not _OTHER_DATE.search(field.name.lower()) or not _BARE.isdisjoint(map(fold, field.labels)):
        yield from _own_date(field, reading, labels)


def _payable(reading: Reading) -> Iterator[Candidate]:
    """Dates up to which a sentence asks to pay: "Please pay by 3 May 2020"."""
    for row in reading.rows:
        for date in row.dates(reading.day_first):
            before = row.text[: date.start]
            if _PAY.search(before) and _UNTIL.search(before):
                yield _candidate(row, date, _PAYABLE)


def _wanted(reading: Reading) -> Iterator[Candidate]:
    """Dates up to which a sentence wants something: "Please reply by 3 May 2020"."""
    for row in reading.rows:
        for date in row.dates(reading.day_first):
            # the words before it may end the line above
            above = next(iter(reading.before(row, 1)), None) if date.start < _WORD_BEFORE else None
            before = f"{above.text} {row.text[: date.start]}" if above else row.text[: date.start]
            if _UNTIL.search(before):
                yield _candidate(row, date, _PAYABLE)


def _read(notation: Notation, text: str) -> Read | None:
    return next((Read(f.value.isoformat(), f.start, f.end) for f in notation.dates(text)), None)


class _Own(NamedTuple):
    """A date of the document: its row, its score, the field whose label stands before it, and what that label makes of
    the score for other fields."""

    row: Row
    date: FoundDate
    score: float
    path: str | None
    claim: float


def _own_date(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The best date that no other label claims, and the best of the other days."""
    found = labels.once(_own_dates, lambda: list(_own_dates(reading, labels)))
    scores = [one.score * (1.0 if one.path == field.path else one.claim) for one in found]
    if scores:
        top = max(range(len(found)), key=scores.__getitem__)
        yield _candidate(found[top].row, found[top].date, scores[top])
        others = (at for at, one in enumerate(found) if one.date.value != found[top].date.value)
        if (rival := max(others, key=scores.__getitem__, default=None)) is not None:
            yield _candidate(found[rival].row, found[rival].date, scores[rival])


def _own_dates(reading: Reading, labels: Labels) -> Iterator[_Own]:
    """Every date: better with a time beside it, high on the page, beside a document number, or repeated."""
    found = [(row, date) for row in reading.rows for date in row.dates(reading.day_first)]
    repeats = Counter(date.value for _, date in found)
    for before, (row, date) in enumerate(found):
        score = _OWN + _WITH_CLOCK * bool(_CLOCK.search(row.text)) + _REPEATED * (repeats[date.value] > 1)
        score -= _EACH_DATE_BEFORE * min(before, _MOST_BEFORE)
        label = labels.before(row, date.start)
        label = None if label and label.is_only_a_word else label
        yield _Own(row, date, score, label.path if label else None, _claim(label, date) if label else 1.0)


def _claim(label: Hit, date: FoundDate) -> float:
    """Less for a date right behind another field's label, more for one behind a document's number."""
    gap = label.row.text[label.end : date.start]
    if re.search(r"\d", gap):
        # "Invoice 4711 of 3 May": the label's own value stands between, and the date is the document's.
        # A number that nobody asks for ("Order no 12 of 3 May") says nothing of it
        return _BEHIND_NUMBER if label.is_of_the_document else 1.0
    return _BEHIND_OTHER_LABEL


def _ranges(first: bool, reading: Reading) -> Iterator[Candidate]:
    for row in reading.rows:
        for one, other in pairwise(row.dates(reading.day_first)):
            if _BETWEEN.fullmatch(row.text[one.end : other.start]) and one.value <= other.value:
                yield _candidate(row, one if first else other, _IN_RANGE)


def _candidate(row: Row, date: FoundDate, score: float) -> Candidate:
    return Candidate(date.value.isoformat(), row.page, row.line.part(date.start, date.end), score)
