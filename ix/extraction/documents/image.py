"""Photos and scans: JPEG, PNG, WebP, and TIFF with several pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps

from ix.errors import DocumentError
from ix.extraction.documents import Limits, OpenedPage, too_many_pixels

KINDS = ("JPEG", "PNG", "TIFF", "WEBP")
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
"""First bytes: JPEG (ISO 10918-1), PNG (RFC 2083), TIFF 6.0 in both byte orders. WebP is a RIFF container (RFC
9649)."""
SWAPPED = {5, 6, 7, 8}
"""EXIF orientations that swap width and height (CIPA DC-008, tag 0x0112)."""
ORIENTATION = 0x0112

# Pillow's own limit on pixels is off: `Limits.pixels` is checked before anything is decoded, and raises an error that
# names the setting's value.
Image.MAX_IMAGE_PIXELS = None


class ImageFormat:
    """JPEG, PNG, TIFF and WebP. Their pages have no text, so that every one goes to OCR."""

    name = "JPEG, PNG, TIFF, WebP"
    rank = 20
    memory = None

    def recognises(self, data: bytes) -> bool:
        return data.startswith(MAGIC) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")

    def open(self, data: bytes, limits: Limits) -> ImageDocument:
        return ImageDocument(data, limits)


class ImageDocument:
    """An image file. Only a TIFF's frames are pages; an animation is its first picture."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        with readable():
            # only these decoders are tried: Pillow has some forty more, old ones among them
            self._image = Image.open(io.BytesIO(data), formats=KINDS)
            self._length = frames(self._image, limits.pages) if self._image.format == "TIFF" else 1
        self._limits = limits

    def __len__(self) -> int:
        return self._length

    def pages(self) -> Iterator[OpenedPage]:
        for index in range(len(self)):
            width, height = self._size(index)
            yield OpenedPage(width, height, unread=True)

    def image(self, page: int, dpi: int, longest: int) -> Image.Image:
        width, height = self._size(page)
        with readable():
            self._shrink_while_decoding(width, height, longest)
            image = ImageOps.exif_transpose(opaque(self._image))
        # `thumbnail` only ever shrinks: enlarging adds nothing that OCR could read
        image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        return image

    def close(self) -> None:
        self._image.close()

    def _size(self, index: int) -> tuple[int, int]:
        """Width and height of a frame as a person sees it. Checked before the orientation is read: a PNG is decoded for
        that."""
        with readable():
            if self._image.format == "TIFF":
                self._image.seek(index)
            width, height = self._image.size
            if width * height > self._limits.pixels:
                raise too_many_pixels(index, width * height, self._limits)
            swapped = self._image.getexif().get(ORIENTATION) in SWAPPED
        return (height, width) if swapped else (width, height)

    def _shrink_while_decoding(self, width: int, height: int, longest: int) -> None:
        """JPEG decodes to a half, a quarter or an eighth for less time and memory; never below what is asked for."""
        if self._image.format == "JPEG" and max(width, height) >= 2 * longest:
            self._image.draft(None, (longest, longest))


def frames(image: Image.Image, most: int) -> int:
    """How many a TIFF has; as each has to be read to find the next, they are counted no further than needed. Raises
    `DocumentError`."""
    for count in range(1, most + 1):
        try:
            image.seek(count)
        except EOFError:
            return count
    raise DocumentError(f"the document has more than the {most} pages allowed", code="document_too_large")


def opaque(image: Image.Image) -> Image.Image:
    """The image as grey or RGB samples of 8 bits, on white where it is transparent."""
    # samples of 16 or 32 bits: Pillow's convert("L") would clip them at 255 instead of scaling them
    if image.mode.startswith(("I", "F")):
        brightest = max(float(image.getextrema()[1]), 1.0)  # type: ignore[arg-type]
        return image.convert("F").point(lambda value: value * (255 / brightest)).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


@contextmanager
def readable() -> Iterator[None]:
    """Raises `DocumentError` for every exception that Pillow's decoders raise over broken files: it has no common class
    for them. Its message names the class alone, because Pillow's own may quote the file."""
    try:
        yield
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        RuntimeError,
        ArithmeticError,
    ) as error:
        raise DocumentError(f"the image is damaged ({type(error).__name__})") from None


FORMAT = ImageFormat()
