"""Lines of text as a picture, each character in its cell: typed by pdfium, whose own Courier has all of Windows-1252,
so that no font has to be on the machine, and none be read by a process that may read no files."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

ADVANCE = 0.6
"""Width of every character of Courier, in its size."""
BASELINE = 0.8
"""Where the line stands on which characters are, as a part of their cell's height."""
LOOK_ALIKE = str.maketrans("łŁđĐħĦıŧŦ−‐‑‒―\u2009\u202f\u2007", "lLdDhHitT-----   ")
UNKNOWN = "?"
"""What is drawn for characters that the font does not have."""


def drawn(
    lines: Sequence[str], cells: tuple[int, int], cell: tuple[float, float], margin: int, dpi: int, longest: int
) -> Image.Image:
    """The lines on paper of so many `cells` across and down, `margin` of them empty around; a `cell` is so many points
    wide and high. No side of the picture is longer than `longest` pixels."""
    width, height = cells[0] * cell[0], cells[1] * cell[1]
    document = pdfium.PdfDocument.new()
    try:
        page = document.new_page(width, height)
        font = pdfium_c.FPDFText_LoadStandardFont(document, b"Courier")
        for row, line in enumerate(lines, margin):
            written = pdfium_c.FPDFPageObj_CreateTextObj(document, font, cell[0] / ADVANCE)
            pdfium_c.FPDFText_SetText(written, _utf16(line))
            pdfium_c.FPDFPageObj_Transform(written, 1, 0, 0, 1, margin * cell[0], height - (row + BASELINE) * cell[1])
            pdfium_c.FPDFPage_InsertObject(page, written)
        page.gen_content()
        # pdfium rounds sides up
        scale = min(dpi / 72, (longest - 0.5) / max(width, height))
        image: Image.Image = page.render(scale=scale, grayscale=True).to_pil().convert("L")
        return image
    finally:
        document.close()


def _utf16(line: str) -> ctypes.Array[ctypes.c_ushort]:
    data = ("".join(map(_look, line)) + "\0").encode("utf-16-le")
    return (ctypes.c_ushort * (len(data) // 2)).from_buffer_copy(data)


@lru_cache(4096)
def _look(character: str) -> str:
    """One character of the font that looks like this one, so that all that follow stand in their cells."""
    plain = character.translate(LOOK_ALIKE)
    for candidate in (plain, unicodedata.normalize("NFKD", plain)[:1]):
        if candidate and candidate.encode("cp1252", "ignore"):
            return candidate
    return UNKNOWN
