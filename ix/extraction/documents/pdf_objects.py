"""What is drawn on a PDF page beside text: images, groups of objects, filled areas.

Pages have up to a million objects, so they are walked once, by pdfium's own handles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ctypes import byref, c_float, c_int, c_uint, create_string_buffer
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ix.extraction.page import Box

IMAGE, GROUP, PATH, TEXT = (
    pdfium_c.FPDF_PAGEOBJ_IMAGE,
    pdfium_c.FPDF_PAGEOBJ_FORM,
    pdfium_c.FPDF_PAGEOBJ_PATH,
    pdfium_c.FPDF_PAGEOBJ_TEXT,
)


def surfaces(page: pdfium.PdfPage) -> list[Any]:
    """The objects of a page that cover more than text and lines do, in the order in which they are drawn: pdfium's own
    handles, valid while the page is open."""
    # not by pypdfium2's get_objects, which makes a Python object of each
    mode, stroke, found = c_int(), c_int(), []
    for index in range(pdfium_c.FPDFPage_CountObjects(page)):
        thing = pdfium_c.FPDFPage_GetObject(page, index)
        kind = pdfium_c.FPDFPageObj_GetType(thing)
        if kind == PATH:
            pdfium_c.FPDFPath_GetDrawMode(thing, byref(mode), byref(stroke))
        if kind != TEXT and (kind != PATH or mode.value != pdfium_c.FPDF_FILLMODE_NONE):
            found.append(thing)
    return found


def images(things: Iterable[Any]) -> Iterator[Any]:
    """The images among these objects, and in groups among them, but not in groups within groups."""
    for thing in things:
        kind = pdfium_c.FPDFPageObj_GetType(thing)
        if kind == IMAGE:
            yield thing
        elif kind == GROUP:
            members = (
                pdfium_c.FPDFFormObj_GetObject(thing, at) for at in range(pdfium_c.FPDFFormObj_CountObjects(thing))
            )
            yield from (member for member in members if pdfium_c.FPDFPageObj_GetType(member) == IMAGE)


def pixels(image: Any) -> int:
    """How many pixels an image says it has; nothing is decoded for that."""
    width, height = size(image)
    return width * height


def size(image: Any) -> tuple[int, int]:
    """Width and height in pixels that an image says it has."""
    width, height = c_uint(), c_uint()
    pdfium_c.FPDFImageObj_GetImagePixelSize(image, byref(width), byref(height))
    return width.value, height.value


def is_jpx(image: Any) -> bool:
    """Whether an image is JPEG 2000 (filter `JPXDecode`, ISO 32000-1, 7.4.9)."""
    # the longest name of a filter has 15 letters, and one more byte ends it
    name = create_string_buffer(16)
    count = pdfium_c.FPDFImageObj_GetImageFilterCount(image)
    filters = (pdfium_c.FPDFImageObj_GetImageFilter(image, at, name, len(name)) and name.value for at in range(count))
    return b"JPXDecode" in filters


def bounds(thing: Any) -> Box:
    """Left, bottom, right, top of an object in points of the page's own space, whose origin is at the bottom left."""
    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    pdfium_c.FPDFPageObj_GetBounds(thing, byref(left), byref(bottom), byref(right), byref(top))
    return left.value, bottom.value, right.value, top.value
