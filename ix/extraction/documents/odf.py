"""OpenDocument texts and spreadsheets (.odt, .ods; ODF 1.3 part 3): what they hold in words is what a person sees, in
cells of numbers too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from ix.errors import DocumentError
from ix.extraction.documents import Limits
from ix.extraction.documents.grid import (
    MAX_CELLS,
    GridDocument,
    Section,
    left_out,
    paragraph,
    table,
    table_or_flow,
    tidied,
    tight,
    without_gaps,
)
from ix.extraction.documents.odf_looks import Looks
from ix.extraction.documents.packages import MEMORY, Package, opendocument

KINDS = frozenset((b"text", b"text-template", b"spreadsheet", b"spreadsheet-template"))
NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TEXT, TABLE, OFFICE, STYLE = (NS % name for name in ("text", "table", "office", "style"))
MAX_REPEAT = 100
"""How often one cell or row that is not empty is repeated at most; programs repeat empty ones a million times."""
PASSED = frozenset(
    ("tracked-changes", "annotation", "hidden-text", "hidden-paragraph", "sequence-decls", "forms", "shapes")
)
"""Elements whose text is not on the page: what was deleted, comments, what is hidden."""
PAGE = "\f"


class OpenDocumentFormat:
    """Texts and spreadsheets of LibreOffice and others."""

    name = "ODT, ODS"
    rank = 7
    memory = MEMORY

    def recognises(self, data: bytes) -> bool:
        return opendocument(data) in KINDS

    def open(self, data: bytes, limits: Limits) -> GridDocument:
        package, reader = Package(data), Reader()
        content = package.xml("content.xml")
        if content is None:
            raise DocumentError("the document has no content.xml, in which its text is")
        styles = package.xml("styles.xml")
        # those of the content last: they are its own
        for part in filter(lambda part: part is not None, (styles, content)):
            reader.learn(part)
        body = next(content.iter(OFFICE + "body"), ())
        if opendocument(data).startswith(b"spreadsheet"):
            found: Iterator[Section] = chain.from_iterable(map(reader.sheets, body))
        else:
            found = reader.pages(body, styles)
        return GridDocument(list(found), limits, reader.warnings)


class Reader:
    """Reads blocks of OpenDocument and counts what it leaves out."""

    def __init__(self) -> None:
        self.pictures = self.hidden = self._cells = 0
        self._looks = Looks()

    @property
    def warnings(self) -> list[str]:
        """What there is to say of it."""
        return left_out(self.pictures, self.hidden)

    def learn(self, content: Any) -> None:
        """Learns the styles, which may hide what has them."""
        self._looks.learn(content)

    def pages(self, body: Any, styles: Any) -> Iterator[Section]:
        """A text, with what stands at the head and the foot of its first kind of page."""
        master = next(styles.iter(STYLE + "master-page"), ()) if styles is not None else ()
        above = [line for part in master if _name(part) == "header" for line in self.block(part)]
        below = [line for part in master if _name(part) == "footer" for line in self.block(part)]
        page: list[str] = [*above, ""]
        for line in [*chain.from_iterable(map(self.block, body)), "", *below]:
            if line == PAGE:
                yield tight(page)
                page = []
            else:
                page.append(line)
        yield tight(page)

    def sheets(self, spreadsheet: Any) -> Iterator[Section]:
        """A section for each sheet that is shown."""
        for sheet in spreadsheet:
            if _name(sheet) == "table" and not self._is_hidden(sheet):
                # all at once: what is left out is told of when all is read
                yield list(table(without_gaps(list(map(tidied, row)) for row in self._rows(sheet))))

    def block(self, element: Any) -> list[str]:
        """The lines of what holds paragraphs, lists and tables."""
        lines: list[str] = []
        for child in element:
            name = _name(child)
            if name in PASSED or self._is_hidden(child):
                continue
            if name in ("p", "h"):
                lines += self._paragraph(child)
            elif name == "table":
                lines += table_or_flow(self._rows(child))
            elif name == "soft-page-break":
                lines.append(PAGE)
            else:
                lines += self.block(child)
        return lines

    def _paragraph(self, element: Any) -> Iterator[str]:
        frames: list[Any] = []
        text = "".join(self._pieces(element, frames))
        for number, part in enumerate(text.split(PAGE)):
            if number:
                yield PAGE
            yield from paragraph(part)
        for frame in frames:
            yield from self.block(frame)

    def _pieces(self, element: Any, frames: list[Any]) -> Iterator[str]:
        """The text of a paragraph; frames of text that hang on it go to `frames`."""
        yield element.text or ""
        for child in element:
            name = _name(child)
            self.pictures += name == "image"
            if name == "text-box":
                frames.append(child)
            elif name in MARKS:
                yield MARKS[name]
            elif name not in PASSED and not self._is_hidden(child):
                yield from self._pieces(child, frames)
            yield child.tail or ""

    def _rows(self, sheet: Any) -> Iterator[list[str]]:
        """The cells of each row that is shown, those at the end that are empty left out."""
        for child in sheet:
            name = _name(child)
            if child.get(TABLE + "visibility") in ("collapse", "filter"):
                self.hidden += name == "table-row"
            elif name == "table-row":
                cells = self._row(child)
                times = _count(child, "number-rows-repeated") if cells else 1
                self._add(len(cells) * times)
                yield from [cells] * times
            elif name in ("table-header-rows", "table-rows", "table-row-group"):
                yield from self._rows(child)

    def _row(self, row: Any) -> list[str]:
        cells: list[str] = []
        for cell in row:
            if _name(cell) in ("table-cell", "covered-table-cell"):
                shown = () if len(cell) and self._is_hidden(cell) else self.block(cell)
                lines = [line for line in shown if line != PAGE]
                cells += ["\n".join(tight(lines))] * _count(cell, "number-columns-repeated")
            self._add(_count(cell, "number-columns-repeated"))
        while cells and not cells[-1]:
            cells.pop()
        return cells

    def _add(self, cells: int) -> None:
        self._cells += cells
        if self._cells > MAX_CELLS:
            raise DocumentError(f"the tables have more than {MAX_CELLS} cells", code="document_too_large")

    def _is_hidden(self, element: Any) -> bool:
        unseen = self._looks.hides(element)
        self.hidden += unseen
        return unseen


MARKS = {"tab": "\t", "line-break": "\n", "soft-page-break": PAGE, "s": " "}


def _count(element: Any, name: str) -> int:
    value = element.get(TABLE + name) or "1"
    return min(int(value), MAX_REPEAT) if value.isdecimal() and len(value) < 9 else MAX_REPEAT


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


FORMAT = OpenDocumentFormat()
