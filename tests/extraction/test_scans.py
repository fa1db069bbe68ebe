"""Scans as machines put them into a PDF: each kind of picture is drawn as it looks, and left to OCR."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageOps

from ix.extraction.documents import pdf_pictures
from tests.extraction import pdfs
from tests.extraction.pdfs import PARAGRAPH, Sheet, pdf
from tests.extraction.test_documents import dark_corner, marked, picture, read
from tests.extraction.test_merging import letterhead

SIZE = (400, 600)
BOX = f"/Type /XObject /Subtype /Image /Width {SIZE[0]} /Height {SIZE[1]}"


def mark() -> Image.Image:
    return marked(*SIZE).convert("L")


def encoded(data: bytes, entries: str) -> bytes:
    """An image that is packed by its own filter alone."""
    return f"<< /Length {len(data)} {BOX} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def saved(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    mark().save(buffer, kind, **options)
    return buffer.getvalue()


def fax() -> bytes:
    """The strip of a TIFF in Group 4."""
    buffer = io.BytesIO()
    mark().convert("1").save(buffer, "TIFF", compression="group4")
    tags = Image.open(buffer).tag_v2  # type: ignore[attr-defined]
    data = buffer.getvalue()[tags[273][0] : tags[273][0] + tags[279][0]]
    # Pillow writes white as 1 (PhotometricInterpretation, tag 262), so that its runs of black are white
    parameters = f"/DecodeParms << /K -1 /Columns {SIZE[0]} /Rows {SIZE[1]} /BlackIs1 {str(tags[262] == 1).lower()} >>"
    return encoded(data, f"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode {parameters}")


def inverted() -> bytes:
    return pdfs.image(ImageOps.invert(mark())).replace(b"/BitsPerComponent", b"/Decode [1 0] /BitsPerComponent")


def stencil() -> bytes:
    return pdfs.stream(mark().convert("1").tobytes(), BOX + " /ImageMask true /BitsPerComponent 1")


def grey_jpeg() -> bytes:
    return encoded(saved("JPEG"), "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode")


SCANS: dict[str, Callable[[], bytes]] = {
    "fax": fax,
    "inverted": inverted,
    "stencil": stencil,
    "JPEG": grey_jpeg,
    "JPEG 2000": lambda: encoded(saved("JPEG2000"), "/Filter /JPXDecode"),
}


@pytest.mark.parametrize("kind", SCANS)
@pytest.mark.parametrize("rotate", [0, 90])
def test_a_scan_is_drawn_dark_on_light_whatever_it_is_packed_in(kind: str, rotate: int) -> None:
    entries = f"/Rotate {rotate} /UserUnit 2"
    data = pdf(Sheet("q 300 0 0 450 0 0 cm /Im Do Q", (300, 450), entries, {"Im": SCANS[kind]()}))
    (page,) = read(data)
    assert page.unread
    assert dark_corner(picture(data)) == ("top right" if rotate else "top left")


INLINE = "q 200 0 0 60 350 600 cm BI /W 400 /H 120 /CS /G /BPC 8 /F /AHx ID " + letterhead().tobytes().hex() + "> EI Q "
MASK = pdfs.stream(
    letterhead().point([0] * 128 + [255] * 128).convert("1").tobytes(),
    "/Type /XObject /Subtype /Image /Width 400 /Height 120 /ImageMask true /BitsPerComponent 1",
)


@pytest.mark.parametrize(
    ("content", "resources"),
    [(INLINE, {}), ("q 200 0 0 60 350 600 cm /Im Do Q", {"Im": MASK})],
    ids=["inline", "stencil"],
)
def test_a_letterhead_is_left_to_ocr_whatever_image_it_is(content: str, resources: dict[str, bytes]) -> None:
    (page,) = read(pdf(Sheet(PARAGRAPH + content, resources=resources)))
    assert page.area is not None
    x0, y0, x1, y1 = page.area
    assert (350 / 600 < x0 < x1 < 550 / 600, 0.17 < y0 < y1 < 0.26) == (True, True)


def test_a_picture_of_one_colour_has_no_writing() -> None:
    assert pdf_pictures.unread(Image.new("L", (100, 100), "grey"), [(0.0, 0.0, 1.0, 1.0)], ()) is None
