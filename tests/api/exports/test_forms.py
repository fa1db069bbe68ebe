"""Cells in each form, and workbooks with more rows than a sheet has."""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, date, datetime

import pytest
from python_calamine import CalamineWorkbook

from ix.api.exports import book as books
from ix.api.exports import workbook
from ix.api.exports.book import Book
from ix.api.exports.forms import LONGEST_TEXT, column_name, comma_separated, harmless, sheet_rows
from ix.api.exports.tables import Cell, Title
from ix.api.exports.workbook import Waiting


@pytest.mark.parametrize(
    "text", ["=1", "+49 30", "-x", "@a", "\tx", "\r", "\nx", "\0", "＝1", "＠a", "  =1", "-1-1", "--1"]
)
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "x", "-12.50", "-1,5", "1=1", "'=1", "a\t"])
def test_what_does_not_is_left_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_rows_are_read_again_by_any_reader_of_csv() -> None:
    row: list[Cell] = ['a "b", c', "two\nlines", -8.79, True, None, date(2026, 1, 2)]
    [found] = csv.reader(io.StringIO(comma_separated([row]).decode(), newline=""))
    assert found == ['a "b", c', "two\nlines", "-8.79", "true", "", "2026-01-02"]


def cells_of(*cells: Cell) -> list[object]:
    """The cells as a reader of workbooks finds them."""
    titles = [Title(f"c{at}", "text") for at, _ in enumerate(cells)]
    book = Book("Jobs", titles)
    whole = book.begin() + book.add([b"".join(sheet_rows([cells], titles, 2))], [1]) + b"".join(book.end())
    return list(CalamineWorkbook.from_filelike(io.BytesIO(whole)).get_sheet_by_name("Jobs").to_python()[1])


def test_cells_have_types_and_nothing_is_a_formula() -> None:
    text = '=HYPERLINK("x") <&> _x000D_ \x0b\ud800 end '
    moment = datetime(2026, 11, 2, 9, 30, 15, tzinfo=UTC)
    found = cells_of(text, 1.5, -2, True, date(2026, 11, 2), moment, 2**60, date(1899, 5, 1), "x" * 40_000)
    assert found[0] == '=HYPERLINK("x") <&> _x000D_ \ufffd\ufffd end '
    assert found[1:5] == [1.5, -2, True, date(2026, 11, 2)]
    assert isinstance(found[5], datetime)
    assert abs(found[5].replace(tzinfo=UTC) - moment).total_seconds() < 0.01
    assert found[6:8] == [str(2**60), "1899-05-01"]
    assert (len(str(found[8])), str(found[8])[-1]) == (LONGEST_TEXT, "…")


def test_columns_are_called_as_in_every_sheet() -> None:
    assert [column_name(at) for at in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_ROWS", 4)
    titles = [Title("n", "number")]
    book = Book("Jobs", titles, titles)
    pieces = [book.begin()]
    for number in range(3):
        counts = [2, 1]
        if (piece := book.make_room(counts)) is not None:
            pieces.append(piece)
        tables = [
            b"".join(sheet_rows([[number]] * count, titles, first)) for count, first in zip(counts, book.next_rows)
        ]
        pieces.append(book.add(tables, counts))
    whole = CalamineWorkbook.from_filelike(io.BytesIO(b"".join([*pieces, *book.end()])))
    assert whole.sheet_names == ["Jobs", "Jobs 2", "Jobs 3", "Lines"]
    rows = {name: whole.get_sheet_by_name(name).to_python()[1:] for name in whole.sheet_names}
    assert rows == {"Jobs": [[0], [0]], "Jobs 2": [[1], [1]], "Jobs 3": [[2], [2]], "Lines": [[0], [1], [2]]}
    book.close()


def test_what_waits_has_a_limit_and_comes_back_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "PIECE", 1000)
    waiting = Waiting(10_000)
    waiting.write(b"a" * 100_000)
    waiting.write(b"b")
    pieces = list(waiting.pieces())
    assert b"".join(pieces) == b"a" * 100_000 + b"b"
    assert max(map(len, pieces)) <= 1000
    waiting.close()
    small = Waiting(10)
    with pytest.raises(OSError, match="more than 10 bytes"):
        small.write(random.randbytes(300_000))
    small.close()
