"""What lies over a PDF page and is drawn with it: notes typed onto it, stamps, fields of forms, shapes.

Their words are in no text layer, and what they cover is. Flattened, they are a part of the page's content as any
other: their words are read, with boxes, and covered ones are seen to be covered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ix.errors import DocumentError

UNSEEN = {pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP}
"""Kinds that draw nothing of their own on paper: most pages that browsers print have links alone."""
MAX_LOOKED_AT = 1000
"""Annotations of a page beyond which nobody asks what kind they are: some show, surely."""
MOST = 5000
"""Annotations that a page may have: pdfium keeps about 5 kB of each until the page is closed, and the densest forms
have some hundreds of fields on a page."""
LEAST = 1
"""Width and height, pixels, of the drawing by which pdfium makes the looks of notes that come without any."""


def flatten(page: pdfium.PdfPage) -> bool:
    """Makes what shows of a page's annotations a part of its content. True where that was done: the page has to be
    loaded again then, since flattening makes its handles invalid. Raises `DocumentError` for more than `MOST`."""
    count = pdfium_c.FPDFPage_GetAnnotCount(page)
    if count > MOST:
        raise DocumentError(f"a page has {count} notes, more than the {MOST} allowed", code="document_too_large")
    if not count or (count <= MAX_LOOKED_AT and not any(shows(page, index) for index in range(count))):
        return False
    if any(lacks_look(page, index) for index in range(min(count, MAX_LOOKED_AT))):
        page.render(scale=LEAST / max(page.get_size())).close()
    hide_print_only(page, min(count, MAX_LOOKED_AT))
    # pdfium's own call: pypdfium2's is for documents with a form alone
    return bool(pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY) == pdfium_c.FLATTEN_SUCCESS)


def shows(page: pdfium.PdfPage, index: int) -> bool:
    """Whether an annotation is of a kind that is drawn."""
    with annotation(page, index) as note:
        return pdfium_c.FPDFAnnot_GetSubtype(note) not in UNSEEN


def lacks_look(page: pdfium.PdfPage, index: int) -> bool:
    """Whether a typed note says nothing of how it is drawn (no `/AP`, ISO 32000-1, 12.5.5): viewers make that up."""
    with annotation(page, index) as note:
        kind = pdfium_c.FPDFAnnot_GetSubtype(note)
        return kind == pdfium_c.FPDF_ANNOT_FREETEXT and not pdfium_c.FPDFAnnot_HasKey(note, b"AP")


def hide_print_only(page: pdfium.PdfPage, count: int) -> None:
    """Hides what a screen does not show and flattening would: annotations for print alone (flag NoView, ISO 32000-1,
    12.5.3)."""
    for index in range(count):
        with annotation(page, index) as note:
            flags = pdfium_c.FPDFAnnot_GetFlags(note)
            if flags & pdfium_c.FPDF_ANNOT_FLAG_NOVIEW:
                pdfium_c.FPDFAnnot_SetFlags(note, flags | pdfium_c.FPDF_ANNOT_FLAG_HIDDEN)


@contextmanager
def annotation(page: pdfium.PdfPage, index: int) -> Iterator[Any]:
    """A handle of one annotation of the page, given back at the end."""
    note = pdfium_c.FPDFPage_GetAnnot(page, index)
    try:
        yield note
    finally:
        if note:
            pdfium_c.FPDFPage_CloseAnnot(note)
