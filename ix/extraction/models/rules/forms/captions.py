"""Captions: what on a page may announce a value, and where that value may stand.

    Patient name: John Smith        behind its colon
    Policy no     AB 1234           in the next cell
    Date of issue   Place           under it, as in a box
    12 May 2020     Riga

A value ends with its cell, or where the next caption of the cell begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from ix.extraction.layout import Span, overlap
from ix.extraction.models.rules.forms.wording import Words, words
from ix.extraction.models.rules.page.reading import Reading, Row

COLON = re.compile(r"[:：](?![/\\\d])|[:：](?=\d)(?<!\d[:：])|\.{4,}|_{3,}|…+|(?:\s\.){3,}")
"""A colon that ends a caption, and is not of a time or an address of the web; or dots that lead to a value."""
_LONGEST = 70
"""Characters of the longest caption."""
_MOST_WORDS = 9
_CAPTION_WORD = re.compile(r"(?<!\S)[^\s:：]+")
_LAST_WORDS = 4
"""Words of the longest caption behind another value in its cell."""
BOX = r"[☒☑✓✔✗✘■⊠☐□○◯]|\[\s?[xX✓✔]?\s?\]|\(\s?[xX]?\s?\)"
"""A box to be marked, as it is drawn by letters."""
_MARKS = rf"(?:(?:{BOX})\s*)?\W*(?:\(?\d{{1,3}}[a-z]?[.)]\s*|[a-z][.)]?\s+(?=[A-Z])|(?:Box|Line|Feld)\s+\d+\w?\s+"
_LEAD, _NUMBERED = re.compile(rf"{_MARKS})?"), re.compile(rf"{_MARKS}|\d{{1,2}}[a-z]?\s+(?=[A-Z]))?")
_NUMBER_LEAD = re.compile(r"(\d{1,2})[a-z]?\s+[A-Z]")
"""The number of a box in a form: "12b. Employer's name"."""
_BRACKETS = re.compile(r"\([^()]{3,}\)")
"""What is explained in brackets; a unit is shorter."""
_SIGN = re.compile(r"\s[-–—=]\s")
_NUMBER = re.compile(r"\s(?=[^\s\d]{0,4}\d)")
_NEXT = 0.45
"""How far the next cell may be, as a fraction of the page's width."""
_LARGER = 1.15
"""How much larger than its caption a value in a box is printed."""
_BEFORE_NUMBER = 0.85
"""What is left of the likeness of words that may as well be of the value."""
_UNDER = 2.6
"""How far what stands under a caption may be, in heights of a line."""
_EDGE = 0.012
_STRIP = 2
"""Captions of the shortest line of captions with their values below."""


Style = Literal["", "right", "below"]
"""How a page sets values to captions without a colon, as far as that can be told."""
ENUMERATOR = re.compile(r"^\s*\(?\d{1,3}[a-z]?[.)]\s+[^\W\d]")
"""The number of a box, and words behind it: a caption."""


class Zone(NamedTuple):
    """Characters of a row's text where a value may stand. `place` is 0 in the caption's cell, 1 right of it, 2
    under it; `factor` is how likely it is there."""

    place: int
    factor: float
    row: Row
    start: int
    end: int

    @property
    def text(self) -> str:
        """The text of these characters."""
        return self.row.text[self.start : self.end]


class Caption(NamedTuple):
    """Words that may announce a value: as they are compared, whether they end in a colon, and their place. Those
    `before_number` are a part of their cell, which goes on with a number."""

    words: Words
    has_colon: bool
    row: Row
    start: int
    end: int
    cell: Span
    before_number: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """What tells it from all other captions."""
        return self.row.at, self.start


def captions(reading: Reading) -> list[Caption]:
    """All captions of the pages, from top to bottom; made once for a reading."""

    def make() -> list[Caption]:
        lead = _NUMBERED if _is_numbered(reading) else _LEAD
        return [one for row in reading.rows for one in _of_row(row, lead)]

    return reading.once(captions, make)


