"""Functions of pdfium that are called for each object, character or point, with pdfium's objects as plain addresses: of
a typed pointer ctypes makes an object in each call, and checks it in the next, which takes longer than pdfium does."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, addressof, c_double, c_float, c_uint, c_void_p, cast, sizeof
from struct import Struct
from typing import Any

import pypdfium2.raw as pdfium_c

from ix.extraction.page import Box


def by_address(function: Any) -> Callable[..., Any]:
    """A function of pdfium that gives and takes an address, an integer, where it is declared with a pointer, and None
    where there is no object."""
    given, *taken = (c_void_p if hasattr(kind, "contents") else kind for kind in (function.restype, *function.argtypes))
    return CFUNCTYPE(given, *taken)(cast(function, c_void_p).value or 0)


def handle(address: int, kind: Any = pdfium_c.FPDF_PAGEOBJECT) -> Any:
    """What has this address, an object of a page or what `kind` says, as pdfium's own functions take it."""
    return cast(address, kind)


# Objects of a page

count_objects = by_address(pdfium_c.FPDFPage_CountObjects)
"""How many objects a page has."""
object_at = by_address(pdfium_c.FPDFPage_GetObject)
"""The object of a page with this index."""
count_members = by_address(pdfium_c.FPDFFormObj_CountObjects)
"""How many objects a group has."""
member_at = by_address(pdfium_c.FPDFFormObj_GetObject)
"""The object of a group with this index."""
kind_of = by_address(pdfium_c.FPDFPageObj_GetType)
"""What an object is, one of `FPDF_PAGEOBJ_*`."""
set_active = by_address(pdfium_c.FPDFPageObj_SetIsActive)
"""Has an object drawn with its page, or left out."""
draw_mode = by_address(pdfium_c.FPDFPath_GetDrawMode)
"""Writes how a path is filled into a `c_int`, and whether it is stroked into another."""
count_pieces = by_address(pdfium_c.FPDFPath_CountSegments)
"""How many segments a path has."""
count_marks = by_address(pdfium_c.FPDFPageObj_CountMarks)
"""How many marks are on an object (ISO 32000-1, 14.6)."""
render_mode = by_address(pdfium_c.FPDFTextObj_GetTextRenderMode)
"""How a text object is drawn, one of `FPDF_TEXTRENDERMODE_*`."""
font_of = by_address(pdfium_c.FPDFTextObj_GetFont)
"""The font of a text object."""
_bounds = by_address(pdfium_c.FPDFPageObj_GetBounds)
_fill_of_object = by_address(pdfium_c.FPDFPageObj_GetFillColor)

# Characters of a page

text_object = by_address(pdfium_c.FPDFText_GetTextObject)
"""The object that draws the character of a text page with this index."""
font_size = by_address(pdfium_c.FPDFText_GetFontSize)
"""The size of such a character's font, below zero where it stands on its head."""
slope = by_address(pdfium_c.FPDFText_GetCharAngle)
"""How far such a character is turned, radians."""
_loose_box = by_address(pdfium_c.FPDFText_GetLooseCharBox)
_glyph_box = by_address(pdfium_c.FPDFText_GetCharBox)
_fill_color = by_address(pdfium_c.FPDFText_GetFillColor)

# Outlines of a font

glyph_path = by_address(pdfium_c.FPDFFont_GetGlyphPath)
"""The outline that a font has for a character, at a size."""
count_segments = by_address(pdfium_c.FPDFGlyphPath_CountGlyphSegments)
"""How many segments an outline has; -1 where it is none."""
segment = by_address(pdfium_c.FPDFGlyphPath_GetGlyphPathSegment)
"""The segment of an outline with this index."""
segment_kind = by_address(pdfium_c.FPDFPathSegment_GetType)
"""What a segment does, one of `FPDF_SEGMENT_*`."""
segment_point = by_address(pdfium_c.FPDFPathSegment_GetPoint)
"""Writes the point that a segment goes to into two `c_float`."""

_EDGES = (c_float * 4)()
_TO_EDGES = tuple(addressof(_EDGES) + at * sizeof(c_float) for at in range(4))
"""Where pdfium writes the edges of a box, one box after another."""
_edges = Struct("4f").unpack_from
_SIDES = (c_double * 4)()
_TO_SIDES = tuple(addressof(_SIDES) + at * sizeof(c_double) for at in range(4))
"""Where it writes left, right, bottom and top of a glyph."""
_sides = Struct("4d").unpack_from
_COLOR = (c_uint * 4)()
_TO_COLOR = tuple(addressof(_COLOR) + at * sizeof(c_uint) for at in range(4))
"""Where it writes red, green, blue and alpha."""


def bounds(thing: Any) -> Box:
    """Left, bottom, right, top of an object in points of the page's own space, whose origin is at the bottom left; all
    0 where it has none."""
    if not _bounds(thing, *_TO_EDGES):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = _edges(_EDGES)
    return left, bottom, right, top


def loose_box(text: int, index: int) -> Box | None:
    """Left, bottom, right, top of a character of a text page, as high as its line; None where it has no such box."""
    if not _loose_box(text, index, _TO_EDGES[0]):
        return None
    # the order of an `FS_RECTF`
    left, top, right, bottom = _edges(_EDGES)
    return (left, bottom, right, top) if top > bottom and right > left else None


def glyph_box(text: int, index: int) -> Box | None:
    """Left, bottom, right, top of a character of a text page, as high as its glyph; None where nothing is drawn of
    it."""
    if not _glyph_box(text, index, *_TO_SIDES):
        return None
    left, right, bottom, top = _sides(_SIDES)
    return (left, bottom, right, top) if top > bottom and right > left else None


def fill(thing: int) -> tuple[int, ...]:
    """Red, green, blue and alpha with which an object is filled; all 0 where pdfium cannot tell."""
    return tuple(_COLOR) if _fill_of_object(thing, *_TO_COLOR) else (0, 0, 0, 0)


def opacity(text: int, index: int) -> int:
    """How opaque the fill of a character is, 0 to 255; opaque where pdfium cannot tell."""
    return _COLOR[3] if _fill_color(text, index, *_TO_COLOR) else 255
