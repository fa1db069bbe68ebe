"""A workbook (ECMA-376, SpreadsheetML) whose rows are made elsewhere: sheets as they come, in an archive that is
written while it is read.

Texts stand in their cells and not in a table of all texts, and what is known only at the end, the names of the sheets,
comes last: nothing has to be kept until then but what belongs behind another sheet."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any, cast
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ix.api.exports.forms import column_name, title_row
from ix.api.exports.tables import DATE, MOMENT, Title

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_576
"""Rows of a sheet, its titles among them (Excel specifications and limits)."""
PIECE = 256 * 1024
"""Bytes that are packed or unpacked at once."""
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# every part is a sheet but those that are named, so that this can come first, however many there will be
CONTENT_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
)
RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
# in the order of `forms.STYLES`
STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="#,##0.00##"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="166" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
    '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_WIDTHS = {MOMENT: 19, DATE: 11}
_WIDTH = 16
"""Characters that a column is wide."""


class Sheet:
    """A sheet and how far it is: `next_row` is the number of the row that comes next."""

    def __init__(self, name: str, titles: Sequence[Title]) -> None:
        self.name = name
        self.next_row = 2
        self._titles = titles

    def opening(self) -> bytes:
        """What stands before its rows, and the titles, which stay in sight."""
        columns = "".join(
            f'<col min="{at}" max="{at}" width="{_WIDTHS.get(title.kind, _WIDTH)}" customWidth="1"/>'
            for at, title in enumerate(self._titles, 1)
        )
        head = (
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
            'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{columns}</cols><sheetData>"
        )
        return head.encode() + title_row(self._titles)

    def closing(self) -> bytes:
        """What stands behind its rows."""
        last = f"{column_name(len(self._titles) - 1)}{self.next_row - 1}"
        return f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>'.encode()


class Waiting:
    """Bytes that wait on the disk, packed, until it is their turn."""

    def __init__(self, most: int) -> None:
        # for as long as the object lives: it is closed by `close`
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._packing = zlib.compressobj(1)
        self._most = most

    def write(self, data: bytes) -> None:
        """Adds bytes. Raises `OSError` where they are more than there is room for."""
        self._file.write(self._packing.compress(data))
        if self._file.tell() > self._most:
            raise OSError(f"the rows of an export take more than {self._most} bytes")

    def pieces(self) -> Iterator[bytes]:
        """All that was added, once, piece by piece."""
        self._file.write(self._packing.flush())
        self._file.seek(0)
        # unpacked in pieces as well: a row of nothing but one letter is a thousandth of itself when it is packed
        unpacking = zlib.decompressobj()
        while packed := self._file.read(PIECE):
            while packed:
                yield unpacking.decompress(packed, PIECE)
                packed = unpacking.unconsumed_tail
        yield unpacking.flush()

    def close(self) -> None:
        """Gives the room on the disk back."""
        self._file.close()


class Archive:
    """The file itself. What its methods return is the next piece of it, which may be empty: their data is packed in
    blocks."""

    def __init__(self) -> None:
        self._out = _Out()
        self._zip = ZipFile(cast(Any, self._out), "w", ZIP_DEFLATED, compresslevel=6)
        self._part: IO[bytes] | None = None
        self._names: list[str] = []

    def begin(self) -> bytes:
        """The parts that do not depend on the sheets."""
        for name, content in (("[Content_Types].xml", CONTENT_TYPES), ("_rels/.rels", RELATIONS)):
            self._zip.writestr(_entry(name), content)
        self._zip.writestr(_entry("xl/styles.xml"), STYLES)
        return self._out.take()

    def open(self, name: str) -> bytes:
        """Another sheet begins; the one before is whole."""
        self._close_part()
        self._names.append(name)
        self._part = self._zip.open(_entry(f"xl/worksheets/sheet{len(self._names)}.xml"), "w")
        return self._out.take()

    def write(self, data: bytes) -> bytes:
        """More of the sheet that was begun."""
        assert self._part is not None
        self._part.write(data)
        return self._out.take()

    def end(self) -> bytes:
        """The last sheet is whole, and so is the workbook."""
        self._close_part()
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(self._names, 1)
        )
        links = "".join(
            f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at, _ in enumerate(self._names, 1)
        )
        styles = f'<Relationship Id="rId0" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        relations = f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}{styles}</Relationships>'
        workbook = f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
        self._zip.writestr(_entry("xl/_rels/workbook.xml.rels"), relations)
        self._zip.writestr(_entry("xl/workbook.xml"), workbook)
        self._zip.close()
        return self._out.take()

    def _close_part(self) -> None:
        if self._part is not None:
            self._part.close()
            self._part = None


class _Out:
    """What the archive writes to: it cannot be gone back in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here: the pieces are taken."""

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _entry(name: str) -> ZipInfo:
    # one moment for all: the same answers give the same file
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    return entry
