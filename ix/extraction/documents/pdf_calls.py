"""Functions of pdfium that are called for each character or point, with pdfium's objects as plain addresses: of a typed
pointer ctypes makes an object in each call, and checks it in the next, which takes longer than pdfium does."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_float, c_int, c_void_p, cast
from typing import Any

import pypdfium2.raw as pdfium_c


def by_address(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of pdfium with other types than it is declared with: an address is a `c_void_p`, which is an integer,
    or None where there is no object."""
    return CFUNCTYPE(result, *arguments)(cast(function, c_void_p).value or 0)


text_object = by_address(pdfium_c.FPDFText_GetTextObject, c_void_p, c_void_p, c_int)
"""The object that draws the character of a text page with this index."""
loose_box = by_address(pdfium_c.FPDFText_GetLooseCharBox, c_int, c_void_p, c_int, c_void_p)
"""Writes the box of such a character into an `FS_RECTF`; 0 where there is none."""
fill_color = by_address(pdfium_c.FPDFText_GetFillColor, c_int, c_void_p, c_int, *[c_void_p] * 4)
"""Writes red, green, blue and alpha of such a character into four `c_uint`; 0 where there is none."""
glyph_path = by_address(pdfium_c.FPDFFont_GetGlyphPath, c_void_p, c_void_p, c_int, c_float)
"""The outline that a font has for a character, at a size."""
count_segments = by_address(pdfium_c.FPDFGlyphPath_CountGlyphSegments, c_int, c_void_p)
"""How many segments an outline has; -1 where it is none."""
segment = by_address(pdfium_c.FPDFGlyphPath_GetGlyphPathSegment, c_void_p, c_void_p, c_int)
"""The segment of an outline with this index."""
segment_kind = by_address(pdfium_c.FPDFPathSegment_GetType, c_int, c_void_p)
"""What a segment does, one of `FPDF_SEGMENT_*`."""
segment_point = by_address(pdfium_c.FPDFPathSegment_GetPoint, c_int, c_void_p, c_void_p, c_void_p)
"""Writes the point that a segment goes to into two `c_float`."""
