"""Values with a form of their own: IBAN, VAT number, identifier, number, percentage, yes or no, one of
several choices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from stdnum.iban import is_valid

from ix.extraction.models.rules.fields.choices import Choice
from ix.extraction.models.rules.fields.sides import is_counterpart, section_of
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.near import Read, near, zones
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.addresses import is_address
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.parties import speaks_of_counterpart
from ix.extraction.values import find_amounts, find_dates, find_ibans, find_vat_ids
from ix.fields import Field
from ix.languages import load, merged, one_of, phrases

_WORDS = merged()
_LEAD = re.compile(rf"(?:\s|\([^)]*\)|[:#.;=*°º№)-]|{one_of(_WORDS.number_words)}\b\.?:?)*", re.I)
_IDENTIFIER = re.compile(r"[^\W_][\w./#-]*")
_CALLED = re.compile(rf"(?:.*\W)?{one_of(_WORDS.number_words)}\W*$", re.I)
_DATE_LIKE = re.compile(r"\W*(\d{1,4}(?:/\d{1,4}){1,3})(?![\w/])")
"""A number that looks like a day, which it is not where its label says that a number follows: "Faktura VAT nr
14/05/2024"."""
_PARTED = re.compile(r"(\d{2,4} \d{3,8}|[A-Z]{1,3} \d[\w/-]*)\W*")
"""A number that a space parts and nothing follows: "2021 0457", "FT 2021/45"."""
_VAT_LIKE = re.compile(r"\W*(?:(?:no|nr|id|reg)\b\W*)*([A-Z]{0,3}[\s-]?\d(?:[\d./-]|\s(?=\d)){6,16}(?:B\d\d)?)", re.I)
"""A code behind a label such as "VAT Reg. No.", whose abbreviations the languages share."""
_IBAN_BEGINS = re.compile(r"[A-Z]{2}\d{2}(?:\s[A-Z0-9]{4}){2}")
_BEFORE, _REACH = 40, 80
"""Characters before a label that may say whose number it announces, and behind it in which the number begins."""
_LABELS = 200
"""Labels of a field, most telling first, that may be titles."""
_TITLES = frozenset(
    fold(title)
    for language in load()
    for titles in language.titles.values()
    for title in phrases(titles.split("||")[0])
)
"""What documents are titled in any language."""
_UPPER = 0.5
"""The part of the first page, from the top, in which headings are looked for."""
_HEADING = re.compile(
    rf"\W*([^\W\d_]{{4,40}})\s*(?:\([^)]{{1,20}}\)\s*)?(?:{one_of(_WORDS.number_words)}\b\.?|#|[Nn][°º])", re.I
)
"""A word, perhaps a bracket, and what stands before a number."""
_CALLED_NUMBER = re.compile(
    rf"(?:[^\W\d_][^\d:]{{1,30}}?(?:\W|(?<=[^\W\d_]{{3}}))(?:{one_of(_WORDS.number_words)}|n[°º.]|n\.[°º])"
    rf"|(?:{one_of(_WORDS.number_words)}|n[°º.]|n\.[°º])\W+[^\d:]{{2,30}}:)\W*(?=\S*\d|$)",
    re.I,
)
"""Words that end in what says that a number follows, "Docket no.", "Bonnummer", or begin with it, "Numer noty:"."""
_YES = frozenset(map(fold, ("true", "x", *phrases(_WORDS.yes))))
_NO = frozenset(map(fold, ("false", *phrases(_WORDS.no))))


class _Weight:
    """Scores of codes, and what is added to them or taken; see `page.candidates` for where the numbers are from."""

    IBAN, LABELLED_IBAN = 0.8, 0.95
    WRONG_LENGTH = 0.7  # of the label's score
    FITTING, FITTING_LABEL = 0.85, 0.1
    OTHER_PARTYS = 0.2
    UNKNOWN_FORM = 0.6  # of the label's score
    CHOICE = 0.45
    HEADED = 0.7  # in a heading
    OWN_NUMBER = 0.32


