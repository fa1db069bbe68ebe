"""Excel's workbooks of before 2007 (.xls), by way of calamine, which knows their values but not how they are shown:
currencies and percents of formats are missing, and dates are ISO 8601."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from ix.errors import DocumentError
from ix.extraction.documents import Limits, locked
from ix.extraction.documents.cellformats import plain_value
from ix.extraction.documents.grid import GridDocument, bounded, table, tidied, without_gaps
from ix.extraction.documents.letters import OLE

STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook\0", "Book\0"))
"""Streams of which a workbook has one (MS-XLS 2.1.2; the second is that of Excel 95), as the directory writes them."""
OTHERS = tuple(
    name.encode("utf-16-le") for name in ("WordDocument\0", "__properties_version1.0\0", "EncryptedPackage\0")
)
"""Streams of documents that may hold workbooks."""
MEMORY = 48 << 20
"""What opening one may take, bytes (48 MiB): calamine makes a sheet of all cells between the first and the last."""
FORMATS_UNKNOWN = "currencies and percents that the formats of cells show were not read: save it as .xlsx"


class XlsFormat:
    """Workbooks of Excel 5 to 2003, their values only."""

    name = "XLS"
    rank = 9
    memory = MEMORY

    def recognises(self, data: bytes) -> bool:
        holds = data.startswith(OLE) and any(name in data for name in STREAMS)
        return holds and not any(name in data for name in OTHERS)

    def open(self, data: bytes, limits: Limits) -> GridDocument:
        # imported when first needed, and nothing of it but this
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError

        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            return GridDocument(list(sections(book, limits)), limits, [FORMATS_UNKNOWN])
        except PasswordError:
            raise locked() from None
        except BaseException as error:
            # where a file is cut the library panics, which is an exception of no class that can be imported
            if isinstance(error, CalamineError) or type(error).__name__ == "PanicException":
                raise DocumentError(f"the workbook is damaged ({type(error).__name__})") from None
            raise


def sections(book: Any, limits: Limits) -> Iterator[list[str]]:
    """The lines of each sheet that is shown."""
    for number, sheet in enumerate(book.sheets_metadata):
        if str(sheet.visible).endswith("Visible") and str(sheet.typ).endswith("WorkSheet"):
            rows: Sequence[Sequence[Any]] = book.get_sheet_by_index(number).to_python()
            shown = without_gaps([tidied(plain_value(value)) for value in row] for row in rows)
            yield list(table(bounded(shown, limits)))


FORMAT = XlsFormat()
