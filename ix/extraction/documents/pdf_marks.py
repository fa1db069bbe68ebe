"""Text that a PDF gives in place of what it draws (`/ActualText`, ISO 32000-1, 14.9.4): meant for hyphens, ligatures
and initials that are pictures, and as well able to say 100.00 where 900.00 is seen. So digits count as they are
drawn."""

from __future__ import annotations

from collections.abc import Iterable
from ctypes import byref, c_ulong, c_ushort

import pypdfium2.raw as pdfium_c

from ix.extraction.documents import pdf_calls

KEY = b"ActualText"
MOST_MARKS = 30
"""Marks of one object that are looked at, one within another."""


def take_digits_as_drawn(texts: Iterable[int]) -> None:
    """Has the objects that draw text say themselves what they say, where the document would give digits for them. To be
    called before the page's characters are listed."""
    for text in texts:
        # hardly any object is marked, and every one is asked
        for at in range(min(pdf_calls.count_marks(text), MOST_MARKS)):
            mark = pdfium_c.FPDFPageObj_GetMark(pdf_calls.handle(text), at)
            if any(map(str.isdigit, said(mark))):
                pdfium_c.FPDFPageObjMark_RemoveParam(pdf_calls.handle(text), mark, KEY)


def said(mark: pdfium_c.FPDF_PAGEOBJECTMARK) -> str:
    """What a mark says in place of what it is on; empty for most."""
    size = c_ulong()
    if not pdfium_c.FPDFPageObjMark_GetParamStringValue(mark, KEY, None, 0, byref(size)) or size.value <= 2:
        return ""
    units = (c_ushort * (size.value // 2))()
    pdfium_c.FPDFPageObjMark_GetParamStringValue(mark, KEY, units, size.value, byref(size))
    return bytes(units).decode("utf-16-le", "replace")
