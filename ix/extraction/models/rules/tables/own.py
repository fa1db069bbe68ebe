"""Tables of a client's own columns: heads, the lines under them, lines made rows, and each cell read as its column's
kind; rows without any money and of several amounts alike.

    heads ──▶ lines ──anchors──▶ rows ──readers──▶ values

The anchor is the column that every row has; a line without it goes on with the row above."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ix.extraction.layout import Span, joined
from ix.extraction.models.rules.forms.readers import Say, reader_of
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.gridded import Cut, lines_under
from ix.extraction.models.rules.tables.titled import Head, heads
from ix.extraction.models.rules.tables.transposed import read_transposed
from ix.extraction.models.rules.tables.untitled import read_untitled
from ix.fields import Field

Values = dict[str, Candidate]
Tables = list[Values]
_SCORE = 0.75
"""Score of a value under a title that surely is its column's; see `page.candidates`."""
_TYPED = frozenset(("number", "money", "date", "percentage", "identifier"))
_FITS = 0.7
"""Share of a column's cells that a kind must read, for the column to be a field's without a title that says so."""
_WRAPS = 1.9
"""Distance of a line to the one above, in heights, up to which it goes on with that one's row."""


class _Line(NamedTuple):
    cut: Cut
    values: Values


class Own(NamedTuple):
    """The rows of each table that has any, by path, over all its pages; and the positions of the lines that head them
    and of those under these."""

    rows: Mapping[str, Tables]
    heads: frozenset[int]
    lines: frozenset[int]


def read_own(tables: Sequence[Field], reading: Reading) -> Own:
    """The tables of a client's own columns. A line heads one: the one whose columns its titles name best."""
    columns = {table.path: list(_leaves(table.fields)) for table in tables}
    owners: dict[int, tuple[float, str, Head]] = {}
    for path, fields in columns.items():
        for head in heads(fields, reading) if fields else ():
            if head.row.at not in owners or head.score > owners[head.row.at][0]:
                owners[head.row.at] = head.score, path, head
    # two lists of a schema may have the same columns in different documents, and share no line of one
    found: dict[str, Tables] = {}
    headed: set[int] = set()
    lines: set[int] = set()
    for at, (_, path, head) in sorted(owners.items()):
        cuts = lines_under(head, reading, owners.keys())
        readers = [reader_of(field, reading) for field in columns[path]]
        if rows := _rows(head, cuts, columns[path], readers):
            found.setdefault(path, []).extend(rows)
            headed.update(range(at, head.last.at + 1))
            lines.update(cut.row.at for cut in cuts)
    for path, fields in columns.items():
        if not fields or path in found:
            continue
        # titles beside the lines say more than kinds alone
        if (turned := read_transposed(fields, reading, lines)).rows:
            found[path] = turned.rows
            lines.update(turned.lines)
        elif untitled := read_untitled(fields, reading, lines):
            found[path] = [row.values for row in untitled]
            lines.update(row.at for row in untitled)
    return Own(found, frozenset(headed), frozenset(lines))


def _leaves(fields: Sequence[Field]) -> Iterator[Field]:
    """The columns of rows, those of objects within them too; a list within a row is none."""
    for field in fields:
        if field.kind == "object":
            yield from _leaves(field.fields)
        elif field.kind != "rows":
            yield field


def _rows(head: Head, cuts: Sequence[Cut], fields: Sequence[Field], readers: Sequence[Say]) -> list[Values]:
    columns = _columns(head, cuts, fields, readers)
    lines = [_Line(cut, _values(cut, columns, fields, readers)) for cut in cuts]
    anchor = _anchor(lines, columns, fields)
    rows: list[list[Cut]] = []
    for at, line in enumerate(lines):
        if rows and _is_section(line.cut, rows[-1][0]):
            continue
        if rows and _goes_on(line, lines[at - 1], anchor, columns):
            rows[-1].append(line.cut)
        else:
            rows.append([line.cut])
    # read again as wholes: a name goes on in the next line
    made = (_values(_made_one(row), columns, fields, readers) for row in rows)
    return [row for row in made if row and (len(row) > 1 or len(columns) < 3)]


