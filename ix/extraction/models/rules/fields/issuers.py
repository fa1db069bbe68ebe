"""The issuer: who wrote the document, by where a name stands on the first page and how it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ix.extraction.layout import Span, joined, overlap
from ix.extraction.models.rules.fields.sides import begins_with_counterpart
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary import names
from ix.extraction.models.rules.vocabulary.addresses import is_address, is_locality, is_region
from ix.extraction.models.rules.vocabulary.folding import fold

_LINES = 16
"""The issuer's name stands among the first so many lines, unless it is in a sender's line."""
_SEPARATOR = re.compile(r"\s*[|·•●]\s*")
_SENDER_PART = re.compile(r"[^|·•●–,]+?(?=\s*(?:[|·•●–,]|\s-\s|$))")


class _Weight:
    """What speaks for a line as the issuer's name, and below against it; see `page.candidates` for where the numbers
    are from."""

    FIRST_LINE = 0.34
    EACH_LINE_DOWN = 0.025
    HEIGHT = 0.1  # for each height of the page's text that the line is taller, up to MOST_HEIGHTS
    MOST_HEIGHTS = 1.5
    LEGAL_FORM = 0.35
    LEGAL_FORM_ON_NEXT_LINE = 0.25
    TRADE = 0.06
    CAPITALS = 0.1
    ADDRESS_BELOW = 0.2
    EACH_LINE_TO_ADDRESS = 0.025
    REGISTRATION_BELOW = 0.12
    SENDERS_LINE = 0.75

    FEW_LETTERS = 0.15
    SMALL_INITIAL = 0.2
    BRACKET = 0.2
    REGION = 0.4
    ADDRESS = 0.4
    ADDRESS_WORD = 0.1  # "park" and "building" alone stand in names as well
    SALUTATION = 0.2


def issuer(reading: Reading, labels: Labels) -> tuple[Row, Candidate] | None:
    """The issuer by layout, with the last row of its name."""
    return max(_all(reading, labels), key=lambda pair: pair[1].score, default=None)


def issuers(reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Every name that may be the issuer's."""
    return (candidate for _, candidate in _all(reading, labels))


def is_senders_line(text: str) -> bool:
    """Whether a line is a name with its address behind it: "Acme GmbH · Hauptstr. 1 · 12345 Stadt"."""
    name, *rest = _SEPARATOR.split(text)
    return bool(name) and any(is_address(part) or is_locality(part) for part in rest)


def _all(reading: Reading, labels: Labels) -> list[tuple[Row, Candidate]]:
    return labels.once(_found, lambda: list(_found(reading, labels)))


def _found(reading: Reading, labels: Labels) -> Iterator[tuple[Row, Candidate]]:
    yield from _names_at_top(reading, labels)
    yield from _senders(reading)


def _names_at_top(reading: Reading, labels: Labels) -> Iterator[tuple[Row, Candidate]]:
    first = [row for row in reading.rows if row.page == 0][:_LINES]
    for at, row in enumerate(first):
        # a line with a price is what was bought, however much like a name it looks
        if row.has_money:
            continue
        for offset, cell in row.cells:
            if begins_with_counterpart(row, offset, labels) or _is_greeted(first[:at], cell, labels):
                continue
            if name := names.bare(_before_address(cell)):
                yield _with_form_below(name, cell, row, first[at + 1 : at + 2], _score(reading, first, at, cell))


def _with_form_below(name: Span, cell: Span, row: Row, following: Sequence[Row], score: float) -> tuple[Row, Candidate]:
    """A name as a candidate, with the legal form that stands alone on the line below it."""
    form = _lone_form(following, cell)
    if form is None:
        return row, Candidate(name.text, row.page, name, min(score, 1.0))
    if not names.has_form(name.text):
        score += _Weight.LEGAL_FORM_ON_NEXT_LINE
    whole = joined([name, form])
    return following[0], Candidate(whole.text, row.page, whole, min(score, 1.0))


