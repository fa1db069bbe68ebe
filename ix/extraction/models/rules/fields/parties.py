"""Parties: who issued the document, and to whom. By heading, by place and by the look of a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from ix.extraction.layout import Span, joined, overlap
from ix.extraction.models.rules.page.amounts import has_money
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Hit, Labels
from ix.extraction.models.rules.page.near import cell_end, starts_cell
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary import names
from ix.extraction.models.rules.vocabulary.addresses import is_address, is_locality, is_region
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.fields import Field
from ix.languages import merged, one_of

_COUNTERPART = re.compile(one_of(merged().field_names["counterpart"]))
"""Names of fields that ask for the party addressed."""
_KEYED = re.compile(rf"^\s*{one_of(merged().name_keys)}\s*[:.]?\s*", re.I)
_SEPARATOR = re.compile(r"\s*[|·•●]\s*")
Side = Literal["issuer", "counterpart"]


def is_counterpart(field: Field) -> bool:
    """Whether a field asks for the party that the document is addressed to, or something of theirs."""
    return bool(_COUNTERPART.search(field.path.lower()))


def section_of(row: Row, labels: Labels) -> Side | None:
    """Under which party's heading of the same page a row stands; None under none."""
    heads = [
        hit
        for hit in labels.party_heads()
        if hit.row.page == row.page and hit.row.at < row.at and row.at - hit.row.at <= 8
    ]
    if not heads:
        return None
    return "counterpart" if _COUNTERPART.search(heads[-1].path.lower()) else "issuer"


