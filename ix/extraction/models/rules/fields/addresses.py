"""Addresses: the lines under a party's name by the weights learned for blocks of lines, or those beside a label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from ix.extraction.layout import Span, joined, overlap
from ix.extraction.models.rules.fields.blocks import FEATURES, Block, Vector, described
from ix.extraction.models.rules.fields.issuers import Role, supported
from ix.extraction.models.rules.fields.sides import is_counterpart
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Hit, Labels
from ix.extraction.models.rules.page.near import cell_end, starts_cell
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary import addresses
from ix.extraction.models.rules.weighing.scorer import Scorer
from ix.fields import Field

_LONGEST = 7
"""Lines of the longest address."""
# a branch's name in brackets, which stands between the lines: "(TOWN BRANCH)"
_BRANCH = re.compile(r"^\W*\([^\d]{4,}\)\W*$")
_BY_FORM = 0.35
"""Least score of a block that has the form of an address; see `page.candidates` for where these are from."""
_LABELLED = 0.8
"""Score of an address beside its label, of the label's."""


_ELSEWHERE = re.compile(r"deliver|ship", re.I)
"""Names of fields for places that are neither party's: where goods go is said beside them, or nowhere."""


def find(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Addresses beside or under the field's labels, then the party's by layout."""
    for hit, score in labels.of(field.path):
        beside = labels.once((find, hit), partial(_beside, reading, hit))
        yield from (candidate.times(_LABELLED * score) for candidate in beside)
    if _ELSEWHERE.search(field.name):
        return
    role: Role = "counterparts" if is_counterpart(field) else "issuers"
    yield from reading.once((find, role), lambda: _weighed(reading, role))


def _weighed(reading: Reading, role: Role) -> list[Candidate]:
    """Blocks of lines on the first page, and how likely each is the party's address."""
    found = described(reading, role)
    likely = Scorer.load("addresses", FEATURES).probabilities([vector for _, vector in found])
    return [
        # of blocks that only their form speaks for the likelier one still comes first
        Candidate(one.text, one.page, one.span, max(supported(each), _BY_FORM * _is_whole(vector) + each / 10))
        for (one, vector), each in zip(found, likely, strict=True)
    ]


def _is_whole(vector: Vector) -> bool:
    """Whether a block has the form of an address, whatever stands around it: right under the name, every line with a
    sign of one, and a postcode with its city."""
    block = Block(*vector[: len(Block._fields)])
    return block.localities > 0 and block.least >= 1 and block.under_name >= 0.3 and not block.stops


def _beside(reading: Reading, hit: Hit) -> list[Candidate]:
    """The address behind and under a label, if there is one."""
    # within a sentence it is no label: "sent to your address"
    if not starts_cell(hit):
        return []
    # an "address" behind the label goes with what leads to one; 99 is beyond any line's end
    count = len(hit.row.text[hit.start : hit.end].split())
    rest = hit.row.line.part(hit.start, cell_end(hit)).slice(count, 99)
    # with a colon and a number it need not look like one: "Estrada Nacional, 25, 2400-374 Leiria"
    is_said = hit.row.text[hit.end : hit.end + 2].strip().startswith(":") and re.search(r"\d", rest.text)
    head = [(hit.row, rest)] if rest.words and (is_said or addresses.is_address(rest.text)) else []
    return list(_candidate([*head, *_column(reading, hit.row, hit.row.cell_at(hit.start)[1])], 1.0))


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
    # a name or a street may be broken over two lines before the postcode comes
    complete = any(addresses.is_locality(span.text) or addresses.has_region(span.text) for span in so_far)
    return not complete and so_far[-1].text.rstrip().endswith((",", "&", "-")) and bool(re.search(r"[^\W\d_]{3}", text))


def _candidate(block: Sequence[tuple[Row, Span]], score: float) -> Iterator[Candidate]:
    if block:
        first = block[0][1]
        lead = addresses.lead(first.text)
        whole = joined([first.part(lead, len(first.text)) if lead else first, *(span for _, span in block[1:])])
        yield Candidate(whole.text, block[0][0].page, whole, score)
