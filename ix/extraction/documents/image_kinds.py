"""Kinds of pictures, told by their first bytes, each with the one decoder that is let near it."""

from __future__ import annotations

import importlib
import io
import struct

from PIL import Image

PLUGINS = {
    "JPEG": "JpegImagePlugin",
    "PNG": "PngImagePlugin",
    "TIFF": "TiffImagePlugin",
    "WEBP": "WebPImagePlugin",
    "GIF": "GifImagePlugin",
    "BMP": "BmpImagePlugin",
    "JPEG2000": "Jpeg2KImagePlugin",
    "AVIF": "AvifImagePlugin",
}
"""Pillow's modules by the name of what they decode. It has some forty more, old ones among them."""
_MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG2000",
    b"\xff\x4f\xff\x51": "JPEG2000",
}
"""First bytes: JPEG (ISO 10918-1), PNG (RFC 2083), TIFF 6.0 and BigTIFF in both byte orders, GIF, JPEG 2000 (ISO
15444-1) in its box and bare."""
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
"""Sizes of the header that follows a BMP's own of 14 bytes."""
_AVIF = {b"avif", b"avis"}
_HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
"""Brands in the file type box of ISO 14496-12 (AVIF 1.1, section 6; ISO 23008-12, annex B)."""
_BRANDS = 256
"""Bytes of a file type box that are looked at; real ones have 24 to 60."""


JPEGS = ("JPEG", "MPO")
"""What Pillow calls a JPEG, and one that has further pictures behind it."""


def is_jpeg(image: Image.Image) -> bool:
    """Whether a picture, as it was opened, is a JPEG."""
    return image.format in JPEGS


def kind_of(data: bytes) -> str | None:
    """What decodes this, as Pillow calls it; None where it is no picture of a kind that is read."""
    magic = next((kind for start, kind in _MAGIC.items() if data.startswith(start)), None)
    if magic:
        return magic
    # a RIFF container (RFC 9649)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    # two letters alone may begin a text
    if data[:2] == b"BM" and len(data) > 18 and struct.unpack_from("<I", data, 14)[0] in _BMP_HEADERS:
        return "BMP"
    return _by_brand(data) if data[4:8] == b"ftyp" else None


def _by_brand(data: bytes) -> str | None:
    box = data[8 : min(struct.unpack_from(">I", data)[0], _BRANDS)]
    brands = {box[at : at + 4] for at in range(0, len(box), 4)}
    # an AVIF may call itself `mif1` as well, which says nothing of its codec
    if brands & _AVIF:
        return "AVIF"
    return "HEIF" if brands & _HEIF else None


def open_(data: bytes, kind: str) -> Image.Image:
    """The picture, not decoded yet, by the decoder of its kind alone. Raises what Pillow raises over broken files."""
    if kind == "HEIF":
        _register_heif()
    else:
        # registers itself, so that Pillow need not import all of its modules to find it
        plugin = importlib.import_module(f"PIL.{PLUGINS[kind]}")
        if kind == "AVIF":
            vars(plugin)["DEFAULT_MAX_THREADS"] = 1
    return Image.open(io.BytesIO(data), formats=(kind,))


def _register_heif() -> None:
    # imported for its own pictures only: it loads two shared libraries
    import pi_heif

    # each thread takes some address space, which is limited
    pi_heif.options.DECODE_THREADS = 1
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
    pi_heif.register_heif_opener()