def _columns(head: Head, cuts: Sequence[Cut], fields: Sequence[Field], readers: Sequence[Say]) -> Mapping[int, int]:
    """The field of each column: as its title says; what is left by kind, where one field alone fits."""
    named = {at: title.field for at, title in enumerate(head.titles) if title.field is not None}
    fields_left = [at for at in range(len(fields)) if at not in named.values()]
    columns_left = [at for at in range(len(head.titles)) if at not in named]
    fits = {
        column: [field for field in fields_left if _fits(column, cuts, fields[field], readers[field])]
        for column in columns_left
    }
    pairs = list(zip(columns_left, fields_left, strict=False))
    if len(columns_left) == len(fields_left) and all(
        field in fits[column] and _in_order(column, field, named) for column, field in pairs
    ):
        # as many columns as fields are left, each of its kind and in its place
        return {**named, **dict(pairs)}
    for column, able in fits.items():
        rivals = [field for field in able if sum(field in other for other in fits.values()) == 1]
        is_last = len(columns_left) == 1 == len(fields_left)
        if len(able) == 1 == len(rivals) and (is_last or _in_order(column, able[0], named)):
            named[column] = able[0]
    return named


def _fits(column: int, cuts: Sequence[Cut], field: Field, say: Say) -> bool:
    texts = [cell.text for cut in cuts[:50] if (cell := cut.cells[column]) is not None]
    if not texts:
        return False
    read = sum(say(text) is not None for text in texts)
    # texts fit all that is no number
    if field.kind not in _TYPED:
        read = sum(any(char.isalpha() for char in text) for text in texts)
    return read >= _FITS * len(texts)


def _in_order(column: int, field: int, named: Mapping[int, int]) -> bool:
    """Whether the fields of the columns left and right of it stand before and behind it in the schema."""
    return all((other < column) == (theirs < field) for other, theirs in named.items())


def _values(cut: Cut, columns: Mapping[int, int], fields: Sequence[Field], readers: Sequence[Say]) -> Values:
    found: Values = {}
    for column, at in columns.items():
        cell = cut.cells[column]
        if cell is None or (read := readers[at](cell.text)) is None:
            continue
        whole = fields[at].kind not in _TYPED or fields[at].choices
        span = cell if whole else cell.part(read.start, max(read.end, read.start + 1))
        found[fields[at].path] = Candidate(read.value, cut.row.page, span, _SCORE)
    return found


def _anchor(lines: Sequence[_Line], columns: Mapping[int, int], fields: Sequence[Field]) -> int | None:
    """The column that rows are told by: the one of a kind that most lines have, the leftmost of equals; else the
    leftmost of words."""
    counts = {
        column: sum(fields[at].path in line.values for line in lines)
        for column, at in columns.items()
        if fields[at].kind in _TYPED
    }
    if counts and max(counts.values()) >= 0.4 * len(lines):
        return min(counts, key=lambda column: (-counts[column], column))
    return min(columns, default=None)


def _goes_on(line: _Line, before: _Line, anchor: int | None, columns: Mapping[int, int]) -> bool:
    """Whether a line goes on with the row above: it has no anchor, and stands close."""
    if anchor is None or anchor in line.cut.filled or line.cut.row.page != before.cut.row.page:
        return False
    # numbers hardly wrap
    if any(not isinstance(one.value, str) for one in line.values.values()):
        return False
    gap = line.cut.row.line.box[1] - before.cut.row.line.box[1]
    # a line that fills as much as a row does is one, though its anchor is empty
    return gap <= _WRAPS * line.cut.row.line.height and len(line.cut.filled) <= max(len(columns) // 2, 1)


def _is_section(cut: Cut, row: Cut) -> bool:
    """Whether a line is a title within the table: one cell in capitals under a row that has none."""
    text = cut.row.text
    return len(cut.filled) == 1 and text.isupper() and len(text) > 3 and not row.row.line.cells[0].text.isupper()


def _made_one(cuts: Sequence[Cut]) -> Cut:
    if len(cuts) == 1:
        return cuts[0]
    cells: list[Span | None] = []
    for column in range(len(cuts[0].cells)):
        parts = [cell for cut in cuts if (cell := cut.cells[column]) is not None]
        cells.append(joined(parts) if parts else None)
    return Cut(cuts[0].row, tuple(cells))