def _is_numbered(reading: Reading) -> bool:
    """Whether boxes are numbered without a sign behind: "1 Wages", "2 Federal income tax"; houses are numbered too,
    but hardly one after the other."""
    numbers = {
        int(found[1]) for row in reading.rows for _, cell in row.cells if (found := _NUMBER_LEAD.match(cell.text))
    }
    return any({number, number + 1, number + 2} <= numbers for number in numbers)


def _of_row(row: Row, leads: re.Pattern[str]) -> Iterator[Caption]:
    for offset, cell in row.cells:
        text = cell.text
        # dots or a line behind the value of a form are what is left of the room for it
        colons = [
            found.span()
            for found in COLON.finditer(text)
            if found.end() < len(text) or found.start() == 0 or found.group() in ":："
        ]
        begin = 0
        # a cell may hold several: "Name: Ada Born: 1815"
        for at, behind in colons:
            for start in _starts(text, begin, at):
                lead = leads.match(text[start:at]) if start == 0 else None
                start += lead.end() if lead else 0
                if 0 < at - start <= _LONGEST and (found := words(_bare(text[start:at]))) and len(found) <= _MOST_WORDS:
                    yield Caption(found, True, row, offset + start, offset + behind, cell)
            begin = behind
        if not colons and len(text) <= _LONGEST:
            start = lead.end() if (lead := leads.match(text)) else 0
            yield from _before_sign(row, offset, cell, start)
            yield from _before_number(row, offset, cell, start)
            found = words(_bare(text[start:]))
            if found and len(found) <= _MOST_WORDS and any(word.isalpha() for word in found):
                yield Caption(found, False, row, offset + start, offset + len(text), cell)


def _bare(text: str) -> str:
    """A caption without what it says in brackets, unless that is all."""
    return _BRACKETS.sub(" ", text) if len(_BRACKETS.sub("", text).strip()) > 1 else text


def _before_sign(row: Row, offset: int, cell: Span, start: int) -> Iterator[Caption]:
    """The words before a lone dash or an equals sign: "Latitude - 40 41 21"."""
    sign = _SIGN.search(cell.text, start + 1)
    if sign and (found := words(cell.text[start : sign.start()])) and len(found) <= _MOST_WORDS // 2:
        yield Caption(found, True, row, offset + start, offset + sign.end(), cell)


def _before_number(row: Row, offset: int, cell: Span, start: int) -> Iterator[Caption]:
    """The words before the first number of a cell without a colon: "Policy no AB-1234"."""
    number = _NUMBER.search(cell.text, start + 1)
    if number and (found := words(cell.text[start : number.start()])) and len(found) <= _MOST_WORDS // 2:
        yield Caption(found, False, row, offset + start, offset + number.start(), cell, before_number=True)


def _starts(text: str, begin: int, end: int) -> Sequence[int]:
    """Where the caption that ends here may begin: behind another value its last word, or its last few, which the fields
    must tell; the value keeps one."""
    if begin == 0:
        return (0,)
    found = [word.start() for word in _CAPTION_WORD.finditer(text, begin, end)]
    return found[1:][-_LAST_WORDS:] or found[-1:]


def zones(reading: Reading, caption: Caption, following: int, style: Style) -> Iterator[Zone]:
    """Where the caption's value may stand, the likeliest first. `following` is where the next caption of the row
    begins; `style` is how the page sets values."""
    row, offset = caption.row, row_offset(caption)
    cell_end = min(offset + len(caption.cell.text), following)
    if row.text[caption.end : cell_end].strip(" .:：_-…"):
        yield Zone(0, _BEFORE_NUMBER if caption.before_number else 1.0, row, caption.end, cell_end)
        return
    right, below = right_of(caption), below_of(reading, caption)
    # print that is larger than the caption's above it is what a box holds
    boxed = below is not None and _height(below) > _LARGER * caption.cell.height and not caption.has_colon
    if right and style != "below" and not boxed:
        yield right
    # nothing right of it: a title with its text below
    is_title = below is not None and right is None and len(row.cells) == 1 == len(below.row.cells)
    if below and (style != "right" or boxed or is_title):
        yield below


def _height(zone: Zone) -> float:
    return zone.row.line.part(zone.start, zone.end).height


