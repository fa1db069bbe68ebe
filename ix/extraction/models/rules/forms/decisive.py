"""Decisive forms: what has no caption and needs none, the only e-mail address of the pages for the only field that asks
for one, or the only date."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from ix.extraction.models.rules.forms.likeness import Asked
from ix.extraction.models.rules.forms.readers import EMAIL, form_of
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading

_SCORE = 0.6
"""Score of a value that its form alone says; see `page.candidates`."""
_PLAIN_DATES = frozenset(("date", "document", "issued", "day", "report", "statement", "letter"))
"""Words of fields that the only date of a document may answer; a date of birth is never the only one by chance."""


def read_decisive(asked: Sequence[Asked], reading: Reading, answered: Collection[str]) -> dict[str, Candidate]:
    """The answers of fields without one that are alone in asking for a form, where the pages have one value of it."""
    by_form: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        by_form["date" if one.field.kind == "date" else form_of(one.field)].append(one)
    found: dict[str, Candidate] = {}
    for form in ("email", "date"):
        wanted = by_form.get(form, [])
        if len(wanted) != 1 or wanted[0].field.path in answered or not _is_plain(wanted[0], form):
            continue
        values = {one.value: one for one in _values(form, reading)}
        if len(values) == 1:
            found[wanted[0].field.path] = next(iter(values.values()))
    return found


def _is_plain(one: Asked, form: str) -> bool:
    return form != "date" or any(set(phrase) <= _PLAIN_DATES for phrase in one.phrases)


def _values(form: str, reading: Reading) -> Iterator[Candidate]:
    for row in reading.rows:
        if form == "date":
            for date in row.dates(reading.day_first):
                yield Candidate(date.value.isoformat(), row.page, row.line.part(date.start, date.end), _SCORE)
        elif "@" in row.text:
            for mail in re.finditer(EMAIL, row.text):
                yield Candidate(mail.group(), row.page, row.line.part(*mail.span()), _SCORE)