def ibans(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Every IBAN; one behind the label is best."""
    beside, anywhere = labels.once(ibans, lambda: _ibans(reading, labels))
    yield from (candidate for candidate in (beside.get(field.path), anywhere) if candidate)
    found = near(reading, labels, field.path, _iban_like)
    yield from (candidate.times(_Weight.WRONG_LENGTH) for candidate in found)


def _ibans(reading: Reading, labels: Labels) -> tuple[dict[str, Candidate], Candidate | None]:
    """The first IBAN behind a label of each field, by path, and the first of all."""
    beside: dict[str, Candidate] = {}
    anywhere: Candidate | None = None
    for row in reading.rows:
        passed = iter(labels.on(row))
        hit = next(passed, None)
        for value, start, end in find_ibans(row.text):
            found = Candidate(value, row.page, row.line.part(start, end), _Weight.IBAN)
            if anywhere is None and (is_valid(value, check_country=False) or _names_iban(row, reading)):
                anywhere = found
            while hit and hit.end <= start:
                for path in hit.owners:
                    beside.setdefault(path, replace(found, score=_Weight.LABELLED_IBAN))
                hit = next(passed, None)
    return beside, anywhere


def _names_iban(row: Row, reading: Reading) -> bool:
    """Whether a row, or the one above it, calls what stands there an IBAN: a line of a telephone, a membership may look
    like one."""
    return any("IBAN" in other.text.upper() for other in (*reading.before(row, 1), row))


def vat_ids(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Every VAT number of a known form that belongs to the party asked for, then any code behind the label."""
    counterpart = is_counterpart(field)
    for found_id in labels.once(vat_ids, lambda: list(_vat_ids(reading, labels))):
        fits = found_id.is_counterparts == counterpart
        score = _Weight.FITTING if fits else _Weight.OTHER_PARTYS
        score += _Weight.FITTING_LABEL * (found_id.path == field.path and fits)
        yield replace(found_id.candidate, score=score)
    if not counterpart:
        key = _vat_like_codes, labels.alike(field.path)
        yield from labels.once(key, lambda: list(_vat_like_codes(field, reading, labels)))


def _vat_like_codes(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Codes of other forms behind the field's labels, but for those of the other party: "Your VAT number"."""
    for hit, score in labels.of(field.path):
        offset, _ = hit.row.cell_at(hit.start)
        if speaks_of_counterpart(hit.row.text[max(offset, hit.start - _BEFORE) : hit.end]):
            continue
        for zone in zones(reading, labels, hit):
            if read := _vat_like(zone.row.text[zone.start : min(zone.end, zone.start + _REACH)]):
                span = zone.row.line.part(zone.start + read.start, zone.start + read.end)
                yield Candidate(read.value, zone.row.page, span, _Weight.UNKNOWN_FORM * score * zone.factor)
                break


class _VatId(NamedTuple):
    """A VAT number, the field whose label stands before it, and whether it belongs to the party addressed."""

    candidate: Candidate
    path: str | None
    is_counterparts: bool


def _vat_ids(reading: Reading, labels: Labels) -> Iterator[_VatId]:
    for row in reading.rows:
        for value, start, end in find_vat_ids(row.text):
            own = labels.before(row, start)
            theirs = own is not None and speaks_of_counterpart(row.text[own.start : own.end])
            candidate = Candidate(value, row.page, row.line.part(start, end), 0.0)
            counterparts = theirs or section_of(row, labels) == "counterpart"
            yield _VatId(candidate, own.path if own else None, counterparts)


def identifiers(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """A code with a digit in it behind its label, or in a heading behind a word that ends with one; a document's own
    number that has no such words may stand behind any that call it one."""
    yield from near(reading, labels, field.path, identifier)
    yield from _date_like(field, labels)
    if titles := _titles(field):
        yield from labels.once((_headed, titles), lambda: list(_headed(titles, reading)))
    if field.expected:
        # "Cookbook no. 5" may head any paper where numbers of this kind stand in headings
        parted = bool(titles)
        yield from labels.once((_own_numbers, parted), lambda: list(_own_numbers(reading, labels, parted)))


def _date_like(field: Field, labels: Labels) -> Iterator[Candidate]:
    for hit, score in labels.of(field.path):
        if not _CALLED.match(hit.row.text[hit.start : hit.end]):
            continue
        if match := _DATE_LIKE.match(hit.row.text, hit.end):
            yield Candidate(match[1], hit.row.page, hit.row.line.part(*match.span(1)), score)


@lru_cache(maxsize=256)
def _titles(field: Field) -> tuple[str, ...]:
    """What a field's labels call the document itself: those that are one of the words that documents are titled by."""
    return tuple(sorted({folded for label in field.labels[:_LABELS] if (folded := fold(label)) in _TITLES}))


def _headed(titles: Sequence[str], reading: Reading) -> Iterator[Candidate]:
    """Numbers in headings on the upper half of the first page: "Mietrechnung (2) Nr. 9314/00 vom 1.10.2018"."""
    for row in reading.on_first_page:
        if row.line.box[1] > _UPPER:
            return
        for offset, cell in row.cells:
            match = _HEADING.match(cell.text)
            if match is None or not fold(match[1]).endswith(tuple(titles)):
                continue
            if read := identifier(cell.text[match.end() : match.end() + _REACH]):
                start = offset + match.end() + read.start
                span = row.line.part(start, start + read.end - read.start)
                yield Candidate(read.value, row.page, span, _Weight.HEADED)


def _own_numbers(reading: Reading, labels: Labels, parted: bool) -> Iterator[Candidate]:
    """The first code of the first page behind words that call it a number and that no field has as its label; `parted`
    from them by a colon or a gap where that is asked."""
    for row in reading.on_first_page:
        for at, (offset, cell) in enumerate(row.cells):
            named = _CALLED_NUMBER.match(cell.text)
            if not named or labels.within(row, offset, offset + named.end()):
                continue
            beside = row.cells[at + 1 : at + 2] if named.end() == len(cell.text) else ()
            if parted and not beside and ":" not in named[0]:
                continue
            for start, span in ((offset + named.end(), cell), *beside):
                if found := identifier(row.text[start : max(start, offset + len(span.text), start + len(span.text))]):
                    words = row.line.part(start + found.start, start + found.end)
                    yield Candidate(found.value, row.page, words, _Weight.OWN_NUMBER)
                    return


def numbers(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """A number beside its label; whole where the schema asks for an integer."""
    read = _whole_number if field.json_type == "integer" else _any_number
    yield from near(reading, labels, field.path, read)


def percentages(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """A number before a percent sign beside its label."""
    yield from near(reading, labels, field.path, _percentage)


def booleans(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Yes or no behind the label."""
    yield from near(reading, labels, field.path, _boolean)


def choices(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """One of the schema's choices: behind the label, or the only one that stands anywhere."""
    choice = labels.once((choices, field.choices), lambda: Choice(field.choices, reading))
    yield from near(reading, labels, field.path, choice)
    if found := choice.only():
        row, read = found
        yield Candidate(read.value, row.page, row.line.part(read.start, read.end), _Weight.CHOICE)


def identifier(text: str) -> Read | None:
    """The first code of a text: it may follow "No." or a bracket, and has a digit; dates and house numbers are no
    codes."""
    start = _LEAD.match(text).end()  # type: ignore[union-attr]
    parted = _PARTED.fullmatch(text, start)
    match = parted or _IDENTIFIER.match(text, start)
    if (
        match is None
        or not re.search(r"\d", match.group())
        or any(d.start <= match.start() < d.end for d in find_dates(text))
    ):
        return None
    # the beginning of an IBAN is no account number
    if _IBAN_BEGINS.match(text, match.start()):
        return None
    # nor are the thousands of an amount a number: "25 000,00"
    if any(one.decimals and one.start <= match.start() < match.end() < one.end for one in find_amounts(text)):
        return None
    # "12 Patrick Street" may stand under "Invoice", and 120.00 behind "Invoice total"
    if is_address(text[start:]):
        return None
    value = parted[1] if parted else match.group().rstrip(".-/#")
    return Read(value, match.start(), match.start() + len(value)) if not _money(value) else None


def _money(text: str) -> bool:
    return bool(re.fullmatch(r"\d+[.,]\d{2}", text))


def _vat_like(text: str) -> Read | None:
    match = _VAT_LIKE.match(text)
    return Read(re.sub(r"[\s.-]", "", match[1]), match.start(1), match.end(1)) if match else None


def _iban_like(text: str) -> Read | None:
    """What a label calls an IBAN although its length is not its country's: reported as printed, for the check step to
    judge."""
    match = re.match(r"\W*([A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8})(?![A-Za-z0-9])", text)
    return Read(match[1].replace(" ", ""), match.start(1), match.end(1)) if match else None


def _any_number(text: str) -> Read | None:
    return next((Read(float(found.value), found.start, found.end) for found in find_amounts(text)), None)


def _whole_number(text: str) -> Read | None:
    whole = (found for found in find_amounts(text) if found.value == int(found.value))
    return next((Read(int(found.value), found.start, found.end) for found in whole), None)


def _percentage(text: str) -> Read | None:
    match = re.search(r"(?<!\d)(\d+(?:[.,]\d+)?)\s?%", text)
    return Read(float(match[1].replace(",", ".")), match.start(), match.end()) if match else None


def _boolean(text: str) -> Read | None:
    match = re.match(r"\W*([^\W\d_]+)", text)
    word = fold(match[1]) if match else ""
    return Read(word in _YES, match.start(1), match.end(1)) if match and word in _YES | _NO else None
