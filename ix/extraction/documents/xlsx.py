"""Excel workbooks (.xlsx, ECMA-376 part 1, 18), read from their XML, which alone has the formats of the cells: without
them there are no currencies and no dates."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ix.errors import DocumentError
from ix.extraction.documents import Limits
from ix.extraction.documents.cellformats import BUILT_IN, GENERAL, CellFormat, cell_format, shown
from ix.extraction.documents.grid import LINES, MAX_CELLS, GridDocument, table, tidied, without_gaps
from ix.extraction.documents.packages import MEMORY, Package, directory
from ix.extraction.ranges import OPEN

MAIN = re.compile(rb"xl/workbook\d*\.xml")
SPACES = (
    "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}",
    "{http://purl.oclc.org/ooxml/spreadsheetml/main}",
)
"""Namespaces of the common and of the strict variant."""
RELATIONS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
MAX_STRINGS = 200_000
"""Most texts that cells share."""
MAX_CHARACTERS = 40_000_000
"""Characters of those texts together."""
Row = dict[int, str]


class XlsxFormat:
    """Excel 2007 and later: the sheets that are shown, each from a page of its own on, cells as they are shown."""

    name = "XLSX"
    rank = 8
    memory = MEMORY

    def recognises(self, data: bytes) -> bool:
        return MAIN.search(directory(data)) is not None

    def open(self, data: bytes, limits: Limits) -> GridDocument:
        workbook = Workbook(Package(data), limits)
        sections = list(workbook.sections())
        return GridDocument(sections, limits, workbook.warnings)


class Sheet(NamedTuple):
    """A sheet's entry in the package, and whether it is hidden."""

    entry: str
    hidden: bool


