"""Decisive forms: what has no caption and needs none, the only e-mail address of the pages for the only field that asks
for one, or the only date, the only period, and who issued a paper, by its letterhead."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from ix.extraction.models.rules.fields.issuers import likely
from ix.extraction.models.rules.fields.names import Name
from ix.extraction.models.rules.forms.captions import captions, zones
from ix.extraction.models.rules.forms.likeness import Asked
from ix.extraction.models.rules.forms.readers import EMAIL, form_of
from ix.extraction.models.rules.forms.wording import words
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.names import has_form
from ix.extraction.values import FoundDate, find_dates
from ix.languages import merged, one_of, phrases

_SCORE = 0.6
"""Score of a value that its form alone says; see `page.candidates`."""
_PLAIN_DATES = frozenset(("date", "document", "issued", "day", "report", "statement", "letter"))
"""Words of fields that the only date of a document may answer; a date of birth is never the only one by chance."""

_NAMES = frozenset(("organisation", "text"))
_ISSUERS: Final = frozenset(part for word in phrases(merged().field_names["issuer"]) for part in words(word))
"""What a field that asks for who issued a paper is called."""
_SAYING_LITTLE = frozenset(("name", "issued", "full", "legal"))
_OTHER_DAYS = frozenset(("birth", "due", "expiry", "end", "next", "start", "delivery", "payment"))
_TITLE = re.compile(rf"\b{one_of(merged().paper_names)}\b", re.I)
_TO = re.compile(r"\s*(?:[-–—]|[^\W\d_]{1,8})\s*")
"""What stands between the first and the last day of a period."""
_LIKELY = 0.15
"""Least likelihood of a letterhead, by the weights that were learned for bills."""


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


def read_left(asked: Sequence[Asked], reading: Reading, found: Mapping[str, Candidate]) -> dict[str, Candidate]:
    """The answers of fields without one that something left over decides: the only caption "date" for the only date
    that is still wanted, the only period for both its ends, the letterhead for who issued the paper."""
    left = [one for one in asked if one.field.path not in found]
    held = {(one.page, index) for one in found.values() for index in one.span.indices}
    return {**_period(left, reading), **_bare_date(left, reading, held), **_issuer(left, reading, held)}


def _period(left: Sequence[Asked], reading: Reading) -> dict[str, Candidate]:
    ends = {end: [one for one in left if one.field.kind == "date" and _asks_for(one, end)] for end in ("start", "end")}
    if [len(ends["start"]), len(ends["end"])] != [1, 1]:
        return {}
    pairs: dict[tuple[object, object], dict[str, Candidate]] = {}
    for row in reading.rows:
        for first, last in pairwise(row.dates(reading.day_first)):
            if _TO.fullmatch(row.text[first.end : last.start]) and first.value < last.value:
                paths = ends["start"][0].field.path, ends["end"][0].field.path
                pairs.setdefault(
                    (first.value, last.value),
                    {path: _day(row, one) for path, one in zip(paths, (first, last), strict=True)},
                )
    return next(iter(pairs.values())) if len(pairs) == 1 else {}


def _asks_for(one: Asked, end: str) -> bool:
    return any(end in phrase for phrase in one.phrases)


def _day(row: Row, date: FoundDate) -> Candidate:
    return Candidate(date.value.isoformat(), row.page, row.line.part(date.start, date.end), _SCORE)


def _bare_date(left: Sequence[Asked], reading: Reading, held: Collection[tuple[int, int]]) -> dict[str, Candidate]:
    wanted = [one for one in left if one.field.kind == "date"]
    # whose birth or what ends is said where it is printed
    if len(wanted) != 1 or any(_OTHER_DAYS & set(phrase) for phrase in wanted[0].phrases):
        return {}
    values = {}
    for caption in captions(reading):
        if caption.words != ("date",):
            continue
        zone = next(zones(reading, caption, len(caption.row.text), ""), None)
        date = next(iter(find_dates(zone.text, reading.day_first)), None) if zone else None
        if zone and date:
            span = zone.row.line.part(zone.start + date.start, zone.start + date.end)
            if all((zone.row.page, index) not in held for index in span.indices):
                values[date.value] = Candidate(date.value.isoformat(), zone.row.page, span, _SCORE)
    return {wanted[0].field.path: next(iter(values.values()))} if len(values) == 1 else {}


def _issuer(left: Sequence[Asked], reading: Reading, held: Collection[tuple[int, int]]) -> dict[str, Candidate]:
    wanted = [one for one in left if one.field.kind in _NAMES and is_issuer(one)]
    if len(wanted) != 1:
        return {}
    names = [one for one in likely(reading, "issuers") if one.likely >= _LIKELY and _stands_free(one.name, held)]
    formed = [one for one in names if has_form(one.name.text)]
    # with no legal form: what begins the paper, where that is not what the paper is called
    first = [one for one in names if one.name.first.at == 0 and not _TITLE.search(one.name.text)]
    top = max(formed or first, key=lambda one: one.likely, default=None)
    return {wanted[0].field.path: Candidate(top.name.text, top.name.first.page, top.name.span, _SCORE)} if top else {}


def _stands_free(name: Name, held: Collection[tuple[int, int]]) -> bool:
    return all((name.first.page, index) not in held for index in name.span.indices)


def is_issuer(one: Asked) -> bool:
    """Whether a field asks by its name, with those of the objects that it is in, for who issued the paper."""
    context = {word for each in one.context for word in each}
    return any(
        (own := {word for word in phrase if word not in _SAYING_LITTLE} or context)
        and own <= _ISSUERS | context
        and bool((own | context) & _ISSUERS)
        for phrase in one.phrases
    )


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
