"""Parties: who issued the document, and to whom. By the weights learned for names, by headings and labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ix.extraction.layout import Span, overlap
from ix.extraction.models.rules.fields.issuers import Likely, Role, is_crossed, supported, weighed
from ix.extraction.models.rules.fields.names import BESIDE, Name
from ix.extraction.models.rules.fields.naming import Vector, described, labelled
from ix.extraction.models.rules.fields.sides import is_counterpart, sells
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Hit, Labels
from ix.extraction.models.rules.page.near import cell_end, starts_cell
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary import names, parties
from ix.extraction.models.rules.vocabulary.addresses import is_address
from ix.extraction.models.rules.vocabulary.captions import is_caption
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.fields import Field

_HEADED = 0.9
"""Score of a name behind or under its heading; see `page.candidates` for where these numbers are from."""
_NAMED_BY_TRADE = 0.85
_RIGHT_OF_HEADING = 0.6
_FAR = 0.5
"""Share of the score of a name further down under a heading that has one beside it."""
_SURE, _BESIDE_LABELLED = 0.6, 0.95
"""From what score a labelled name is taken for the party's, and the share of it that others keep at most."""


def organisations(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Names of the first page by learned weights, for which a label of the field is a heading; and names that its
    labels announce elsewhere."""
    announced = list(_headed(field, reading, labels))
    yield from announced
    role: Role = "counterparts" if is_counterpart(field) else "issuers"
    top = max((one.score for one in announced), default=0.0)
    starts = {_start(one.page, one.span) for one in announced}
    crossed = labels.once(_crossed, lambda: _crossed(labels.fields, reading))
    for name, likely in _weighed(reading, role, announced, crossed):
        score = supported(likely)
        # what stands under a label is the party's, whatever else on the page may look like it
        if top >= _SURE and _start(name.first.page, name.span) not in starts:
            score = min(score, _BESIDE_LABELLED * top)
        yield Candidate(name.text, name.first.page, name.span, score)


def persons(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """A name under or behind the field's heading; for the party addressed also one by learned weights."""
    if is_counterpart(field):
        yield from organisations(field, reading, labels)
    else:
        yield from _headed(field, reading, labels)


def _crossed(fields: Sequence[Field], reading: Reading) -> bool:
    """Whether headings are those of an order: the schema addresses who sells, and so do the pages."""
    addressed = [field for field in fields if field.kind == "organisation" and is_counterpart(field)]
    return any(sells(field.labels) for field in addressed) and is_crossed(reading)


def _weighed(reading: Reading, role: Role, announced: Sequence[Candidate], crossed: bool) -> list[Likely]:
    scores: dict[tuple[int, int], float] = {}
    for one in announced:
        start = _start(one.page, one.span)
        scores[start] = max(scores.get(start, 0.0), one.score)
    found = described(reading, crossed)
    return weighed([_with_label(pair, role, scores) for pair in found] if scores else found, reading, role, crossed)


def _with_label(pair: tuple[Name, Vector], role: Role, scores: dict[tuple[int, int], float]) -> tuple[Name, Vector]:
    name, vector = pair
    score = scores.get(_start(name.first.page, name.span))
    return (name, labelled(vector, role == "issuers", score)) if score else pair


def _start(page: int, span: Span) -> tuple[int, int]:
    return page, span.indices[0]


def _headed(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    for hit, score in labels.of(field.path):
        named = labels.once((_named, hit), lambda hit=hit: list(_named(hit, reading, labels)))  # type: ignore[misc]
        yield from (candidate.times(score) for candidate in named)


def _named(hit: Hit, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The names behind a heading, or beside it and under it."""
    # nor is the A of "15270 A Coruña" the word that a name follows
    if not starts_cell(hit) or hit.is_only_a_word:
        return
    rest = hit.row.text[hit.end : cell_end(hit)]
    inline = re.match(r"\s*[:.]\s*", rest) or re.match(r"\s+(?=[A-Z])", rest)
    if names.trades(hit.row.text[hit.start : hit.end]) and rest.strip() and not rest.lstrip().startswith(":"):
        yield from _named_by_trade(hit)
    elif inline and (name := _name_in(labels, hit.row, hit.end + inline.end(), cell_end(hit))):
        yield Candidate(name.text, hit.row.page, name, _HEADED)
    elif not re.search(r"[^\W\d_]{3}|\d", rest) or "/" in rest[:2]:
        beside = list(_beside_heading(hit, labels))
        yield from beside
        # what stands right beside it is its value, and what stands under it another key
        if not any(one.score >= _HEADED for one in beside):
            under = list(_under_heading(hit, reading, labels))
            # where names stand under headings, they stand in the very next line
            nearest = {word for row in reading.after(hit.row, 1) for word in row.line.words}
            is_far = beside and not any(nearest.issuperset(one.span.words) for one in under)
            yield from (one.times(_FAR) if is_far else one for one in under)


def _named_by_trade(hit: Hit) -> Iterator[Candidate]:
    """A label that is the first word of the name itself: "Bank of the North"."""
    name = hit.row.line.part(hit.start, cell_end(hit))
    if not names.is_other(name.text):
        yield Candidate(name.text, hit.row.page, name, _NAMED_BY_TRADE)


def _beside_heading(hit: Hit, labels: Labels) -> Iterator[Candidate]:
    """The name in the next cell of the heading's line."""
    offset, heading = hit.row.cell_at(hit.start)
    right = _next_cell(hit.row, offset)
    if right and (name := _name_in(labels, hit.row, right[0], right[0] + len(right[1].text))):
        near = right[1].box[0] - heading.box[2] < BESIDE
        yield Candidate(name.text, hit.row.page, name, _HEADED if near else _RIGHT_OF_HEADING)


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
    keyed = parties.keyed(f"{cell.text} x")
    start, end = offset + keyed, offset + len(cell.text)
    if keyed and start >= end and (following := _next_cell(row, offset)):
        start, end = following[0], following[0] + len(following[1].text)
    return _name_in(labels, row, start, end)


def _next_cell(row: Row, offset: int) -> tuple[int, Span] | None:
    following = row.cell_at(offset)[0] + len(row.cell_at(offset)[1].text) + 1
    return row.cell_at(following) if following < len(row.text) else None


def _name_in(labels: Labels, row: Row, start: int, end: int) -> Span | None:
    """The words between two offsets, if they look like a name and are not a heading."""
    start += parties.keyed(row.text[start:end])
    start += names.salutation(row.text[start:end])
    text = row.text[start:end]
    if (
        labels.cover(row, start, end)
        or len(fold(text)) < 3
        or names.is_other(text)
        or is_caption(text)
        or text.rstrip().endswith(":")
        or text.startswith("(")
        or not re.search(r"[^\W\d_]{2}", text)
        or is_address(text)
    ):
        return None
    if sum(char.isdigit() for char in text) > 0.4 * len(fold(text)):
        return None
    return row.line.part(start, end)
