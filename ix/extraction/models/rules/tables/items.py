"""Items of a table's body: lines become items by their anchors; names stand beside the anchor, above it or below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from statistics import median

from ix.extraction.layout import Span, joined, overlap
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Row
from ix.extraction.models.rules.tables.bodies import Body
from ix.extraction.models.rules.tables.headings import NUMERIC
from ix.extraction.models.rules.vocabulary.money import features
from ix.extraction.page import Box
from ix.extraction.values import Amount, find_dates
from ix.fields import Field

Values = dict[str, Candidate]
HEADED = 0.7
"""Score of a value in a table with a heading; see `page.candidates`."""
_NEAR = 0.05
"""How far an amount may stand from its column's heading, as a fraction of the page's width."""
_CLOSE = 1.6
"""Lines up to this many heights apart belong together."""
_STRAY = -0.3
"""Least overlap of an amount with the column of sums, as a fraction of the narrower one."""
_APART = 5.0
"""Counted, in heights, where no text stands above or below at all."""
DETAIL = re.compile(r"[^\W\d_]\s*[:=]\s*\S")


@dataclass
class _Line:
    """What one line of the body says: values by column and words in the naming column."""

    row: Row
    values: Values
    text: Span | None


@dataclass
class _Item:
    """An anchor's values, the lines that print them (positions among the body's lines), and the words that name it."""

    values: Values
    lines: list[int]
    name: Span | None = None


def items(body: Body) -> list[Values]:
    """The items of a body, top to bottom."""
    lines = [_Line(row, _values(row, body), _words(row, body)) for row in body.rows]
    found = _aligned(list(_anchored(lines, body)), body)
    _name(found, lines, body)
    return [_complete(item, lines, body) for item in found]


def _anchored(lines: Sequence[_Line], body: Body) -> Iterator[_Item]:
    """One item for each anchor, with the values of neighbouring lines that fill its gaps: columns may be set a little
    higher or lower."""
    used: set[int] = set()
    for at, line in enumerate(lines):
        if body.anchor.path in line.values:
            item = _Item(dict(line.values), [at], line.text)
            for other in (at - 1, at + 1):
                if _belongs(other, item, lines, used, body):
                    used.add(other)
                    item.values.update(lines[other].values)
                    item.lines.append(other)
                    item.name = item.name or lines[other].text
            yield item


def _aligned(found: list[_Item], body: Body) -> list[_Item]:
    """The items whose anchors stand under one another; a stray amount beside the column of sums is none."""
    boxes = [item.values[body.anchor.path].span.box for item in found]
    column = (
        (median(box[0] for box in boxes), 0.0, median(box[2] for box in boxes), 0.0) if boxes else (0.0, 0.0, 1.0, 0.0)
    )
    return [item for item, box in zip(found, boxes, strict=True) if overlap(box, column) > _STRAY]


def _belongs(other: int, item: _Item, lines: Sequence[_Line], used: set[int], body: Body) -> bool:
    if not 0 <= other < len(lines) or other in used:
        return False
    values = lines[other].values
    near = _gap(lines[min(other, item.lines[0])], lines[max(other, item.lines[0])]) < _CLOSE
    return near and bool(values) and body.anchor.path not in values and not values.keys() & item.values.keys()


def _name(found: Sequence[_Item], lines: Sequence[_Line], body: Body) -> None:
    """Names the items whose own lines have no words: all by the text above them, or all by the text below, whichever
    stands nearer."""
    nameless = [item for item in found if item.name is None]
    taken = {at for item in found for at in item.lines}
    above = {id(item): _text_above(item, lines, taken) for item in nameless}
    below = {id(item): _text_below(item, lines, taken) for item in nameless}
    upwards = sum(_distance_to(above[id(item)], item, lines) for item in nameless)
    downwards = sum(_distance_to(below[id(item)], item, lines) for item in nameless)
    for item in nameless:
        block = above[id(item)] if upwards <= downwards else below[id(item)]
        if block:
            item.name = lines[block[0]].text
            item.lines += block


def _text_above(item: _Item, lines: Sequence[_Line], taken: set[int]) -> list[int]:
    """The unbroken lines of text right above an item, top to bottom."""
    block: list[int] = []
    for at in range(min(item.lines) - 1, -1, -1):
        if at in taken or lines[at].text is None or (block and _gap(lines[at], lines[block[-1]]) > _CLOSE):
            break
        block.append(at)
    return block[::-1]


def _text_below(item: _Item, lines: Sequence[_Line], taken: set[int]) -> list[int]:
    """The first line of text below an item, up to the next one."""
    for at in range(max(item.lines) + 1, len(lines)):
        if at in taken:
            break
        if lines[at].text is not None:
            return [at]
    return []


def _distance_to(block: Sequence[int], item: _Item, lines: Sequence[_Line]) -> float:
    if not block:
        return _APART
    nearest = min(block, key=lambda at: abs(at - item.lines[0]))
    upper, lower = sorted((nearest, item.lines[0]))
    return min(_gap(lines[upper], lines[lower]), _APART)


def _gap(upper: _Line, lower: _Line) -> float:
    """From middle to middle, in heights of a line; far if on different pages."""
    if upper.row.page != lower.row.page:
        return 2 * _APART
    one, other = upper.row.line.box, lower.row.line.box
    return abs(other[1] + other[3] - one[1] - one[3]) / 2 / max(min(upper.row.line.height, lower.row.line.height), 1e-6)


def _complete(item: _Item, lines: Sequence[_Line], body: Body) -> Values:
    """The item with its name, continued where it wraps, and with a quantity that arithmetic finds."""
    values = dict(item.values)
    rows = [lines[at].row for at in item.lines]
    if body.naming and item.name and body.naming.path not in values:
        start = next(at for at in item.lines if lines[at].text is item.name)
        name = _wrapped(start, item.name, lines, body)
        values[body.naming.path] = Candidate(name.text, lines[start].row.page, name, HEADED)
    return {**values, **_counted(values, rows, body)}


def _wrapped(start: int, name: Span, lines: Sequence[_Line], body: Body) -> Span:
    """A name and the lines that it wraps onto: those whose first word had no room left on the line before."""
    right = _right_of_names(body)
    parts = [_clipped(name, body)]
    for at in range(start + 1, len(lines)):
        line, last = lines[at], parts[-1]
        if line.text is None or line.values or DETAIL.search(line.text.text) or _gap(lines[at - 1], line) > _CLOSE:
            break
        fits = last.box[2] + 0.01 + line.text.words[0].box[2] - line.text.words[0].box[0] < right
        if fits or abs(line.text.box[0] - last.box[0]) > 0.02:
            break
        parts.append(line.text)
    return joined(parts)


def _right_of_names(body: Body) -> float:
    """Where the column behind the names begins; the page's edge without such a heading, where nothing is known to
    wrap."""
    heading = next((column.box for column in body.columns if column.field == body.naming), None)
    cells = [cell.box[0] for cell in body.head.line.cells if heading and cell.box[0] > heading[2]]
    return min(
        [*cells, *(column.box[0] for column in body.numeric if heading and column.box[0] > heading[2])], default=1.0
    )


def _counted(values: Values, rows: Sequence[Row], body: Body) -> Values:
    """A missing quantity: the number on the item's lines that makes the price the sum."""
    prices = [path for f in body.fields if (path := f.path) in values and "price" in features(f.name.replace("_", " "))]
    missing = next((f for f in body.fields if f.kind == "number" and f.path not in values), None)
    if missing is None or len(prices) != 1 or body.anchor.path not in values or prices[0] == body.anchor.path:
        return {}
    price, total = (Decimal(str(values[path].value)) for path in (prices[0], body.anchor.path))
    for row in rows:
        for amount in row.amounts:
            # price and sum stand on the lines too: at a price of 1 the sum itself would pass for the count
            if price and amount.value * price == total and amount.value not in (price, total):
                return {
                    missing.path: Candidate(
                        scalar(amount, missing), row.page, row.line.part(amount.start, amount.end), HEADED
                    )
                }
    return {}


