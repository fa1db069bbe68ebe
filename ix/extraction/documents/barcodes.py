"""QR and bar codes in pictures of pages, by zxing-cpp."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ix.extraction.page import Code

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = "QRCode|DataMatrix|Aztec|PDF417|Code128"
"""What business documents carry more than an article's number in; each further kind takes time on every page."""
SQUARE_FORMATS = "QRCode|DataMatrix|Aztec"
MAX_CODES = 20
"""Codes of a page that are kept."""
MAX_TEXT = 4300
"""Longest text of a code, characters: a QR code holds at most 4,296 (ISO 18004)."""


@cache
def _formats(names: str) -> Any:
    import zxingcpp

    return zxingcpp.barcode_formats_from_str(names)


def codes_in(image: Image, formats: str = FORMATS, *, inverted: bool = False) -> list[Code]:
    """The codes in a picture of a page, boxes as fractions of it; `inverted` looks for light ones on dark as well,
    which takes twice the time."""
    # imported when the first page is drawn: children that read text alone do without
    import zxingcpp

    found = zxingcpp.read_barcodes(image.convert("L"), formats=_formats(formats), try_invert=inverted)
    # those without a text hold bytes, which nobody here could read
    return [_code(one, image) for one in found[:MAX_CODES] if one.text]


def _code(found: Any, image: Image) -> Code:
    at = found.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    across = [min(max(corner.x / image.width, 0.0), 1.0) for corner in corners]
    down = [min(max(corner.y / image.height, 0.0), 1.0) for corner in corners]
    return Code(found.text[:MAX_TEXT], str(found.format), (min(across), min(down), max(across), max(down)))
