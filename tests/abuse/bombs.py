"""Hostile documents, made by code: small files that ask for a great deal of memory or time, or that never end.

Each is a `Bomb` of one `kind`, with the codes in which its job may end. All are a few kilobytes to a megabyte; nothing
is random."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import pillow_heif
from PIL import Image

from tests.abuse import einvoice_bombs, office_bombs, pdf_bombs
from tests.abuse.swelling import MIB, deflated, laughing_xml, zipped
from tests.extraction import pdfs
from tests.extraction.locked import PASSWORD, locked
from tests.extraction.pdfs import PARAGRAPH, Sheet, pdf

TOO_LARGE, UNREADABLE, ENCRYPTED, UNSUPPORTED, MISSING = (
    "document_too_large",
    "document_unreadable",
    "document_encrypted",
    "document_unsupported",
    "pages_missing",
)


@dataclass(frozen=True, slots=True)
class Bomb:
    """A hostile document. `codes` are the errors in which its job may end; with none there is something to read, and
    its trap is not to be sprung. `said` is what its submission says of it."""

    kind: str
    name: str
    make: Callable[[], bytes]
    codes: tuple[str, ...] = (TOO_LARGE, UNREADABLE)
    said: Mapping[str, str] = field(default_factory=dict)


# pixels


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG (RFC 2083, 3.2)."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *, more: bytes = b"", data: bytes = b"") -> bytes:
    """A grey PNG of this size on paper."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + more
        + chunk(b"IDAT", data or zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def png_text() -> bytes:
    """A PNG with a comment of a gigabyte."""
    return png(100, 100, more=chunk(b"zTXt", b"Comment\0\0" + deflated(b" ", 1024 * MIB)))


def jpeg(width: int, height: int) -> bytes:
    """A JPEG that says it is so large."""
    buffer = io.BytesIO()
    Image.new("L", (16, 16)).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    at = data.index(b"\xff\xc2") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def webp(width: int, height: int) -> bytes:
    """A WebP whose canvas is so large (RFC 9649, 2.7)."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, "WEBP", save_all=True, append_images=[Image.new("RGB", (16, 16), "white")])
    data = buffer.getvalue()
    at = data.index(b"VP8X") + 12
    return data[:at] + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little") + data[at + 6 :]


def gif(width: int, height: int) -> bytes:
    """A GIF whose screen is so large (GIF 89a, 18)."""
    data = noise("GIF")
    return data[:6] + struct.pack("<HH", width, height) + data[10:]


def bmp(width: int, height: int) -> bytes:
    """A BMP that says it is so large."""
    data = noise("BMP")
    return data[:18] + struct.pack("<II", width, height) + data[26:]


def jpeg_2000(width: int, height: int) -> bytes:
    """A JPEG 2000 that says it is so large, in its box and in its codestream (ISO 15444-1, I.5.3.1 and A.5.1)."""
    data = bytearray(noise("JPEG2000"))
    struct.pack_into(">II", data, data.index(b"ihdr") + 4, height, width)
    struct.pack_into(">II", data, data.index(b"\xff\x51") + 6, width, height)
    return bytes(data)


def heif(brand: str, width: int, height: int) -> bytes:
    """A HEIC or AVIF that says it is so large (ISO 23008-12, 6.5.3)."""
    buffer = io.BytesIO()
    image = Image.linear_gradient("L").convert("RGB")
    if brand == "avif":
        image.save(buffer, "AVIF")
    else:
        pillow_heif.from_pillow(image).save(buffer)
    data = bytearray(buffer.getvalue())
    struct.pack_into(">II", data, data.index(b"ispe") + 8, width, height)
    return bytes(data)


# frames


def ifd(width: int, height: int, following: int) -> bytes:
    """A TIFF directory (TIFF 6.0, section 2) of an image without data, and where the next one is."""
    tags = [(256, width), (257, height), (258, 1), (259, 1), (262, 1), (273, 8), (278, height), (279, 1)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", following)


def tiff(frames: int, width: int = 100, height: int = 100, *, last: int = 0) -> bytes:
    """A TIFF of so many frames; after the last comes the directory at `last`."""
    length = len(ifd(1, 1, 0))
    starts = [8 + number * length for number in range(frames)]
    return b"II*\0" + struct.pack("<I", 8) + b"".join(ifd(width, height, after) for after in [*starts[1:], last])


def tiff_big_tag() -> bytes:
    """A TIFF with a tag of four gigabytes."""
    entry = struct.pack("<HHII", 270, 2, 0xFFFFFFFF, 8)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 0)


# archives, XML, containers: kinds that are not read


def nested_zips(depth: int = 100) -> bytes:
    """A ZIP in a ZIP in a ZIP …"""
    data = b"bottom"
    for level in range(depth):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{level}.zip", data)
        data = buffer.getvalue()
    return data


def stored() -> bytes:
    """A ZIP that holds text as it is, so that it looks like text."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("note.txt", "TOTAL 2.50\n" * 500)
    return buffer.getvalue()


def zip_as_pdf() -> bytes:
    """A ZIP that holds a file called `%PDF-`, so that it looks like a PDF."""
    return zipped("%PDF-1.7")


def gzipped() -> bytes:
    """A gzip of a gzip of 64 MiB."""
    return gzip.compress(gzip.compress(bytes(64 * MIB), mtime=0), mtime=0)


def outside_xml() -> bytes:
    """An entity that is a file of the machine."""
    return b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def svg() -> bytes:
    """A picture that draws itself, in XML."""
    return b'<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><use href="#a"/><use href="#a"/></g></svg>'


# damaged


def cut(data: bytes, share: float) -> bytes:
    """The first part of a document."""
    return data[: int(len(data) * share)]


def _cut_noise(kind: str, share: float) -> bytes:
    return cut(noise(kind), share)


def noise(kind: str) -> bytes:
    """A sound image that does not pack well."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((400, 400)).rotate(30).save(buffer, kind)
    return buffer.getvalue()


def offices() -> Iterator[Bomb]:
    """Those of office documents, mails and texts."""
    yield Bomb("office", "a DOCX of 64 MiB", lambda: zipped("word/document.xml"), (TOO_LARGE,))
    yield Bomb("office", "a DOCX of a billion laughs", office_bombs.laughing_docx, (UNREADABLE,))
    yield Bomb("office", "a DOCX 100,000 deep", office_bombs.deep_docx, (UNREADABLE,))
    yield Bomb("office", "a DOCX of tables in tables", office_bombs.deep_tables, ())
    yield Bomb("office", "a DOCX of empty paragraphs", office_bombs.paragraphs)
    yield Bomb("office", "a DOCX of no more empty paragraphs than allowed", office_bombs.allowed_paragraphs)
    yield Bomb("office", "a DOCX of 300,000 attributes", office_bombs.attributes)
    yield Bomb("office", "a DOCX that lies about its size", office_bombs.lying_size, (UNREADABLE,))
    yield Bomb("office", "a DOCX of 12,000 entries", office_bombs.many_entries)
    yield Bomb("office", "an ODT of 64 MiB", office_bombs.swollen_odt, (TOO_LARGE,))
    yield Bomb("sheets", "a workbook of millions of rows", office_bombs.cells, (TOO_LARGE,))
    yield Bomb("sheets", "a workbook of 64 MiB", office_bombs.billion_cells, (TOO_LARGE,))
    yield Bomb("sheets", "a workbook of one row", office_bombs.one_row)
    yield Bomb("sheets", "a workbook of shared texts", office_bombs.shared_texts)
    yield Bomb("sheets", "two cells far apart", office_bombs.far_cell, ())
    yield Bomb("sheets", "two cells of an old workbook far apart", office_bombs.far_old_cell)
    yield Bomb("sheets", "cells repeated without end", office_bombs.repeated_cells)
    yield Bomb("sheets", "separated text of delimiters", office_bombs.separated)
    yield Bomb("HTML", "100,000 elements in each other", office_bombs.deep_html, (UNREADABLE,))
    yield Bomb("HTML", "dear selectors", office_bombs.selectors)
    yield Bomb("HTML", "cells that reach over all", office_bombs.spans, ())
    yield Bomb("mail", "200 mails in each other", office_bombs.mails_in_mails, ())
    yield Bomb("mail", "2,000 parts in each other", office_bombs.parts_in_parts, (TOO_LARGE,))
    yield Bomb("mail", "2,000 attachments", office_bombs.many_attachments, (TOO_LARGE,))
    yield Bomb("mail", "a PDF of groups of groups of words", office_bombs.mailed_laughs)
    yield Bomb("mail", "a PDF of a gigabyte", office_bombs.mailed_flate)
    yield Bomb("mail", "a DOCX of 64 MiB", office_bombs.mailed_docx)


def _attached(make: Callable[[], bytes]) -> bytes:
    return einvoice_bombs.attached(make())


def bombs() -> Iterator[Bomb]:
    """All of them; the first of each kind stands for it in the short form."""
    yield Bomb("page size", "a page of 1e9 points", lambda: pdf(Sheet(PARAGRAPH, (10**9, 10**9))), (TOO_LARGE,))
    yield Bomb("page size", "a page of no height", lambda: pdf(Sheet(PARAGRAPH, (600, 0))), ())
    yield Bomb("page size", "5,000 pages", pdf_bombs.many_pages, (TOO_LARGE,))
    yield Bomb("page size", "2,000,000,000 pages declared", pdf_bombs.declared_pages, ())
    yield Bomb("page tree", "its own child", pdf_bombs.endless_tree)
    yield Bomb("page tree", "each other's child", pdf_bombs.endless_tree_of_two)
    yield Bomb("page tree", "3,000 deep", pdf_bombs.deep_tree)
    yield Bomb("page tree", "each other's parent", pdf_bombs.parent_loop, ())
    yield Bomb("cross-references", "a table before itself", pdf_bombs.xref_loop)
    yield Bomb("cross-references", "a stream before itself", pdf_bombs.xref_stream_loop)
    yield Bomb("cross-references", "an object stream in itself", pdf_bombs.stream_within_itself)
    yield Bomb("cross-references", "object streams in each other", pdf_bombs.streams_within_each_other)
    yield Bomb("cross-references", "2,000,000,000 objects declared", pdf_bombs.declared_objects)
    yield Bomb("objects", "groups of groups of words", pdfs.laughs)
    yield Bomb("objects", "a group in itself", pdf_bombs.form_in_itself)
    yield Bomb("objects", "300,000 objects", pdf_bombs.many_objects)
    yield Bomb("objects", "100,000 arrays in each other", pdf_bombs.deep_array, ())
    yield Bomb("objects", "rectangles", pdf_bombs.many_operators)
    yield Bomb("objects", "words", pdf_bombs.many_words)
    yield Bomb("objects", "words as large as the page", pdf_bombs.huge_words, ("", UNREADABLE))
    yield Bomb("objects", "curves", pdf_bombs.many_curves)
    yield Bomb("objects", "20,000 notes", pdf_bombs.many_notes, (TOO_LARGE,))
    yield Bomb("objects", "5,000 notes", lambda: pdf_bombs.many_notes(5000), ("",))
    yield Bomb("objects", "saved states", pdf_bombs.deep_states)
    yield Bomb("objects", "dashes", pdf_bombs.dashes, ())
    yield Bomb("objects", "tiles", pdfs.tiles)
    yield Bomb("objects", "transparent groups", pdf_bombs.transparency, ())
    yield Bomb("objects", "a font of 2^32 characters", pdf_bombs.mapped_font, ())
    yield Bomb("flate", "a gigabyte of spaces, packed twice", pdf_bombs.flate_in_flate)
    yield Bomb("flate", "a gigabyte of spaces", pdf_bombs.flate)
    yield Bomb("flate", "run lengths in flate", pdf_bombs.lengthened)
    yield Bomb("pixels", "a PNG of 60,000 x 60,000", lambda: png(60_000, 60_000), (TOO_LARGE,))
    yield Bomb("pixels", "an image in a PDF of 30,000 x 30,000", pdf_bombs.pdf_pixels, (TOO_LARGE,))
    yield Bomb("pixels", "an image in a PDF that may be as large", pdf_bombs.pdf_allowed_pixels, ())
    yield Bomb("pixels", "a PNG with a gigabyte of comment", png_text)
    yield Bomb("pixels", "a JPEG of 65,500 x 65,500", lambda: jpeg(65_500, 65_500), (TOO_LARGE,))
    yield Bomb("pixels", "a WebP of 16,000,000 x 200", lambda: webp(16_000_000, 200))
    yield Bomb("pixels", "a TIFF of 4e9 x 4e9", lambda: tiff(1, 2**32 - 1, 2**32 - 1), (TOO_LARGE,))
    yield Bomb("pixels", "a GIF of 65,535 x 65,535", lambda: gif(65_535, 65_535), (TOO_LARGE,))
    yield Bomb("pixels", "a BMP of 60,000 x 60,000", lambda: bmp(60_000, 60_000), (TOO_LARGE,))
    yield Bomb("pixels", "a JPEG 2000 of 4e9 x 4e9", lambda: jpeg_2000(2**32 - 1, 2**32 - 1))
    yield Bomb("pixels", "a HEIC of 60,000 x 60,000", lambda: heif("heic", 60_000, 60_000))
    yield Bomb("pixels", "an AVIF of 60,000 x 60,000", lambda: heif("avif", 60_000, 60_000))
    yield Bomb("frames", "a TIFF of 20,000 frames", lambda: tiff(20_000), (TOO_LARGE,))
    yield Bomb("frames", "a TIFF whose frames go round", lambda: tiff(3, last=8), ("", UNREADABLE))
    yield Bomb("frames", "a TIFF with a tag of 4 GB", tiff_big_tag)
    yield Bomb("zip", "a ZIP of 64 MiB", zipped, (UNSUPPORTED,))
    yield Bomb("zip", "a ZIP of text that is not packed", stored, (UNSUPPORTED,))
    yield Bomb("zip", "a ZIP that looks like a PDF", zip_as_pdf)
    yield Bomb("zip", "a gzip in a gzip", gzipped, (UNSUPPORTED,))
    yield from offices()
    yield Bomb("XML", "a billion laughs", laughing_xml, (UNSUPPORTED,))
    yield Bomb("XML", "laughs in UTF-16", lambda: laughing_xml("utf-16"), (UNSUPPORTED,))
    yield Bomb("XML", "laughs after a byte order mark", lambda: laughing_xml("utf-8-sig", "\n\n "), (UNSUPPORTED,))
    yield Bomb("XML", "a file of the machine", outside_xml, (UNSUPPORTED,))
    yield Bomb("XML", "an SVG that draws itself", svg, (UNSUPPORTED,))
    for name, make in (
        ("a billion laughs", einvoice_bombs.laughing),
        ("a file of the machine", einvoice_bombs.outside),
    ):
        # what declares a document type is no invoice, whatever its root
        yield Bomb("electronic invoice", name, make, (UNSUPPORTED,))
        yield Bomb("electronic invoice", f"{name}, in a PDF", partial(_attached, make), ())
    for name, make in (
        ("nested without end", einvoice_bombs.deep),
        ("400,000 elements", einvoice_bombs.wide),
        ("300,000 attributes", einvoice_bombs.crowded),
    ):
        yield Bomb("electronic invoice", name, make)
        yield Bomb("electronic invoice", f"{name}, in a PDF", partial(_attached, make), ())
    yield Bomb("electronic invoice", "namespaces within each other", einvoice_bombs.crooked, ())
    yield Bomb("electronic invoice", "a note of 15 MB", einvoice_bombs.endless, ())
    # how much of it fits into the memory of its page is the allocator's to say
    note = partial(_attached, einvoice_bombs.endless)
    yield Bomb("electronic invoice", "a note of 15 MB, in a PDF", note, ("", UNREADABLE))
    yield Bomb("electronic invoice", "unpacks to a gigabyte", einvoice_bombs.swelling)
    yield Bomb("electronic invoice", "600 positions in a PDF", einvoice_bombs.many, ())
    yield Bomb("XML", "metadata of a sound PDF", pdf_bombs.metadata, ())
    yield Bomb("containers", "100 ZIPs in each other", nested_zips, (UNSUPPORTED,))
    yield Bomb("containers", "50 PDFs attached to each other", pdf_bombs.attachments, ())
    yield Bomb("password", "a PDF with a password", pdfs.protected, (ENCRYPTED,))
    laughing = partial(locked, PASSWORD, pdfs.laughs())
    yield Bomb("password", "groups of groups of words behind it", laughing, said={"password": PASSWORD})
    yield Bomb("password", "the same behind an empty one", partial(locked, "", pdfs.laughs()))
    for name, make in (
        ("page of a TIFF of 20,000", lambda: tiff(20_000)),
        ("page of a text of 500,000", lambda: b"a\f" * 500_000),
        ("page of a table of 10,000", lambda: b"a;b\n" * 600_000),
    ):
        yield Bomb("pages", f"the 900,000th {name}", make, (MISSING, TOO_LARGE), {"pages": "900000"})
    yield Bomb("truncated", "a PDF, half of it", lambda: cut(pdf_bombs.page(), 0.5), (UNREADABLE,))
    yield Bomb("truncated", "a PDF, its first line", lambda: pdf_bombs.page()[:9], (UNREADABLE,))
    for kind in ("PNG", "JPEG", "TIFF", "WEBP"):
        for share in (0.1, 0.5, 0.9):
            # what can be saved of a picture is read
            codes = (UNREADABLE,) if kind == "WEBP" else ("", UNREADABLE)
            yield Bomb("truncated", f"a {kind}, {share:.0%} of it", partial(_cut_noise, kind, share), codes)
