"""Rows as bytes: CSV, JSON Lines, and rows of a sheet.

A value that came off a document is text and never a formula, wherever the file is opened."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from xml.sax.saxutils import escape

from pydantic_core import to_json

from ix.api.exports.tables import MONEY, Cell, Title

BOM = b"\xef\xbb\xbf"
"""What tells spreadsheets that a CSV file is UTF-8."""
FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")
"""First characters of what spreadsheets take for a formula, or for the beginning of a cell (OWASP, CSV Injection; ASVS
5.0, 1.2.10), full-width forms among them."""
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
LONGEST_TEXT = 32_767
"""Characters that a cell of a workbook may have (Excel specifications and limits)."""
SHOWN = 200
"""Characters of a text that a preview shows."""
MOST_DIGITS = 10**15
"""From here on a whole number does not fit a double, and stands as text."""
FIRST_DAY = date(1900, 3, 1)
"""Before it Excel counts a 29 February 1900 that never was."""
_DAY_ZERO = date(1899, 12, 30)
_SECONDS_A_DAY = 86_400
# what XML 1.0 has no way to write (2.2), and what Excel reads as an escape (ECMA-376, 22.9.2.19)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
STYLES = {"plain": 0, "money": 1, "day": 2, "moment": 3, "title": 4}
"""Numbers of the cell formats in `workbook.STYLES`."""


def comma_separated(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as CSV (RFC 4180) in UTF-8. Texts that a spreadsheet would take for a formula begin with an apostrophe;
    numbers are left as they are."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_field(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8", "replace")


def _field(cell: Cell) -> str | int | float:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return harmless(cell)
    # JSON's numbers, as they are: a minus is a sign here, and never a formula
    return "" if cell is None else cell


def harmless(text: str) -> str:
    """The text, behind an apostrophe where it is no number and begins like a formula, be that after spaces."""
    # some programs take spaces away before they look
    begins = text.lstrip(" ")[:1] or text[:1]
    return f"'{text}" if begins in FORMULA and not _NUMBER.fullmatch(text) else text


def shown(cell: Cell) -> str | int | float | bool | None:
    """The cell as JSON, for a look at it."""
    if isinstance(cell, date):
        return _field(cell)
    return f"{cell[: SHOWN - 1]}…" if isinstance(cell, str) and len(cell) > SHOWN else cell


def json_lines(values: Iterable[Any]) -> bytes:
    """Values as JSON Lines, each in a line of its own."""
    return b"".join(to_json(value) + b"\n" for value in values)


def sheet_rows(rows: Iterable[Sequence[Cell]], titles: Sequence[Title], first: int) -> Iterator[bytes]:
    """Rows of a sheet, of which the first has this number, counted from 1, under these titles."""
    names = [column_name(at) for at in range(len(titles))]
    styles = [STYLES["money"] if title.kind == MONEY else STYLES["plain"] for title in titles]
    for number, row in enumerate(rows, first):
        # what is empty is left out: most cells of a wide table are
        cells = "".join(
            _cell(cell, f"{name}{number}", style)
            for cell, name, style in zip(row, names, styles, strict=True)
            if cell is not None
        )
        yield f'<row r="{number}">{cells}</row>'.encode()


def title_row(titles: Sequence[Title]) -> bytes:
    """The first row of a sheet."""
    cells = [_text(title.name, f"{column_name(at)}1", STYLES["title"]) for at, title in enumerate(titles)]
    return f'<row r="1">{"".join(cells)}</row>'.encode()


def column_name(at: int) -> str:
    """What a sheet calls a column (0-based): A to Z, AA and so on."""
    name = ""
    while at >= 0:
        at, letter = divmod(at, 26)
        name, at = chr(ord("A") + letter) + name, at - 1
    return name


def _cell(cell: Cell, place: str, style: int) -> str:
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, datetime):
        return _number(_days(cell), place, STYLES["moment"])
    if isinstance(cell, date):
        if cell < FIRST_DAY:
            return _text(cell.isoformat(), place)
        return _number((cell - _DAY_ZERO).days, place, STYLES["day"])
    if isinstance(cell, int | float) and abs(cell) < MOST_DIGITS:
        return _number(cell, place, style)
    return _text(str(cell), place)


def _days(moment: datetime) -> float:
    # a sheet knows no time zones
    in_utc = moment.astimezone(UTC)
    seconds = in_utc.hour * 3600 + in_utc.minute * 60 + in_utc.second
    return round((in_utc.date() - _DAY_ZERO).days + seconds / _SECONDS_A_DAY, 6)


def _number(value: float, place: str, style: int) -> str:
    return f'<c r="{place}" s="{style}"><v>{value!r}</v></c>'


def _text(text: str, place: str, style: int = STYLES["plain"]) -> str:
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    clean = escape(_ESCAPE.sub("_x005F_", _FORBIDDEN.sub("\ufffd", text)))
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{clean}</t></is></c>'