def _before_address(cell: Span) -> Span:
    """The name in a sender's line; any other cell as it is."""
    return cell.part(0, len(_SEPARATOR.split(cell.text)[0])) if is_senders_line(cell.text) else cell


def _is_greeted(above: Sequence[Row], cell: Span, labels: Labels) -> bool:
    """Whether a form of address, or a label of the party addressed, stands alone on the line above: "Firma", "Bill
    to:"."""
    for row in above[-1:]:
        for offset, other in row.cells:
            if abs(other.box[0] - cell.box[0]) < 0.02:
                return names.salutation(other.text) == len(other.text) or begins_with_counterpart(row, offset, labels)
    return False


def _lone_form(following: Sequence[Row], cell: Span) -> Span | None:
    """A legal form that stands alone on the next line, under the name."""
    for row in following:
        for _, below in row.cells:
            name = names.bare(below) or below
            if overlap(below.box, cell.box) > 0.3 and names.is_form(name.text):
                return name
    return None


def _score(reading: Reading, first: Sequence[Row], at: int, cell: Span) -> float:
    letters = [char for char in cell.text if char.isalpha()]
    if len(letters) < 0.5 * len(fold(cell.text)):
        return 0.0
    heights = cell.height / max(reading.text_height, 1e-6) - 1.0
    score = _Weight.FIRST_LINE - _Weight.EACH_LINE_DOWN * at
    score += _Weight.HEIGHT * min(max(heights, 0.0), _Weight.MOST_HEIGHTS)
    score += _looks_like_name(cell.text, letters)
    score += _followed_by_address(first[at + 1 : at + 5], cell)
    return score - _looks_like_address(cell.text) - _looks_broken(cell, letters)


def _looks_like_name(text: str, letters: Sequence[str]) -> float:
    return (
        _Weight.LEGAL_FORM * names.has_form(text)
        + _Weight.TRADE * names.trades(text)
        + _Weight.CAPITALS * all(char.isupper() for char in letters)
    )


def _looks_broken(cell: Span, letters: Sequence[str]) -> float:
    return (
        _Weight.FEW_LETTERS * (len(letters) < 5)
        + _Weight.SMALL_INITIAL * cell.words[0].text[:1].islower()
        + _Weight.BRACKET * cell.text.startswith("(")
    )


def _looks_like_address(text: str) -> float:
    """Counts against a person's name as well."""
    if is_region(text):
        return _Weight.REGION
    sign = _Weight.ADDRESS if re.search(r"[\d,]", text) else _Weight.ADDRESS_WORD
    return sign * is_address(text) + _Weight.SALUTATION * bool(names.salutation(text))


def _followed_by_address(following: Sequence[Row], cell: Span) -> float:
    """More for a name above a registration number and an address, the nearer the better."""
    score = 0.0
    for distance, row in enumerate(following):
        under = [below.text for below in row.line.cells if overlap(below.box, cell.box) > 0]
        if any(map(is_address, under)):
            return score + _Weight.ADDRESS_BELOW - _Weight.EACH_LINE_TO_ADDRESS * distance
        score += _Weight.REGISTRATION_BELOW * (distance < 2 and any(map(names.is_registration, under)))
    return score


def _senders(reading: Reading) -> Iterator[tuple[Row, Candidate]]:
    """The name before the address in a sender's line: "Acme GmbH | Hauptstr. 1 | 12345 Stadt"; and names with a legal
    form further down."""
    for row in reading.on_first_page:
        # a comma parts too, which `_SEPARATOR` does not allow: here the name must have a legal form
        part = _SENDER_PART.search(row.text.split(" - ")[0])
        if part and is_address(row.text) and names.has_form(part.group()) and not is_address(part.group()):
            span = row.line.part(part.start(), part.end())
            yield row, Candidate(span.text.strip(" |·•●–,-"), row.page, span, _Weight.SENDERS_LINE)
