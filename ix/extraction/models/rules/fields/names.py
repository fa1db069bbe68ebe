"""Names: every run of words on the pages that may name a party, and the signs by which learned weights tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from ix.extraction.layout import Span, joined, overlap
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.tables.aligned import lines_of_tables
from ix.extraction.models.rules.vocabulary import names, parties
from ix.extraction.models.rules.vocabulary.addresses import is_address, is_locality, is_region, weight
from ix.extraction.models.rules.vocabulary.captions import is_caption
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.records import entity
from ix.languages import merged, one_of

_TOP = 16
"""Among the first so many lines any cell may be a name."""
_MOST = 90
"""Names that are looked at; a letter has thirty."""
_LINES = 3
"""Lines of the longest name."""
_SEPARATOR = re.compile(r"\s*[|·•●–]\s*|\s+-\s+")
BESIDE = 0.2
"""A value stands beside its key within this share of the page's width."""
_UNFINISHED = re.compile(r"(?:&|\b(?:and|und|et))\s*$", re.I)
# a sign between two parts at the end of one cell, or at the beginning of the next
_TIED_BEHIND, _TIED_BEFORE = re.compile(r"[|·•●–]\s*$"), re.compile(r"[|·•●–](?:\s|$)")
_GREETING = re.compile(rf"{one_of(merged().greetings)}\b.*[,:!]\s*$", re.I)
_COMMA = re.compile(r"\s*(?:[|·•●–,]|\s-\s)\s*")
_PARTED = re.compile(r"[|·•●–,]|\s-\s")
"""What has no such sign neither of them parts."""


@entity
class Name:
    """Words that may name a party: the rows that it begins and ends in, the cell that it begins in, the words, how many
    lines they take, and whether an address follows in the same line, as in a sender's line."""

    first: Row
    last: Row
    cell: Span
    span: Span
    text: str
    lines: int = 1
    of_sender: bool = False
    side: parties.Side | None = None
    """Whose heading leads it in its own cell."""

    @property
    def key(self) -> tuple[int, int, int]:
        """Where it stands: page, and places of its first and last word."""
        return self.first.page, self.span.indices[0], self.span.indices[-1]


def pool(reading: Reading) -> list[Name]:
    """Every name that the first page may have, from top to bottom."""
    return reading.once(pool, lambda: list(islice(_all(reading), _MOST)))


def _all(reading: Reading) -> Iterator[Name]:
    tabled = lines_of_tables(reading)
    for at, row in enumerate(reading.on_first_page):
        # a line with a price is what was bought, however much like a name it looks
        if row.has_money or row.at in tabled:
            continue
        for offset, cell in row.cells:
            if (at < _TOP or _is_marked(reading, row, cell)) and not _goes_on(reading, row, cell):
                for name in _in_cell(row, offset, cell):
                    yield from _whole(name, list(_continued(reading, name)))


def _goes_on(reading: Reading, row: Row, cell: Span) -> bool:
    """Whether a line is the rest of a name above it, which ends with an "&"."""
    over = above(reading, row, cell, 1)
    if over is None or weight(over[1].text) >= 1.0:
        return False
    return bool(_UNFINISHED.search(over[1].text)) or (
        names.is_form(cell.text) and not names.has_form(over[1].text) and not names.is_other(over[1].text)
    )


def _whole(name: Name, longer: Sequence[Name]) -> Iterator[Name]:
    """A name and its longer forms; not those that end with an "&", nor one whose legal form stands alone below it."""
    every = [name, *longer]
    for at, one in enumerate(every):
        following = every[at + 1] if at + 1 < len(every) else None
        if following is None or not (
            _UNFINISHED.search(one.text) or names.is_form(following.text[len(one.text) :].strip())
        ):
            yield one


def _is_marked(reading: Reading, row: Row, cell: Span) -> bool:
    """Whether a line further down may be a name as well: it has a legal form, or an address is under it."""
    if names.has_form(cell.text):
        return True
    if row.line.box[1] > 0.6 or weight(cell.text) >= 1.0:
        return False
    return any(is_locality(below.text) for _, below in islice(column(reading, row, cell), 4))


def _in_cell(row: Row, offset: int, cell: Span) -> Iterator[Name]:
    """The name in a cell: behind its heading or key, before an address."""
    text, start, side = cell.text, 0, None
    if headed := parties.heading(text):
        side, start = headed.side, headed.end
    start += parties.keyed(text[start:])
    yield from _bare(row, cell, start, side)
    # "Mr. Noodle" may be a person or a restaurant
    if greeting := names.salutation(text[start:]):
        yield from _bare(row, cell, start + greeting, side)


