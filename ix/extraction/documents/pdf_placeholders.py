"""PDFs whose pages only say that a reader of another kind is needed: what they hold is not on them.

Dynamic forms (XFA) are laid out by the reader from XML; only Adobe's does. Portfolios are a cover page, and the
documents are attached."""

from __future__ import annotations

import io
import re
import zlib

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ix.errors import DocumentError

COLLECTION = re.compile(rb"/Collection\s*(?:<<|\d+\s+\d+\s+R)")
"""The catalog's entry of a portfolio (ISO 32000-1, 7.11.6)."""
PACKED = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
"""The head of a stream of objects (ISO 32000-1, 7.5.7), in which the catalog may be."""
MAX_STREAMS = 50
"""Streams of objects in which the catalog is looked for, from the last one on: programs write it late, or first."""
MAX_UNPACKED = 1 << 20
"""Bytes of one stream that are looked at; a stream has 200 objects at most, in what programs write."""
COVER_PAGES = 1
"""Pages of a portfolio's cover: documents of more have something to say themselves."""


def refuse(pdf: pdfium.PdfDocument, data: bytes) -> None:
    """Raises `DocumentError` `document_placeholder` where the pages are not the document."""
    if is_dynamic_form(pdf):
        message = "the PDF is a dynamic form (XFA), which only Adobe's programs show: print it to a PDF there"
        raise DocumentError(message, code="document_placeholder")
    count = pdf.count_attachments()
    if count and len(pdf) <= COVER_PAGES and is_portfolio(readable(pdf, data)):
        message = f"the PDF is the cover of a portfolio of {count} documents: send these themselves"
        raise DocumentError(message, code="document_placeholder")


def is_dynamic_form(pdf: pdfium.PdfDocument) -> bool:
    """Whether a form of XFA has no pages of its own: it says so, or there is but one, without any field."""
    kind = pdf.get_formtype()
    if kind != pdfium_c.FORMTYPE_XFA_FOREGROUND or len(pdf) != 1:
        return bool(kind == pdfium_c.FORMTYPE_XFA_FULL)
    page = pdf[0]
    try:
        return bool(pdfium_c.FPDFPage_GetAnnotCount(page) == 0)
    finally:
        page.close()


def readable(pdf: pdfium.PdfDocument, data: bytes) -> bytes:
    """The file as it is, or decrypted where it was encrypted."""
    if pdfium_c.FPDF_GetSecurityHandlerRevision(pdf) < 0:
        return data
    plain = io.BytesIO()
    pdf.save(plain, flags=pdfium_c.FPDF_REMOVE_SECURITY)
    return plain.getvalue()


def is_portfolio(data: bytes) -> bool:
    """Whether the catalog, packed or not, names a collection."""
    if COLLECTION.search(data):
        return True
    heads = [head.end() for head in PACKED.finditer(data)]
    return any(COLLECTION.search(unpacked(data, start)) for start in (*heads[:1], *heads[-MAX_STREAMS:]))


def unpacked(data: bytes, start: int) -> bytes:
    """The beginning of a stream that starts there, packed by flate; empty where it is not."""
    try:
        return zlib.decompressobj().decompress(data[start : start + MAX_UNPACKED], MAX_UNPACKED)
    except zlib.error:
        return b""
