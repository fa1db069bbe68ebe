"""What is drawn on a PDF page: its text, and all else that may show writing, such as images and letters as curves.

Pages have up to a million objects, so they are walked once, by pdfium's own handles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ctypes import addressof, byref, c_int, c_uint, create_string_buffer, sizeof
from dataclasses import dataclass, field

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ix.extraction.documents import pdf_calls

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


PATTERN = (191, 191, 191)
"""The colour that pdfium gives for a pattern (`CPDF_Color::GetRGB`), beside what has that grey itself."""


@dataclass(slots=True)
class Drawn:
    """A page's objects, as pdfium's own addresses, valid while the page is open. `texts` and `images` are all there
    are, also in groups. Of the page itself, `surfaces` are those that cover more than text and lines do, and `pictures`
    those that may show writing beside its text layer, and `shapes` lines and boxes."""

    texts: list[int] = field(default_factory=list)
    images: list[int] = field(default_factory=list)
    surfaces: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    shapes: list[int] = field(default_factory=list)


def drawn(page: pdfium.PdfPage) -> Drawn:
    """The objects of a page, in the order in which they are drawn."""
    # not by pypdfium2's get_objects, which makes a Python object of each
    found, raw = Drawn(), addressof(page.raw.contents)
    for index in range(pdf_calls.count_objects(raw)):
        thing = pdf_calls.object_at(raw, index)
        kind = pdf_calls.kind_of(thing)
        if kind == TEXT:
            found.texts.append(thing)
            continue
        if kind != PATH or is_filled(thing):
            found.surfaces.append(thing)
        if sorted_in(thing, kind, found, 0):
            found.pictures.append(thing)
        elif kind == PATH:
            found.shapes.append(thing)
    return found


def sorted_in(thing: int, kind: int, found: Drawn, depth: int) -> bool:
    """Puts an object of this kind, and those in it, where they belong. Whether it may show writing beside its text."""
    if kind == TEXT:
        found.texts.append(thing)
        return False
    if kind == GROUP:
        members = (pdf_calls.member_at(thing, at) for at in range(members_of(thing, depth)))
        # every one is looked at, for its texts
        return sum(sorted_in(member, pdf_calls.kind_of(member), found, depth + 1) for member in members) > 0
    if kind == IMAGE:
        found.images.append(thing)
    return kind != PATH or pdf_calls.count_pieces(thing) > SIMPLE or is_tiled(thing)


def is_filled(path: int) -> bool:
    """Whether a path covers more than lines do."""
    pdf_calls.draw_mode(path, *_TO_MODE)
    return bool(_MODE[0] != pdfium_c.FPDF_FILLMODE_NONE)


def is_tiled(path: int) -> bool:
    """Whether a path may be filled with a pattern, which may hold writing as a group does."""
    return is_filled(path) and pdf_calls.fill(path)[:3] == PATTERN


_MODE = (c_int * 2)()
_TO_MODE = addressof(_MODE), addressof(_MODE) + sizeof(c_int)
"""Where pdfium writes how a path is filled, and whether it is stroked."""


def members_of(group: int, depth: int) -> int:
    """How many objects of a group are looked at."""
    return pdf_calls.count_members(group) if depth < MAX_DEPTH else 0


def jpx(images: Sequence[int]) -> Iterator[int]:
    """The images in JPEG 2000 (filter `JPXDecode`, ISO 32000-1, 7.4.9)."""
    # the longest name of a filter has 15 letters, and one more byte ends it
    name = create_string_buffer(16)
    for image in images:
        one = pdf_calls.handle(image)
        count = pdfium_c.FPDFImageObj_GetImageFilterCount(one)
        filters = (pdfium_c.FPDFImageObj_GetImageFilter(one, at, name, len(name)) and name.value for at in range(count))
        if b"JPXDecode" in filters:
            yield image


def pixels(image: int) -> int:
    """How many pixels an image says it has; nothing is decoded for that."""
    width, height = size(image)
    return width * height


def is_grey(page: pdfium.PdfPage, image: int) -> bool:
    """Whether an image is decoded to 8 bits a pixel or fewer; not one in JPEG 2000, which takes more for that."""
    found = pdfium_c.FPDF_IMAGEOBJ_METADATA()
    told = pdfium_c.FPDFImageObj_GetImageMetadata(pdf_calls.handle(image), page, byref(found))
    return bool(told) and 1 <= found.bits_per_pixel <= GREY_BITS and not any(jpx([image]))


def size(image: int) -> tuple[int, int]:
    """Width and height in pixels that an image says it has."""
    width, height = c_uint(), c_uint()
    pdfium_c.FPDFImageObj_GetImagePixelSize(pdf_calls.handle(image), byref(width), byref(height))
    return width.value, height.value