def _bare(row: Row, cell: Span, start: int, side: parties.Side | None) -> Iterator[Name]:
    text = cell.text
    if not text[start:].strip():
        return
    part = cell.part(start, len(text)) if start else cell
    # of "4557 De Silva St" the number would be left out as one that stands before names
    if text[start].isdigit() and is_address(text[start:]):
        return
    # nor is "Fremont CA 94538" a name with a registration number
    if is_locality(text[start:]) and not names.has_form(text):
        return
    sender = before_address(part) or before_address(part if start else tied(row, cell))
    bare = names.bare(sender or part)
    if bare is None or not _has_letters(bare.text) or _is_sentence(bare):
        return
    if _is_caption(bare.text) or is_region(bare.text) or _GREETING.match(text):
        return
    yield Name(row, row, cell, bare, names.cut(bare.text), of_sender=sender is not None, side=side)


def _has_letters(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return letters >= 2 and letters >= 0.5 * len(fold(text))


def _is_caption(text: str) -> bool:
    return is_caption(text) or text.endswith(":") or text in merged().currencies


def _is_sentence(span: Span) -> bool:
    return len(span.words) > 5 and sum(word.text[:1].islower() for word in span.words) > 0.5 * len(span.words)


def tied(row: Row, cell: Span) -> Span:
    """A cell, and those behind it that a sign between two parts ties to it though they stand apart."""
    parts: list[Span] = []
    for _, each in row.cells:
        if parts and not (_TIED_BEHIND.search(parts[-1].text) or _TIED_BEFORE.match(each.text)):
            break
        if parts or each is cell:
            parts.append(each)
    return joined(parts) if len(parts) > 1 else cell


def before_address(cell: Span) -> Span | None:
    """The name before the address in one line, as in a sender's line: "Acme GmbH · Hauptstr. 1 · 12345 Stadt"."""
    text = cell.text
    for separator in (_SEPARATOR, _COMMA) if _PARTED.search(text) else ():
        head, *rest = separator.split(text)
        # a comma parts too, but there the name must have a legal form
        sure = separator is _SEPARATOR or names.has_form(head)
        if head.strip() and rest and sure and not is_address(head) and any(map(_is_place, rest)):
            return cell.part(0, len(head))
    return None


def _is_place(text: str) -> bool:
    return is_address(text) or is_locality(text)


def _continued(reading: Reading, name: Name) -> Iterator[Name]:
    """A name with one or two more lines under it."""
    for _ in range(_LINES - 1):
        following = next(column(reading, name.last, name.cell), None)
        if following is None or name.of_sender:
            return
        row, cell = following
        close = cell.box[1] - name.span.words[-1].box[3] < 1.3 * max(cell.height, name.cell.height)
        if not close or row.has_money or weight(cell.text) >= 1.0 or parties.heading(cell.text):
            return
        more = names.bare(cell) or (cell if names.is_form(cell.text) else None)
        if more is None or more.indices[0] != cell.indices[0] or not _has_letters(more.text):
            return
        span = joined([name.span, more])
        name = Name(name.first, row, name.cell, span, names.cut(span.text), name.lines + 1, side=name.side)
        yield name


def column(reading: Reading, row: Row, cell: Span, count: int = 5) -> Iterator[tuple[Row, Span]]:
    """The cells under a cell, without a gap of three lines."""
    bottom = cell.box[3]
    for below in reading.after(row, count):
        for _, under in below.cells:
            if is_aligned(under, cell):
                if under.box[1] - bottom > 3.0 * cell.height:
                    return
                bottom = under.box[3]
                yield below, under
                break


def above(reading: Reading, row: Row, cell: Span, count: int = 3) -> tuple[Row, Span] | None:
    """The next cell above a cell."""
    for other in reversed(reading.before(row, count)):
        for _, over in other.cells:
            if is_aligned(over, cell):
                return other, over
    return None


def is_aligned(one: Span, other: Span) -> bool:
    """Whether two cells stand above one another: they share a side or much of their width."""
    box, below = one.box, other.box
    if abs(box[0] - below[0]) < 0.02:
        return True
    # most stand apart, which is seen sooner than by how much
    return box[0] < below[2] and below[0] < box[2] and overlap(box, below) > 0.3


def heading_over(row: Row, cell: Span) -> parties.Headed | None:
    """The heading that a cell is for what stands under it; none if its value stands beside it."""
    headed = parties.heading(cell.text)
    if headed is None or headed.end < len(cell.text.rstrip()):
        return headed
    beside = next((each for _, each in row.cells if each.box[0] > cell.box[0]), None)
    is_key = beside is not None and beside.box[0] - cell.box[2] < BESIDE and not parties.heading(beside.text)
    return None if is_key else headed


def left_of(row: Row, cell: Span) -> Span | None:
    """The cell before a cell on its line."""
    before: Span | None = None
    for _, each in row.cells:
        if each is cell:
            return before
        before = each
    return None


def tallest(found: Sequence[Name]) -> float:
    """The greatest height of print among names."""
    return max((name.cell.height for name in found), default=1.0)