def organisations(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Names under or behind the field's heading, then by the page's layout."""
    yield from _headed(field, reading, labels)
    yield from _addressed(reading, labels) if is_counterpart(field) else _issuers(reading, labels)


def persons(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """A name under or behind the field's heading; for the party addressed also the head of its address."""
    yield from _headed(field, reading, labels)
    if is_counterpart(field):
        yield from _addressed(reading, labels)


def issuer(reading: Reading, labels: Labels) -> tuple[Row, Candidate] | None:
    """The issuer by layout, with the last row of its name."""
    found = [*_issuer_rows(reading, labels), *_senders(reading)]
    top = max(found, key=lambda pair: pair[1].score, default=None)
    return top if top is not None else None


def _issuers(reading: Reading, labels: Labels) -> Iterator[Candidate]:
    for _, candidate in (*_issuer_rows(reading, labels), *_senders(reading)):
        yield candidate


def _headed(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    for hit in labels.of(field.path):
        if not starts_cell(hit):
            continue
        rest = hit.row.text[hit.end : cell_end(hit)]
        inline = re.match(r"\s*[:.]\s*", rest) or re.match(r"\s+(?=[A-Z])", rest)
        if names.trades(hit.row.text[hit.start : hit.end]) and rest.strip() and not rest.lstrip().startswith(":"):
            yield from _named_by_trade(hit)
        elif inline and (name := _name_in(labels, hit.row, hit.end + inline.end(), cell_end(hit))):
            yield Candidate(name.text, hit.row.page, name, 0.9 * hit.score)
        elif not re.search(r"[^\W\d_]{3}|\d", rest) or "/" in rest[:2]:
            yield from _under_heading(hit, reading, labels)


def _named_by_trade(hit: Hit) -> Iterator[Candidate]:
    """A label that is the first word of the name itself: "Bank of the North"."""
    name = hit.row.line.part(hit.start, cell_end(hit))
    if not names.is_other(name.text):
        yield Candidate(name.text, hit.row.page, name, 0.85 * hit.score)


def _under_heading(hit: Hit, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The first name in the heading's column, or, behind it, in the next cell."""
    offset, cell = hit.row.cell_at(hit.start)
    right = next(((at, c) for at, c in hit.row.cells if at > offset), None)
    if right and (name := _name_in(labels, hit.row, right[0], right[0] + len(right[1].text))):
        yield Candidate(name.text, hit.row.page, name, 0.6 * hit.score)
    for row in reading.after(hit.row, 5):
        for at, below in row.cells:
            start = at + (keyed.end() if (keyed := _KEYED.match(below.text)) else 0)
            aligned = abs(below.box[0] - cell.box[0]) < 0.04 or overlap(below.box, cell.box) > 0.5
            if aligned and keyed and start >= at + len(below.text):
                following = next(((a, c) for a, c in row.cells if a > at), None)
                start, below = (following[0], following[1]) if following else (start, below)
                at = start
            if aligned and (name := _name_in(labels, row, start, at + len(below.text))):
                yield Candidate(name.text, row.page, name, 0.9 * hit.score)
                return


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


def _issuer_rows(reading: Reading, labels: Labels) -> Iterator[tuple[Row, Candidate]]:
    first = [row for row in reading.rows if row.page == 0][:16]
    for place, row in enumerate(first):
        if has_money(row):
            continue
        for offset, cell in row.cells:
            if _is_counterparts(row, offset, labels) or _greeted(first[:place], cell, labels):
                continue
            if name := names.bare(_before_address(cell)):
                tail = _tail(first[place + 1 : place + 2], cell)
                score = _issuer_score(reading, first, place, cell) + 0.25 * bool(tail and not names.has_form(name.text))
                whole = joined([name, tail]) if tail else name
                last = first[place + 1] if tail else row
                yield last, Candidate(whole.text, row.page, whole, min(score, 1.0))


def _before_address(cell: Span) -> Span:
    """The name in a sender's line; any other cell as it is."""
    return cell.part(0, len(_SEPARATOR.split(cell.text)[0])) if _is_senders_line(cell.text) else cell


def _is_senders_line(text: str) -> bool:
    """Whether a line is a name with its address behind it: "Acme GmbH · Hauptstr. 1 · 12345 Stadt"."""
    name, *rest = _SEPARATOR.split(text)
    return bool(name) and any(is_address(part) or is_locality(part) for part in rest)


def _is_counterparts(row: Row, offset: int, labels: Labels) -> bool:
    """Whether a cell begins with a label of the party addressed, as in "Customer: Acme Ltd"."""
    return any(
        _COUNTERPART.search(hit.path.lower()) and hit.row.cell_at(hit.start)[0] == offset and starts_cell(hit)
        for hit in labels.on(row)
    )


def _greeted(above: Sequence[Row], cell: Span, labels: Labels) -> bool:
    """Whether a form of address, or a label of the party addressed, stands alone on the line above: "Firma", "Bill
    to:"."""
    for row in above[-1:]:
        for offset, other in row.cells:
            if abs(other.box[0] - cell.box[0]) < 0.02:
                return names.salutation(other.text) == len(other.text) or _is_counterparts(row, offset, labels)
    return False


def _tail(following: Sequence[Row], cell: Span) -> Span | None:
    """A legal form that stands alone on the next line, under the name."""
    for row in following:
        for _, below in row.cells:
            name = names.bare(below) or below
            if overlap(below.box, cell.box) > 0.3 and names.is_form(name.text):
                return name
    return None


def _issuer_score(reading: Reading, first: Sequence[Row], place: int, cell: Span) -> float:
    text = cell.text
    letters = [char for char in text if char.isalpha()]
    if len(letters) < 0.5 * len(fold(text)):
        return 0.0
    score = 0.34 - 0.025 * place + 0.1 * min(max(cell.height / max(reading.text_height, 1e-6) - 1.0, 0.0), 1.5)
    score += (
        0.35 * bool(names.has_form(text))
        + 0.06 * bool(names.trades(text))
        + 0.1 * all(char.isupper() for char in letters)
    )
    score += _followed_by_address(first[place + 1 : place + 5], cell)
    return (
        score
        - _no_name(text)
        - 0.15 * (len(letters) < 5)
        - 0.2 * (cell.words[0].text[:1].islower())
        - 0.2 * text.startswith("(")
    )


def _no_name(text: str) -> float:
    """Less for a person and for a line of an address; words such as "park" and "building" alone stand in names as
    well."""
    if is_region(text):
        return 0.4
    return (0.4 if re.search(r"[\d,]", text) else 0.1) * is_address(text) + 0.2 * bool(names.salutation(text))


def _followed_by_address(following: Sequence[Row], cell: Span) -> float:
    """More for a name above a registration number and an address, the nearer the better."""
    score = 0.0
    for distance, row in enumerate(following):
        under = [below.text for below in row.line.cells if overlap(below.box, cell.box) > 0]
        if any(map(is_address, under)):
            return score + 0.2 - 0.025 * distance
        score += 0.12 * (distance < 2 and any(names.is_registration(text) for text in under))
    return score


def _senders(reading: Reading) -> Iterator[tuple[Row, Candidate]]:
    """The name before the address in a sender's line: "Acme GmbH | Hauptstr. 1 | 12345 Stadt"; and names with a legal
    form further down."""
    for row in reading.rows:
        if row.page:
            break
        parts = list(
            re.finditer(
                r"[^|·•●–,]+?(?=\s*(?:[|·•●–,]|\s-\s|$))", row.text.split(" - ")[0] if " - " in row.text else row.text
            )
        )
        if parts and is_address(row.text) and names.has_form(parts[0].group()) and not is_address(parts[0].group()):
            span = row.line.part(parts[0].start(), parts[0].end())
            name = span.text.strip(" |·•●–,-")
            yield row, Candidate(name, row.page, span, 0.75)


def _addressed(reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The head of a block that ends in a postcode and city, is not the issuer's and stands in the upper half of the
    first page."""
    own = issuer(reading, labels)
    own_name = fold(str(own[1].value)) if own else ""
    for row in reading.rows:
        if row.page or row.line.box[1] > 0.5:
            break
        for _, cell in row.cells:
            if (
                is_locality(cell.text)
                and not (own_name and own_name in fold(cell.text))
                and (head := _head(row, cell, reading, labels, own_name))
            ):
                yield Candidate(head[1].text, head[0].page, head[1], 0.5)


def _head(row: Row, cell: Span, reading: Reading, labels: Labels, issuers: str) -> tuple[Row, Span] | None:
    """The topmost name of the block of lines above a cell, up to the issuer's name or another address."""
    best: tuple[Row, Span] | None = None
    top, height = cell.box[1], cell.height
    for above in reversed([other for other in reading.on_page(row) if other.at < row.at][-6:]):
        for offset, other in above.cells:
            if abs(other.box[0] - cell.box[0]) < 0.02 and top - other.box[3] < 2.2 * height:
                if is_locality(other.text) or _is_senders_line(other.text):
                    return best
                if issuers and fold(other.text) == issuers:
                    return best if is_address(above.text) else None
                top = other.box[1]
                if not is_address(other.text) and (name := _name_in(labels, above, offset, offset + len(other.text))):
                    best = (above, name)
    return best