def row_offset(caption: Caption) -> int:
    """Where the caption's cell starts in its row's text."""
    return caption.row.cell_at(caption.start)[0]


def right_of(caption: Caption) -> Zone | None:
    """The next cell, if it stands near."""
    offset = row_offset(caption)
    row, end = caption.row, offset + len(caption.cell.text)
    if end + 1 >= len(row.text):
        return None
    at, cell = row.cell_at(end + 1)
    # a lone sign of a currency stands apart from its amount
    if len(cell.text) <= 3 and not cell.text[-1:].isalnum() and at + len(cell.text) + 1 < len(row.text):
        following, other = row.cell_at(at + len(cell.text) + 1)
        if other.box[0] - cell.box[2] < _NEXT / 2:
            at, cell = (at, cell) if re.search(r"[☐☑☒□■✓✔]", cell.text) else (following, other)
    if cell.box[0] - caption.cell.box[2] < _NEXT:
        return Zone(1, 0.97 if caption.has_colon else 0.9, row, at, at + len(cell.text))
    return None


def below_of(reading: Reading, caption: Caption) -> Zone | None:
    """The first cell under the caption, if it stands near."""
    label = caption.row.line.part(caption.start, caption.end)
    for step, row in enumerate(reading.after(caption.row, 3)):
        gap = (row.line.box[1] - label.box[3]) / max(label.height, 1e-6)
        if gap > _UNDER:
            return None
        for offset, cell in row.cells_across((label.box[0] - _EDGE, 0.0, label.box[2] + _EDGE, 0.0)):
            aligned = abs(cell.box[0] - label.box[0]) < _EDGE or overlap(cell.box, label.box) > 0.3
            if aligned and gap > -0.5:
                return Zone(2, (0.9, 0.8, 0.6)[step], row, offset, offset + len(cell.text))
    return None


def under(caption: Caption, row: Row) -> tuple[int, int]:
    """The characters of a lower line from where a caption begins to where the next cell of its own line does."""
    left = caption.cell.box[0] - _EDGE
    right = min((cell.box[0] for _, cell in caption.row.cells if cell.box[0] > caption.cell.box[2]), default=1.0)
    inside = [(at, cell) for at, cell in row.cells if left <= cell.box[0] < right - _EDGE]
    # what begins further left runs on under it
    if not inside:
        return 0, len(row.text)
    return inside[0][0], inside[-1][0] + len(inside[-1][1].text)


def is_strip(reading: Reading, row: Row) -> bool:
    """Whether a line is captions alone, and the next one their values: as many cells, one under each, and numbers
    among them as there are none above."""
    below = next(iter(reading.after(row, 1)), None)
    cells = [cell for _, cell in row.cells]
    if below is None or len(cells) < _STRIP or len(below.cells) != len(cells):
        return False
    if any(COLON.search(cell.text) or re.search(r"\d", _LEAD.sub("", cell.text, count=1)) for cell in cells):
        return False
    under = [other for _, other in below.cells]
    aligned = all(
        abs(cell.box[0] - other.box[0]) < _EDGE or overlap(cell.box, other.box) > 0.3
        for cell, other in zip(cells, under, strict=True)
    )
    gap = below.line.box[1] - row.line.box[3]
    return aligned and gap < _UNDER * row.line.height and any(re.search(r"\d", other.text) for other in under)


def lines_under(reading: Reading, zone: Zone, caption: Caption, most: int) -> Sequence[Zone]:
    """The lines right under a value in its column, as an address has them, top to bottom; none beside which another
    caption stands."""
    first = zone.row.line.part(zone.start, zone.end)
    found, last = [], first
    for row in reading.after(zone.row, most):
        if row.line.box[1] - last.box[3] > 0.9 * first.height:
            break
        cells = [(at, cell) for at, cell in row.cells if abs(cell.box[0] - first.box[0]) < _EDGE]
        beside = zone.place == 1 and any(abs(cell.box[0] - caption.cell.box[0]) < _EDGE for _, cell in row.cells)
        if not cells or beside or COLON.search(cells[0][1].text):
            break
        at, last = cells[0]
        found.append(Zone(zone.place, zone.factor, row, at, at + len(last.text)))
    return found