def _values(row: Row, body: Body) -> Values:
    """The line's values by column: amounts go to the nearest heading, where the nearest wins; dates and codes stand
    under theirs. The last amount of all is the item's sum where that has no heading of its own."""
    nearest: dict[str, tuple[float, Candidate]] = {}
    found = row.standing_amounts
    for amount, span in found:
        distance, path, wanted = min(
            ((_distance(span.box, c.box), c.field.path, c.field) for c in body.numeric), key=lambda each: each[0]
        )
        if distance <= _NEAR and _plausible(amount, wanted) and (path not in nearest or distance < nearest[path][0]):
            nearest[path] = distance, Candidate(scalar(amount, wanted), row.page, span, HEADED)
    values = {path: candidate for path, (_, candidate) in nearest.items()}
    return {**values, **_unheaded_sum(row, values, found, body), **_others(row, body)}


def _unheaded_sum(row: Row, values: Values, found: Sequence[tuple[Amount, Span]], body: Body) -> Values:
    last, span = next((pair for pair in reversed(found) if pair[0].decimals), (None, None))
    if body.sums is None or last is None or span is None or not values:
        return {}
    if any(span.box[0] <= value.span.box[2] for value in values.values()):
        return {}
    return {body.sums.path: Candidate(scalar(last, body.sums), row.page, span, HEADED)}


