"""Photos and scans: JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP, JPEG 2000, and TIFF with several pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from ix.errors import DocumentError
from ix.extraction.documents import Limits, OpenedPage, chosen, too_many_pixels
from ix.extraction.documents.image_frames import pages_of
from ix.extraction.documents.image_kinds import kind_of, open_
from ix.extraction.documents.image_pixels import BROKEN, END_OF_IMAGE, halve, halvings, is_blank, opaque, rows_of

SWAPPED = {5, 6, 7, 8}
"""EXIF orientations that swap width and height (CIPA DC-008, tag 0x0112)."""
ORIENTATION = 0x0112
FINEST = 2000
"""Longest side to which a picture with too many pixels may be shrunk while it is decoded, pixels: letters of 8 points
on A4 are 20 high then."""
MOST_SHRUNK = 8
"""How many times the pixels that may be decoded a picture may have that is decoded smaller: whatever it is shrunk to,
all of its data is unpacked, which takes a second for 200 million pixels."""
PIXEL_BYTES = 16
"""Bytes that decoding may take for each pixel that may be decoded: WebP takes as many, others half."""
LEAST_ROWS = 16
"""Rows in which a cut shows: the largest block of a JPEG. No line of print is lower."""
PNG_ORIENTATIONS = (b"eXIf", b"Raw profile type exif", b"XML:com.adobe.xmp")
"""What a PNG that says how it is to be turned holds one of."""

# Pillow's own limit on pixels is off: `Limits.pixels` is checked before anything is decoded, and raises an error that
# names the setting's value.
Image.MAX_IMAGE_PIXELS = None


class ImageFormat:
    """Pictures of every kind. Their pages have no text, so that every one goes to OCR."""

    name = "JPEG, PNG, TIFF, WebP, HEIC, AVIF, GIF, BMP, JPEG 2000"
    rank = 20
    memory = None

    def recognises(self, data: bytes) -> bool:
        return kind_of(data) is not None

    def open(self, data: bytes, limits: Limits) -> ImageDocument:
        return ImageDocument(data, limits)


class ImageDocument:
    """An image file. Only a TIFF's frames are pages; an animation or a series is its first picture. `remarks` says what
    was found wanting in the pages that were drawn."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data, self._kind, self._limits = data, kind_of(data) or "", limits
        self.remarks: list[str] = []
        with readable():
            self._image = open_(data, self._kind)
            self._frames = pages_of(self._image, limits) if self._kind == "TIFF" else [0]
        self._chosen = chosen(len(self._frames), limits)

    def __len__(self) -> int:
        return len(self._frames)

    def pages(self) -> Iterator[OpenedPage]:
        for index in self._chosen:
            width, height = self._size(index)
            yield OpenedPage(width, height, unread=True)

    def image(self, page: int, dpi: int, longest: int) -> Image.Image:
        self._size(page)
        with readable():
            image = self._decoded(self._image, page, longest)
            if max(image.size) > longest:
                image = ImageOps.contain(image, (longest, longest), Image.Resampling.LANCZOS)
            # a picture that is returned as it is would be shared by all who ask for the page
            return ImageOps.exif_transpose(image)

    def pixels(self, page: int) -> int:
        self._size(page)
        return min(self._image.width * self._image.height, self._limits.pixels)

    def close(self) -> None:
        self._image.close()

    def _size(self, index: int) -> tuple[int, int]:
        """Width and height of a page as a person sees it. Checked before the orientation is read: a PNG may be decoded
        for that."""
        with readable():
            self._seek(self._image, index)
            width, height = self._image.size
            self._require_bearable(index)
            swapped = self._may_be_turned() and self._image.getexif().get(ORIENTATION) in SWAPPED
        return (height, width) if swapped else (width, height)

    def _may_be_turned(self) -> bool:
        return self._kind != "PNG" or any(mark in self._data for mark in PNG_ORIENTATIONS)

    def _seek(self, image: Image.Image, index: int) -> None:
        if self._kind == "TIFF":
            image.seek(self._frames[index])

    def _require_bearable(self, index: int) -> None:
        """Raises `DocumentError` where more would be decoded than is allowed."""
        image, limit = self._image, self._limits.pixels
        count = image.width * image.height
        if count >> 2 * halvings(image, FINEST) > limit or count > limit * MOST_SHRUNK:
            raise too_many_pixels(index, count, self._limits)
        if working_memory(image) > limit * PIXEL_BYTES:
            message = f"page {index + 1} has {count} pixels in a {image.format}, which has to be unpacked as a whole"
            raise DocumentError(f"{message}: more than memory allows", code="document_too_large")

    def _decoded(self, image: Image.Image, page: int, longest: int) -> Image.Image:
        """The page dark on light, as much of it as the file holds."""
        self._shrink(image, page, longest)
        try:
            image.load()
        except BROKEN as error:
            return self._saved(image, page, longest, error)
        return opaque(image)

    def _shrink(self, image: Image.Image, page: int, longest: int) -> None:
        # where even that leaves too many pixels, a coarser picture is better than none
        times = halvings(image, longest)
        if image.width * image.height >> 2 * times > self._limits.pixels:
            times = halvings(image, FINEST)
        halve(image, times)

    def _saved(self, image: Image.Image, page: int, longest: int, error: Exception) -> Image.Image:
        """What was decoded of a page before its decoder gave up, the rest white. Raises `error` where nothing was."""
        whole = image
        if isinstance(image, JpegImageFile):
            # libjpeg waits for more until it meets the end, and only then gives what it has
            whole = open_(self._data + END_OF_IMAGE, self._kind)
            self._shrink(whole, page, longest)
            whole.load()
        first, after = rows_of(whole)
        if after - first <= LEAST_ROWS or is_blank(whole):
            raise error
        drawn = opaque(whole)
        for top, bottom in ((0, first), (after, drawn.height)):
            if top < bottom:
                drawn.paste("white", (0, top, drawn.width, bottom))
        self.remarks.append(cut_off(1 - (after - first) / drawn.height))
        return drawn


def working_memory(image: Image.Image) -> int:
    """Bytes that a decoder takes beside the picture that it makes: for a progressive JPEG two for each sample, whatever
    it is shrunk to, until its end; for JPEG 2000, of what it is shrunk to, eight for each sample."""
    if image.format == "JPEG2000":
        return 8 * len(image.getbands()) * image.width * image.height >> 2 * halvings(image, FINEST)
    if not isinstance(image, JpegImageFile) or not image.info.get("progressive"):
        return 0
    most = max((across * down for _, across, down, _ in image.layer), default=1)
    return sum(2 * image.width * image.height * across * down // most for _, across, down, _ in image.layer)


def cut_off(missing: float) -> str:
    """The warning for a picture of which so large a share of rows is missing, 0 where that cannot be told."""
    if missing < 0.01:
        return "the image is damaged or cut off: it was read as far as it goes"
    return f"the image is cut off: {missing:.0%} of its rows are missing"


@contextmanager
def readable() -> Iterator[None]:
    """Raises `DocumentError` for every exception that Pillow's decoders raise over broken files. Its message names the
    class alone, because Pillow's own may quote the file."""
    try:
        yield
    except BROKEN as error:
        raise DocumentError(f"the image is damaged ({type(error).__name__})") from None


FORMAT = ImageFormat()
