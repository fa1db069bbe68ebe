"""Paragraphs: the lines that a name stands among, and what they say of whose it is.

The party addressed stands first in a few close lines that end with a place, and is told from the issuer by what is not
there: no web address, no tax number, and no second time in the footer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ix.extraction.layout import Span
from ix.extraction.models.rules.fields.names import Name, above, before_address, column, left_of, tied
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary import names, parties
from ix.extraction.models.rules.vocabulary.captions import is_caption
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.weighing import looks

_CLOSE = 1.0
"""Gap between lines of one paragraph, in heights, at most."""
_LINES = 6
_SMALLER = 0.7
"""Print of one paragraph is of one size: below this share of the next line's height it is another's."""
_NEAR = 0.3
"""A key and its value stand within this share of the page's width; two parties side by side do not."""
_WINDOW = (0.04, 0.13, 0.22, 0.34)
_OPPOSITE = (0.48, 0.04, 0.8, 0.36)
"""Where the first letter of an addressee stands: left, top, right, bottom, in shares of the page. The window of an
envelope, by DIN 5008 and its likes; and the right of it, as in France, Spain, Italy and Switzerland."""
_DIGIT = re.compile(r"\d")


class Paragraph(NamedTuple):
    """What the lines around a name are; shares and counts as they are, what is or is not as 1 or 0."""

    lines: float
    """Lines below it in its paragraph, in units of 6."""
    place: float
    """A postcode and its city end the paragraph, within four lines."""
    plain: float
    """So they do, and no web address, telephone or tax number is among its lines; and nothing above the name."""
    contact: float
    """What belongs to who writes stands among them: web, mail, telephone, tax number."""
    again: float
    """The place stands elsewhere on the pages as well, as the issuer's does in a footer."""
    under_sender: float
    """A sender's line, a name with its address in one, stands close above it."""
    behind_key: float
    """A key stands before it on its line, which is no party's heading."""
    before_value: float
    """A value stands right behind it on its line: it is a key itself."""
    window: float
    opposite: float
    earlier: float
    """Places that stand above it or to its left, up to 3, in units of 3."""


def paragraph(reading: Reading, name: Name) -> Paragraph:
    """What the paragraph of a name says."""
    below = list(_below(reading, name))
    texts = [span.text for _, span in below]
    place = next((at for at, text in enumerate(texts[:4]) if looks.is_locality(text)), None)
    around = texts[: _LINES if place is None else place + 2]
    contact = any(looks.ends_address(text) or looks.has_phone(text) for text in around)
    over = above(reading, name.first, name.cell, 3)
    is_first = over is None or parts(*over, name.cell)
    left, top = name.cell.box[:2]
    return Paragraph(
        lines=len(below) / _LINES,
        place=float(place is not None),
        plain=float(place is not None and not contact and is_first),
        contact=float(contact),
        again=float(place is not None and _is_again(reading, *below[place])),
        under_sender=float(over is not None and _is_sender(*over)),
        behind_key=float(_is_behind_key(name)),
        before_value=float(_is_before_value(name)),
        window=float(_is_in(_WINDOW, left, top)),
        opposite=float(_is_in(_OPPOSITE, left, top)),
        earlier=min(_earlier(reading, name), 3) / 3,
    )


def _below(reading: Reading, name: Name) -> Iterator[tuple[Row, Span]]:
    last = name.cell if name.first is name.last else name.span
    for row, cell in column(reading, name.last, name.cell, _LINES):
        if not _is_close(last, cell):
            return
        yield row, cell
        last = cell


def _is_close(over: Span, under: Span) -> bool:
    return under.box[1] - over.box[3] <= _CLOSE * under.height


def parts(row: Row, over: Span, cell: Span) -> bool:
    """Whether a paragraph begins with a cell, by the one above it: a gap is between them, it heads what follows, is set
    in much smaller print, or is a sender's line."""
    if not _is_close(over, cell) or over.height < _SMALLER * cell.height:
        return True
    return (
        parties.heading(over.text) is not None or names.salutation(over.text) == len(over.text) or _is_sender(row, over)
    )


def _is_sender(row: Row, cell: Span) -> bool:
    return before_address(tied(row, cell)) is not None


def _is_in(area: Sequence[float], left: float, top: float) -> bool:
    return area[0] <= left <= area[2] and area[1] <= top <= area[3]


def _is_behind_key(name: Name) -> bool:
    before = left_of(name.first, name.cell)
    if before is None or parties.heading(before.text) or is_name_key(before.text):
        return False
    if name.cell.text.startswith(":"):
        return True
    is_near = name.cell.box[0] - before.box[2] <= _NEAR
    return is_near and (before.text.rstrip().endswith(":") or is_caption(before.text))


def is_name_key(text: str) -> bool:
    """Whether all of a text only announces a name: "Name:"."""
    return parties.keyed(f"{text.rstrip(' :')}: x") == len(text.rstrip(" :")) + 2


def _is_before_value(name: Name) -> bool:
    behind = next((each for _, each in name.first.cells if each.box[0] > name.cell.box[0]), None)
    if behind is None or behind.box[0] - name.cell.box[2] > _NEAR:
        return False
    return behind.text.startswith(":") or bool(_DIGIT.search(behind.text))


def _places(reading: Reading) -> list[tuple[int, Span]]:
    """The lines of the first page that are a postcode and its city, each with the position of its row."""
    return [(row.at, cell) for row in reading.on_first_page for _, cell in row.cells if looks.is_locality(cell.text)]


def _earlier(reading: Reading, name: Name) -> int:
    found = reading.once(_places, lambda: _places(reading))
    at, left = name.first.at, name.cell.box[0]
    # three lines further down stands the place of whoever is at the left of it
    return sum(other < at or (other < at + 4 and cell.box[2] < left) for other, cell in found)


def _is_again(reading: Reading, row: Row, place: Span) -> bool:
    """Whether a place stands in another line as well, whatever stands before its postcode there."""
    first = _DIGIT.search(place.text)
    text = fold(place.text[first.start() :] if first and first.start() < 4 else place.text)
    lines = reading.once(paragraph, lambda: [fold(each.text) for each in reading.rows])
    return any(text in line for at, line in enumerate(lines) if at != row.at)
