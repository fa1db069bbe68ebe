"""Word documents (.docx, ECMA-376 part 1, 17), read from their XML: libraries for them pass over content controls and
text boxes, in which templates of invoices have their values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from ix.errors import DocumentError
from ix.extraction.documents import Limits
from ix.extraction.documents.docx_looks import Looks
from ix.extraction.documents.grid import LINES, GridDocument, left_out, paragraph, table_or_flow, tight
from ix.extraction.documents.packages import MEMORY, Package, directory

MAIN = re.compile(rb"word/document\d*\.xml")
PART = re.compile(r"word/(document|header|footer|footnotes|endnotes)\d*\.xml")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
"""The namespace of the strict variant (ECMA-376 part 1, annex A), in which Word saves on request."""
MAX_SPAN = 100
"""Columns that one cell covers at most; Word itself allows 63."""
PASSED = frozenset(
    ("del", "delText", "instrText", "moveFrom", "rPr", "pPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "trPr", "tcPr")
)
"""Elements without a text that is seen: what was deleted, codes of fields, properties."""
PICTURES = frozenset(("blip", "imagedata"))
BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
BLANK = 8
"""Paragraphs for each line of the pages allowed: empty ones are left out, and those of a row stand side by side."""
PAGE = "\f"
"""What stands for a new page among lines."""


class DocxFormat:
    """Word 2007 and later, its pages as Word last laid them out where it says so."""

    name = "DOCX"
    rank = 6
    memory = MEMORY

    def recognises(self, data: bytes) -> bool:
        return MAIN.search(directory(data)) is not None

    def open(self, data: bytes, limits: Limits) -> GridDocument:
        package = Package(data)
        text = Text(BLANK * LINES * limits.reach, Looks(package.xml("word/styles.xml")))
        parts: dict[str, list[str]] = {}
        for name in sorted(package.names):
            if found := PART.fullmatch(name):
                parts.setdefault(found[1], []).extend(text.block(package.xml(name)))
        if not any(map(str.strip, chain.from_iterable(parts.values()))) and not text.pictures:
            raise DocumentError("the document has no text")
        # the header of all pages stands on the first one, footer and notes on the last
        order = ("header", "document", "footnotes", "endnotes", "footer")
        lines = chain.from_iterable(["", *parts.get(kind, ())] for kind in order)
        return GridDocument(sections(lines), limits, text.warnings)


class Text:
    """Reads blocks of WordprocessingML, at most so many paragraphs, and counts what it leaves out."""

    def __init__(self, paragraphs: int, looks: Looks) -> None:
        self.pictures = self.hidden = 0
        self._looks = looks
        self._left = paragraphs

    @property
    def warnings(self) -> list[str]:
        """What there is to say of it."""
        return left_out(self.pictures, self.hidden)

    def block(self, element: Any) -> list[str]:
        """The lines of what holds paragraphs and tables."""
        lines: list[str] = []
        for child in element:
            name = _name(child)
            if name == "p":
                lines += self._paragraph(child)
            elif name == "tbl":
                lines += table_or_flow(self._rows(child))
            elif name not in PASSED:
                # content controls, tracked insertions and the like hold blocks themselves
                lines += self.block(child)
        return lines

    def _paragraph(self, element: Any) -> Iterator[str]:
        self._left -= 1
        if self._left < 0:
            raise DocumentError("the document has more paragraphs than fit onto the pages", code="document_too_large")
        boxes: list[Any] = []
        text = "".join(self._pieces(element, boxes))
        for number, part in enumerate(text.split(PAGE)):
            if number:
                yield PAGE
            yield from paragraph(part)
        for box in boxes:
            yield from self.block(box)

    def _pieces(self, element: Any, boxes: list[Any]) -> Iterator[str]:
        """The text of a paragraph; text boxes that hang on it go to `boxes`."""
        for child in element:
            name = _name(child)
            if name == "t":
                yield child.text or ""
            elif name == "lastRenderedPageBreak" or (name == "br" and _value(child, "type") == "page"):
                yield PAGE
            elif name in BREAKS:
                yield BREAKS[name]
            elif name == "txbxContent":
                boxes.append(child)
            elif name == "r" and not self._looks.shows(child):
                self.hidden += 1
            elif name not in PASSED and name != "Fallback":
                # of two ways to draw one thing the first is taken (part 3, 10.2.1)
                self.pictures += name in PICTURES
                yield from self._pieces(child, boxes)

    def _rows(self, element: Any) -> Iterator[list[str]]:
        for row in _inner(element, "tr"):
            said = {_name(one) for props in row if _name(props) == "trPr" for one in props}
            # a row may be tracked as deleted, or hidden, as a whole
            if said & {"del", "hidden"}:
                self.hidden += "hidden" in said
                continue
            cells: list[str] = []
            for cell in _inner(row, "tc"):
                lines = [line for line in self.block(cell) if line != PAGE]
                span = _span(cell)
                cells += ["\n".join(tight(lines)), *[""] * (span - 1)]
            yield cells


def sections(lines: Iterator[str]) -> Iterator[Iterator[str]]:
    """The lines of each page."""
    page: list[str] = []
    for line in lines:
        if line == PAGE:
            yield iter(tight(page))
            page = []
        else:
            page.append(line)
    yield iter(tight(page))


def _inner(element: Any, wanted: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also those in content controls."""
    for child in element:
        name = _name(child)
        if name == wanted:
            yield child
        elif name not in PASSED and name not in ("tr", "tc", "p", "tbl"):
            yield from _inner(child, wanted)


def _span(cell: Any) -> int:
    """How many columns a cell covers."""
    props = (one for props in cell if _name(props) == "tcPr" for one in props if _name(one) == "gridSpan")
    value = next((_value(one, "val") for one in props), "1")
    return min(max(int(value), 1), MAX_SPAN) if value.isdecimal() and len(value) < 6 else 1


def _name(element: Any) -> str:
    """The name without its namespace: those of Word's many extensions do not matter."""
    return str(element.tag).rpartition("}")[2]


def _value(element: Any, name: str) -> str:
    return str(element.get(W + name) or element.get(STRICT + name) or "")


FORMAT = DocxFormat()