def _others(row: Row, body: Body) -> Values:
    """What stands under the headings of other columns than numbers and names."""
    found: Values = {}
    for column in body.columns:
        if column.field.kind not in NUMERIC and column.field != body.naming:
            for _, cell in row.cells:
                if overlap(cell.box, column.box) > 0 and (value := _value(column.field, cell.text)) is not None:
                    found[column.field.path] = Candidate(value, row.page, cell, HEADED)
    return found


def _value(wanted: Field, text: str) -> str | float | None:
    if wanted.kind == "date":
        return next((found.value.isoformat() for found in find_dates(text)), None)
    return _percentage(text) if wanted.kind == "percentage" else text


def _percentage(text: str) -> float | None:
    number = re.search(r"\d+(?:[.,]\d+)?", text)
    return float(number[0].replace(",", ".")) if number else None


def _words(row: Row, body: Body) -> Span | None:
    """The words in the naming column: under its heading, or left of all numbers if it has none."""
    heading = next((c.box for c in body.columns if c.field == body.naming), None)
    right = min((c.box[0] for c in body.numeric if not heading or c.box[0] > heading[0]), default=1.0)
    cells = [cell for cell in row.line.cells if wordy(cell) and cell.box[0] < right]
    under = next((cell for cell in cells if heading and overlap(cell.box, heading) > 0), None)
    return under or max(
        (cell for cell in cells if not heading or cell.box[0] < heading[2]), key=lambda cell: cell.box[0], default=None
    )


def _plausible(amount: Amount, wanted: Field) -> bool:
    # a small whole number near a column of money is a position or a count
    return wanted.kind == "number" or amount.decimals or amount.value >= 10


def scalar(amount: Amount, wanted: Field) -> int | float:
    """The amount as the field's type has it."""
    return int(amount.value) if wanted.json_type == "integer" else float(amount.value)


def _distance(one: Box, heading: Box) -> float:
    """How far an amount stands from a heading, sideways: the gap, or, where they overlap, a tenth of their edges'
    distance."""
    gap = max(one[0], heading[0]) - min(one[2], heading[2])
    edges = min(abs(one[0] - heading[0]), abs(one[2] - heading[2]), abs(one[0] + one[2] - heading[0] - heading[2]) / 2)
    return gap if gap > 0 else edges / 10


def wordy(cell: Span) -> bool:
    """Whether a cell holds words."""
    return _is_wordy(cell.text)


@lru_cache(maxsize=8192)
def _is_wordy(text: str) -> bool:
    letters, digits = (len(re.findall(kind, text)) for kind in (r"[^\W\d_]", r"\d"))
    return letters >= 3 and letters > digits / 2


def _clipped(cell: Span, body: Body) -> Span:
    """A name without a position number before it, nor a quantity with its unit that stands left of the names'
    heading."""
    lead = re.match(r"\d{1,4}(?:[.,]\d{1,3})?[.)]?\s+(?=[^\W\d_])", cell.text)
    if lead is None:
        return cell
    rest = cell.part(lead.end(), len(cell.text))
    heading = next((column.box[0] for column in body.columns if column.field == body.naming), 0.0)
    inside = [word for word in rest.words if word.box[2] > heading]
    return rest.slice(len(rest.words) - len(inside), len(rest.words)) if inside else rest
