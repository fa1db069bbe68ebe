"""CSV and other text whose cells are parted by `;`, a tab, `,` or `|`."""

from __future__ import annotations

import csv

from ix.errors import DocumentError
from ix.extraction.documents import Limits
from ix.extraction.documents.encodings import Decoded, decoded
from ix.extraction.documents.grid import MAX_CELLS, GridDocument, bounded, table, tidied
from ix.extraction.documents.text import is_packed
from ix.extraction.documents.textkinds import HEAD, cells, dialect, kind_of


class SeparatedFormat:
    """Separated text, its cells as the cells of a table."""

    name = "CSV"
    rank = 80
    memory = None

    def recognises(self, data: bytes) -> bool:
        text = None if is_packed(data) else decoded(data)
        return text is not None and kind_of(text.text) == "separated"

    def open(self, data: bytes, limits: Limits) -> GridDocument:
        text = decoded(data) or Decoded("")
        found = dialect(text.text[:HEAD])
        delimiter = found.delimiter if found else ";"
        # counted first: a row of millions of cells would be whole before it is looked at
        if text.text.count(delimiter) > MAX_CELLS:
            raise DocumentError(f"the text has more than {MAX_CELLS} cells", code="document_too_large")
        try:
            rows = [list(map(tidied, row)) for row in bounded(cells(text.text, delimiter), limits)]
        except csv.Error:
            raise DocumentError("the separated text is damaged, or has a cell of over 131,072 characters") from None
        return GridDocument([table(rows)], limits, text.warnings)


FORMAT = SeparatedFormat()
