"""Parties: who issued the document, and to whom. By heading, by place and by the look of a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ix.extraction.layout import Span, overlap
from ix.extraction.models.rules.fields.issuers import is_senders_line, issuer, issuers
from ix.extraction.models.rules.fields.sides import is_counterpart
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Hit, Labels
from ix.extraction.models.rules.page.near import cell_end, starts_cell
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary import names
from ix.extraction.models.rules.vocabulary.addresses import is_address, is_locality
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.fields import Field
from ix.languages import merged, one_of

_KEYED = re.compile(rf"^\s*{one_of(merged().name_keys)}\s*[:.]?\s*", re.I)
_HEADED = 0.9
"""Score of a name behind or under its heading; see `page.candidates` for where these numbers are from."""
_NAMED_BY_TRADE = 0.85
_RIGHT_OF_HEADING = 0.6
_FAR = 0.5
"""Share of the score of a name further down under a heading that has one beside it."""
_ADDRESSED = 0.5


def organisations(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Names under or behind the field's heading, then by the page's layout."""
    yield from _headed(field, reading, labels)
    if is_counterpart(field):
        yield from labels.once(_addressed, lambda: list(_addressed(reading, labels)))
    else:
        yield from issuers(reading, labels)


def persons(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """A name under or behind the field's heading; for the party addressed also the head of its address."""
    yield from _headed(field, reading, labels)
    if is_counterpart(field):
        yield from labels.once(_addressed, lambda: list(_addressed(reading, labels)))


def _headed(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    for hit, score in labels.of(field.path):
        named = labels.once((_named, hit), lambda hit=hit: list(_named(hit, reading, labels)))  # type: ignore[misc]
        yield from (candidate.times(score) for candidate in named)


def _named(hit: Hit, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The names behind a heading, or beside it and under it."""
    if not starts_cell(hit):
        return
    rest = hit.row.text[hit.end : cell_end(hit)]
    inline = re.match(r"\s*[:.]\s*", rest) or re.match(r"\s+(?=[A-Z])", rest)
    if names.trades(hit.row.text[hit.start : hit.end]) and rest.strip() and not rest.lstrip().startswith(":"):
        yield from _named_by_trade(hit)
    elif inline and (name := _name_in(labels, hit.row, hit.end + inline.end(), cell_end(hit))):
        yield Candidate(name.text, hit.row.page, name, _HEADED)
    elif not re.search(r"[^\W\d_]{3}|\d", rest) or "/" in rest[:2]:
        beside, under = list(_beside_heading(hit, labels)), list(_under_heading(hit, reading, labels))
        # where names stand under headings, they stand in the very next line
        nearest = {word for row in reading.after(hit.row, 1) for word in row.line.words}
        if beside and not any(nearest.issuperset(one.span.words) for one in under):
            under = [one.times(_FAR) for one in under]
        yield from (*beside, *under)


def _named_by_trade(hit: Hit) -> Iterator[Candidate]:
    """A label that is the first word of the name itself: "Bank of the North"."""
    name = hit.row.line.part(hit.start, cell_end(hit))
    if not names.is_other(name.text):
        yield Candidate(name.text, hit.row.page, name, _NAMED_BY_TRADE)


def _beside_heading(hit: Hit, labels: Labels) -> Iterator[Candidate]:
    """The name in the next cell of the heading's line."""
    offset, _ = hit.row.cell_at(hit.start)
    right = _next_cell(hit.row, offset)
    if right and (name := _name_in(labels, hit.row, right[0], right[0] + len(right[1].text))):
        yield Candidate(name.text, hit.row.page, name, _RIGHT_OF_HEADING)


def _under_heading(hit: Hit, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The first name in the heading's column."""
    _, heading = hit.row.cell_at(hit.start)
    for row in reading.after(hit.row, 5):
        for offset, cell in row.cells:
            if _is_aligned(cell, heading) and (name := _keyed_name(labels, row, offset, cell)):
                yield Candidate(name.text, row.page, name, _HEADED)
                return


def _is_aligned(cell: Span, heading: Span) -> bool:
    return abs(cell.box[0] - heading.box[0]) < 0.04 or overlap(cell.box, heading.box) > 0.5


def _keyed_name(labels: Labels, row: Row, offset: int, cell: Span) -> Span | None:
    """The name in a cell, behind "Name:" if that stands there, or in the next cell if that is all that stands there."""
    keyed = _KEYED.match(cell.text)
    start, end = offset + (keyed.end() if keyed else 0), offset + len(cell.text)
    if keyed and start >= end and (following := _next_cell(row, offset)):
        start, end = following[0], following[0] + len(following[1].text)
    return _name_in(labels, row, start, end)


def _next_cell(row: Row, offset: int) -> tuple[int, Span] | None:
    following = row.cell_at(offset)[0] + len(row.cell_at(offset)[1].text) + 1
    return row.cell_at(following) if following < len(row.text) else None


def _name_in(labels: Labels, row: Row, start: int, end: int) -> Span | None:
    """The words between two offsets, if they look like a name and are not a heading."""
    start += names.salutation(row.text[start:end])
    text = row.text[start:end]
    if (
        labels.cover(row, start, end)
        or len(fold(text)) < 3
        or names.is_other(text)
        or text.rstrip().endswith(":")
        or not re.search(r"[^\W\d_]{2}", text)
        or is_address(text)
    ):
        return None
    if sum(char.isdigit() for char in text) > 0.4 * len(fold(text)):
        return None
    return row.line.part(start, end)


def _addressed(reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The head of a block that ends in a postcode and city, is not the issuer's and stands in the upper half of the
    first page."""
    own = issuer(reading, labels)
    own_name = fold(str(own[1].value)) if own else ""
    for row in reading.on_first_page:
        if row.line.box[1] > 0.5:
            break
        for _, cell in row.cells:
            own_line = own_name and own_name in fold(cell.text)
            if is_locality(cell.text) and not own_line and (head := _head(row, cell, reading, labels, own_name)):
                yield Candidate(head[1].text, head[0].page, head[1], _ADDRESSED)


def _head(row: Row, cell: Span, reading: Reading, labels: Labels, issuers: str) -> tuple[Row, Span] | None:
    """The topmost name of the block of lines above a cell, up to the issuer's name or another address."""
    best: tuple[Row, Span] | None = None
    top, height = cell.box[1], cell.height
    for above in reversed(reading.before(row, 6)):
        for offset, other in above.cells:
            if abs(other.box[0] - cell.box[0]) < 0.02 and top - other.box[3] < 2.2 * height:
                if is_locality(other.text) or is_senders_line(other.text):
                    return best
                if issuers and fold(other.text) == issuers:
                    return best if is_address(above.text) else None
                top = other.box[1]
                if not is_address(other.text) and (name := _name_in(labels, above, offset, offset + len(other.text))):
                    best = (above, name)
    return best
