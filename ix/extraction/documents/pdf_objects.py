"""What is drawn on a PDF page: its text, and all else that may show writing, such as images and letters as curves.

Pages have up to a million objects, so they are walked once, by pdfium's own handles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ctypes import byref, c_float, c_int, c_uint, create_string_buffer
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ix.extraction.page import Box

IMAGE, GROUP, PATH, TEXT, SHADING = (
    pdfium_c.FPDF_PAGEOBJ_IMAGE,
    pdfium_c.FPDF_PAGEOBJ_FORM,
    pdfium_c.FPDF_PAGEOBJ_PATH,
    pdfium_c.FPDF_PAGEOBJ_TEXT,
    pdfium_c.FPDF_PAGEOBJ_SHADING,
)
MAX_DEPTH = 20
"""Groups within each other that are looked into; pdfium itself draws no deeper than 28."""
GREY_BITS = 8
"""Bits a pixel of a grey image, or of one with a palette."""
SIMPLE = 6
"""Points of a path that draws a line or a box; letters have more."""


@dataclass(slots=True)
class Drawn:
    """A page's objects, as pdfium's own handles, valid while the page is open. `texts` and `images` are all there are,
    also in groups. Of the page itself, `surfaces` are those that cover more than text and lines do, and `pictures`
    those that may show writing beside its text layer."""

    texts: list[Any] = field(default_factory=list)
    images: list[Any] = field(default_factory=list)
    surfaces: list[Any] = field(default_factory=list)
    pictures: list[Any] = field(default_factory=list)


def drawn(page: pdfium.PdfPage) -> Drawn:
    """The objects of a page, in the order in which they are drawn."""
    # not by pypdfium2's get_objects, which makes a Python object of each
    found = Drawn()
    for index in range(pdfium_c.FPDFPage_CountObjects(page)):
        thing = pdfium_c.FPDFPage_GetObject(page, index)
        if covers(thing):
            found.surfaces.append(thing)
        if sorted_in(thing, found, 0):
            found.pictures.append(thing)
    return found


def sorted_in(thing: Any, found: Drawn, depth: int) -> bool:
    """Puts an object, and those in it, where they belong. Whether it may show writing beside its text."""
    kind = pdfium_c.FPDFPageObj_GetType(thing)
    if kind == TEXT:
        found.texts.append(thing)
        return False
    if kind == GROUP:
        members = (pdfium_c.FPDFFormObj_GetObject(thing, at) for at in range(members_of(thing, depth)))
        # every one is looked at, for its texts
        return sum(sorted_in(member, found, depth + 1) for member in members) > 0
    if kind == IMAGE:
        found.images.append(thing)
    return kind != PATH or bool(pdfium_c.FPDFPath_CountSegments(thing) > SIMPLE)


def covers(thing: Any) -> bool:
    """Whether an object covers more than text and lines do."""
    kind, mode, stroke = pdfium_c.FPDFPageObj_GetType(thing), c_int(), c_int()
    if kind == PATH:
        pdfium_c.FPDFPath_GetDrawMode(thing, byref(mode), byref(stroke))
    return bool(kind != TEXT and (kind != PATH or mode.value != pdfium_c.FPDF_FILLMODE_NONE))


def members_of(group: Any, depth: int) -> int:
    """How many objects of a group are looked at."""
    return pdfium_c.FPDFFormObj_CountObjects(group) if depth < MAX_DEPTH else 0


def jpx(images: Sequence[Any]) -> Iterator[Any]:
    """The images in JPEG 2000 (filter `JPXDecode`, ISO 32000-1, 7.4.9)."""
    # the longest name of a filter has 15 letters, and one more byte ends it
    name = create_string_buffer(16)
    for image in images:
        count = pdfium_c.FPDFImageObj_GetImageFilterCount(image)
        filters = (
            pdfium_c.FPDFImageObj_GetImageFilter(image, at, name, len(name)) and name.value for at in range(count)
        )
        if b"JPXDecode" in filters:
            yield image


def pixels(image: Any) -> int:
    """How many pixels an image says it has; nothing is decoded for that."""
    width, height = size(image)
    return width * height


def is_grey(page: pdfium.PdfPage, image: Any) -> bool:
    """Whether an image is decoded to 8 bits a pixel or fewer; not one in JPEG 2000, which takes more for that."""
    found = pdfium_c.FPDF_IMAGEOBJ_METADATA()
    told = pdfium_c.FPDFImageObj_GetImageMetadata(image, page, byref(found))
    return bool(told) and 1 <= found.bits_per_pixel <= GREY_BITS and not any(jpx([image]))


def size(image: Any) -> tuple[int, int]:
    """Width and height in pixels that an image says it has."""
    width, height = c_uint(), c_uint()
    pdfium_c.FPDFImageObj_GetImagePixelSize(image, byref(width), byref(height))
    return width.value, height.value


def bounds(thing: Any) -> Box:
    """Left, bottom, right, top of an object in points of the page's own space, whose origin is at the bottom left."""
    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    pdfium_c.FPDFPageObj_GetBounds(thing, byref(left), byref(bottom), byref(right), byref(top))
    return left.value, bottom.value, right.value, top.value
