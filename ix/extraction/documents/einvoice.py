"""Electronic invoices alone: XML without a page, which is laid out as text so that its values have a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ix.extraction.documents import Limits, OpenedPage
from ix.extraction.documents.grid import GridDocument
from ix.extraction.documents.plain import plain


class EInvoiceFormat:
    """XML in a syntax that invoices are written in: CII or UBL."""

    name = "electronic invoice (XML)"
    rank = 37
    memory = 256 << 20
    """What its elements take, bytes (256 MiB): the most that are read, about a kilobyte each."""

    def recognises(self, data: bytes) -> bool:
        # not before a document is none of the kinds that come first: it brings a parser of XML
        from ix.extraction.einvoice.kinds import is_einvoice

        return is_einvoice(data)

    def open(self, data: bytes, limits: Limits) -> EInvoiceDocument:
        return EInvoiceDocument(data, limits)


class EInvoiceDocument(GridDocument):
    """An invoice of which nobody has drawn a page. Its first page carries the XML itself."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        # imported with the first such document: what it takes to read one would slow every start of a process
        from ix.extraction.einvoice.reading import laid_out

        super().__init__([plain(laid_out(data))], limits)
        self._data = data

    def pages(self) -> Iterator[OpenedPage]:
        for number, page in enumerate(super().pages()):
            yield replace(page, laid_out=True, invoice=b"" if number else self._data)


FORMAT = EInvoiceFormat()
