"""Addresses: consecutive lines that look like parts of one, under a party's name or beside a label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from ix.extraction.layout import Span, joined, overlap
from ix.extraction.models.rules.fields.issuers import issuer
from ix.extraction.models.rules.fields.sides import is_counterpart
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Hit, Labels
from ix.extraction.models.rules.page.near import cell_end, starts_cell
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary import addresses
from ix.fields import Field
from ix.languages import merged, one_of

_LONGEST = 7
"""Lines of the longest address."""
_LEAD = re.compile(rf"^\W*(?:{one_of(merged().address_keys)}\b[\s.:]*)+(?=\S)", re.I)
# a branch's name in brackets, which stands between the lines: "(TOWN BRANCH)"
_BRANCH = re.compile(r"^\W*\([^\d]{4,}\)\W*$")


class _Weight:
    """Scores of a block of address lines; see `page.candidates` for where the numbers are from."""

    LABELLED = 0.8  # of the label's score
    UNDER_ISSUER, EACH_LINE_AWAY = 0.8, 0.04
    ELSEWHERE, EACH_LINE_DOWN = 0.5, 0.01
    LOCALITY = 0.05
    UNIT_FIRST = 0.06


def find(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Addresses beside or under the field's labels, then the issuer's."""
    for hit, score in labels.of(field.path):
        beside = labels.once((find, hit), partial(_beside, reading, hit))
        yield from (candidate.times(_Weight.LABELLED * score) for candidate in beside)
    if not is_counterpart(field):
        yield from labels.once(_issuers, lambda: list(_issuers(reading, labels)))


def _beside(reading: Reading, hit: Hit) -> list[Candidate]:
    """The address behind and under a label, if there is one."""
    if not starts_cell(hit):
        return []
    # the label's first word goes here, an "address" behind it by `_LEAD`; 99 is beyond any line's end
    rest = hit.row.line.part(hit.start, cell_end(hit)).slice(1, 99)
    head = [(hit.row, rest)] if rest.words and addresses.is_address(rest.text) else []
    return list(_candidate([*head, *_column(reading, hit.row, hit.row.cell_at(hit.start)[1])], 1.0))


def _issuers(reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Blocks of address lines on the first page, best under the issuer's name."""
    own = issuer(reading, labels)
    after = own[0].at if own else -1
    for row in reading.on_first_page:
        for _, cell in row.cells:
            if addresses.is_address(cell.text):
                block = [(row, cell), *_column(reading, row, cell)]
                yield from _candidate(block, _score(block, row.at - after))


def _score(block: Sequence[tuple[Row, Span]], distance: int) -> float:
    """How likely a block of lines is the issuer's address, so many lines below the issuer's name."""
    row, cell = block[0]
    if 0 < distance <= 5:
        score = _Weight.UNDER_ISSUER - _Weight.EACH_LINE_AWAY * distance
    else:
        score = _Weight.ELSEWHERE - _Weight.EACH_LINE_DOWN * row.at
    score += _Weight.LOCALITY * any(addresses.is_locality(span.text) for _, span in block)
    return score + _Weight.UNIT_FIRST * addresses.starts_with_unit(cell.text)


def _column(reading: Reading, row: Row, cell: Span) -> list[tuple[Row, Span]]:
    """The address lines under a cell, without a gap, up to what is no longer an address."""
    found: list[tuple[Row, Span]] = []
    bottom, height = cell.box[3], cell.height
    for below in reading.after(row, _LONGEST):
        under = next((c for _, c in below.cells_across(cell.box) if overlap(c.box, cell.box) > 0.2), None)
        if (
            under is None
            or under.box[1] - bottom > 2.0 * height
            or not _continues(under.text, [cell, *(c for _, c in found)])
        ):
            break
        found.append((below, under))
        bottom = under.box[3]
    return found


def _continues(text: str, so_far: Sequence[Span]) -> bool:
    """Whether a line goes on with an address: it looks like one, or the address has not come to its postcode yet."""
    if addresses.ends_address(text):
        return False
    if addresses.is_address(text) or addresses.has_region(text) or _BRANCH.match(text):
        return True
    complete = any(addresses.is_locality(span.text) or addresses.has_region(span.text) for span in so_far)
    return not complete and so_far[-1].text.rstrip().endswith((",", "&", "-")) and bool(re.search(r"[^\W\d_]{3}", text))


def _candidate(block: Sequence[tuple[Row, Span]], score: float) -> Iterator[Candidate]:
    if block:
        first = block[0][1]
        lead = _LEAD.match(first.text)
        whole = joined([first.part(lead.end(), len(first.text)) if lead else first, *(span for _, span in block[1:])])
        yield Candidate(whole.text, block[0][0].page, whole, score)
