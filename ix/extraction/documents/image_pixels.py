"""Pixels of pictures as OCR wants them: no more of them than needed, dark on light, of 8 bits, and what can be saved of
files that are cut off."""

from __future__ import annotations

import io
import math
from contextlib import suppress

from PIL import Image

from ix.extraction.documents.image_kinds import is_jpeg

BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, RuntimeError, ArithmeticError)
"""What Pillow's decoders raise over broken files; they have no common class for it."""
SHRINKS = {"JPEG": 3, "JPEG2000": 5}
"""How often a kind can be halved while it is decoded: libjpeg decodes to an eighth, encoders of JPEG 2000 store five
halved versions unless they are told otherwise."""
END_OF_IMAGE = b"\xff\xd9"
"""The marker that ends a JPEG (ISO 10918-1, table B.1)."""
FILLER = 128
"""What libjpeg gives for a sample that is missing; of other kinds it is the 0 that Pillow begins with."""
OPAQUE = 128
"""Alpha from which a pixel counts as ink, of 255."""
LIGHT = 200
"""Grey value from which ink does not show on white, of 255."""
LIGHT_SHARE = 0.25
"""Share of light ink from which the ground is chosen for it."""
DARK_SHARE = 0.02
"""Share of other ink below which the ground may be black: less is dust, or the blur at the edges of letters."""
GROUND_SHARE = 0.1
"""Share of transparent pixels from which they are the ground, and not the rounded corners of a screenshot."""


def halvings(image: Image.Image, longest: int) -> int:
    """How often the picture may be halved before its longer side would be shorter than `longest`, as far as its kind
    allows."""
    allowed = _levels(image) if image.format == "JPEG2000" else SHRINKS["JPEG"] * is_jpeg(image)
    return max(min(int(math.log2(max(max(image.size) / longest, 1))), allowed), 0)


def _levels(image: Image.Image) -> int:
    """Halved versions that a JPEG 2000 holds: the fewest of any part of it that says so."""
    # marker COD (ISO 15444-1, A.6.1): length, style, order, layers and transformation stand before the number
    file = getattr(image, "fp", None)
    header = file.getvalue()[: 1 << 16] if isinstance(file, io.BytesIO) else b""
    at = header.find(b"\xff\x52\0")
    return min(header[at + 9], SHRINKS["JPEG2000"]) if 0 <= at < len(header) - 9 else 0


def halve(image: Image.Image, times: int) -> None:
    """Has the picture decoded to a half, a quarter or an eighth, for less time and memory."""
    if is_jpeg(image):
        # each side alone counts, so that a long receipt is halved as well
        image.draft(None, (max(image.width >> times, 1), max(image.height >> times, 1)))
    elif times:
        image.reduce = times  # type: ignore[method-assign, assignment]


def rows_of(image: Image.Image) -> tuple[int, int]:
    """The first of the rows that were decoded of a picture that is cut off, and the one after the last; alike where
    none was. A BMP is written from its bottom up."""
    # what is there already is taken as it is
    image.tile = []  # type: ignore[attr-defined]
    untouched = FILLER if is_jpeg(image) else 0
    with suppress(*BROKEN):
        rest = image.point(lambda value: value - untouched & 255) if untouched else image
        if box := rest.getbbox(alpha_only=False):
            return (box[1], image.height) if image.format == "BMP" else (0, box[3])
    return 0, 0


def is_blank(image: Image.Image) -> bool:
    """Whether all pixels are the same, as where nothing was decoded."""
    bands = image.getextrema()
    return all(low == high for low, high in (bands if isinstance(bands[0], tuple) else (bands,)))


def opaque(image: Image.Image) -> Image.Image:
    """The picture as grey or RGB samples of 8 bits, on a ground that shows its ink where it is transparent."""
    # samples of 16 or 32 bits: Pillow's convert("L") would clip them at 255 instead of scaling them
    if image.mode.startswith(("I", "F")):
        brightest = max(float(image.getextrema()[1]), 1.0)  # type: ignore[arg-type]
        return image.convert("F").point(lambda value: value * (255 / brightest)).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, ground(layer))
        return Image.alpha_composite(paper, layer).convert("RGB")
    wanted = "L" if image.mode in ("1", "L") else "RGB"
    # not converted in vain: that would copy it
    return image if image.mode == wanted else image.convert(wanted)


def ground(layer: Image.Image) -> str:
    """The colour on which the ink of a transparent RGBA picture shows: white, black for light ink alone, grey for
    both."""
    alpha = layer.getchannel("A").point([0] * OPAQUE + [255] * (256 - OPAQUE))
    seen = layer.convert("L").histogram(alpha)
    inked, light = sum(seen), sum(seen[LIGHT:])
    if not inked or inked > (1 - GROUND_SHARE) * layer.width * layer.height or light < LIGHT_SHARE * inked:
        return "white"
    return "black" if inked - light <= DARK_SHARE * inked else "grey"