class Workbook:
    """Reads the sheets of a workbook, and counts what it leaves out."""

    def __init__(self, package: Package, limits: Limits) -> None:
        self._package, self._rows_left = package, limits.reach * LINES
        self._ends = limits.ranges.last != OPEN
        self._cells = self.hidden = self.unknown = 0
        name = next(name for name in package.names if MAIN.fullmatch(name.encode()))
        root = package.xml(name)
        self._from_1904 = any(one.get("date1904") in ("1", "true") for one in _all(root, "workbookPr"))
        self._sheets = list(self._named(root, name))
        self._texts = self._shared_texts() if "xl/sharedStrings.xml" in package.names else []
        self._formats = self._cell_formats(package.xml("xl/styles.xml"))

    @property
    def warnings(self) -> list[str]:
        """What there is to say of it."""
        hidden = [f"sheets, rows and columns that are hidden and were not read: {self.hidden}"] if self.hidden else []
        unknown = [f"formulas whose results the file does not hold: {self.unknown}"] if self.unknown else []
        return [*hidden, *unknown]

    def sections(self) -> Iterator[list[str]]:
        """The lines of each sheet that is shown."""
        for sheet in self._sheets:
            if sheet.hidden:
                self.hidden += 1
            else:
                yield list(table(without_gaps(compact(list(self._rows(sheet.entry))))))

    def _named(self, root: Any, name: str) -> Iterator[Sheet]:
        folder, file = posixpath.split(name)
        relations = self._package.xml(f"{folder}/_rels/{file}.rels")
        targets = {one.get("Id"): one.get("Target") or "" for one in (() if relations is None else relations)}
        for sheet in _all(root, "sheet"):
            identity = next(filter(None, map(sheet.get, RELATIONS)), "")
            # an absolute target begins with a slash, which `join` takes for the root
            entry = posixpath.normpath(posixpath.join("/", folder, targets.get(identity, ""))).lstrip("/")
            if entry in self._package.names and "worksheets" in entry:
                yield Sheet(entry, sheet.get("state") in ("hidden", "veryHidden"))

    def _shared_texts(self) -> list[str]:
        texts: list[str] = []
        characters = 0
        for one in self._package.elements("xl/sharedStrings.xml", _tags("si")):
            texts.append(_text(one))
            characters += len(texts[-1])
            if len(texts) > MAX_STRINGS or characters > MAX_CHARACTERS:
                raise DocumentError("the workbook has more text than is read", code="document_too_large")
        return texts

    def _cell_formats(self, styles: Any) -> list[CellFormat]:
        """The format of each style that cells have."""
        if styles is None:
            return []
        codes = {**BUILT_IN}
        codes |= {_number(one.get("numFmtId")): one.get("formatCode") or "" for one in _all(styles, "numFmt")}
        return [
            cell_format(codes.get(_number(one.get("numFmtId")), GENERAL))
            for group in _all(styles, "cellXfs")
            for one in group
        ]

    def _rows(self, entry: str) -> Iterator[Row]:
        """The cells of each row that is shown, by their columns; an empty row where some are left out."""
        hidden: set[int] = set()
        last = 0
        for element in self._package.elements(entry, _tags("col", "row")):
            # each row takes a line or more, so that what follows is behind the pages that are asked for
            if self._ends and self._rows_left <= 0:
                return
            if element.tag.endswith("}col"):
                hidden |= self._hidden_columns(element)
                continue
            number = _number(element.get("r")) or last + 1
            if last and number > last + 1:
                yield {}
            last = number
            if element.get("hidden") in ("1", "true"):
                self.hidden += 1
                continue
            row = {column: text for column, text in self._cells_of(element) if text and column not in hidden}
            self._count(row)
            yield row

    def _hidden_columns(self, element: Any) -> set[int]:
        if element.get("hidden") not in ("1", "true"):
            return set()
        first, last = _number(element.get("min")), min(_number(element.get("max")), 16_384)
        self.hidden += 1
        return set(range(first, last + 1))

    def _count(self, row: Row) -> None:
        self._cells += len(row)
        self._rows_left -= bool(row)
        if self._cells > MAX_CELLS or self._rows_left < 0:
            raise DocumentError("the workbook has more rows than fit onto the pages allowed", code="document_too_large")

    def _cells_of(self, row: Any) -> Iterator[tuple[int, str]]:
        column = 0
        for cell in row:
            found = REFERENCE.fullmatch(cell.get("r") or "")
            column = _column(found[1]) if found else column + 1
            yield column, tidied(self._shown(cell))

    def _shown(self, cell: Any) -> str:
        kind = cell.get("t") or "n"
        parts = {child.tag.rpartition("}")[2]: child for child in cell}
        if kind == "inlineStr":
            return _text(parts["is"]) if "is" in parts else ""
        value = (parts["v"].text or "") if "v" in parts else ""
        self.unknown += "f" in parts and not value
        if kind == "s":
            at = _number(value)
            return self._texts[at] if at < len(self._texts) else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return self._in_format(value, _number(cell.get("s"))) if kind == "n" else value

    def _in_format(self, value: str, style: int) -> str:
        try:
            number = float(value)
        except ValueError:
            return value
        # neither infinite nor none: formats have no place for those
        if not abs(number) < 1e15:
            return value
        return shown(number, self._formats[style] if style < len(self._formats) else CellFormat(), self._from_1904)


def compact(rows: list[Row]) -> Iterator[list[str]]:
    """The rows as lists. Columns that are empty throughout are left out: a stray cell far to the right is no reason
    for sixteen thousand of them."""
    places = {column: place for place, column in enumerate(sorted({column for row in rows for column in row}))}
    for row in rows:
        cells = [""] * (max((places[column] for column in row), default=-1) + 1)
        for column, text in row.items():
            cells[places[column]] = text
        yield cells


def _all(root: Any, name: str) -> Iterator[Any]:
    return iter(root.iter(*_tags(name)))


@cache
def _tags(*names: str) -> tuple[str, ...]:
    return tuple(space + name for space in SPACES for name in names)


def _text(element: Any) -> str:
    """The runs of a text, without how Japanese ones are pronounced."""
    if len(element) == 1 and element[0].tag in _tags("t"):
        return element[0].text or ""
    runs = (one for one in element.iter(*_tags("t")) if not one.getparent().tag.endswith("}rPh"))
    return "".join(run.text or "" for run in runs)


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 10 else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


FORMAT = XlsxFormat()
