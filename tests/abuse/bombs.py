"""Hostile documents, made by code: small files that ask for a great deal of memory or time, or that never end.

Each is a `Bomb` of one `kind`, with the codes in which its job may end. All are a few kilobytes to a megabyte; nothing is random.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from tests.extraction import pdfs
from tests.extraction.pdfs import PARAGRAPH, Sheet, form, line, pdf, stream, written

MIB = 1024 * 1024
TOO_LARGE, UNREADABLE, ENCRYPTED, UNSUPPORTED = ("document_too_large", "document_unreadable", "document_encrypted", "document_unsupported")


@dataclass(frozen=True, slots=True)
class Bomb:
    """A hostile document. `codes` are the errors in which its job may end; with none the document is sound and its trap must not be sprung."""

    kind: str
    name: str
    make: Callable[[], bytes]
    codes: tuple[str, ...] = (TOO_LARGE, UNREADABLE)


def page(content: str = PARAGRAPH, **extra: bytes) -> bytes:
    """A PDF of one page; `extra` are objects by number, such as `_1000`."""
    return pdf(Sheet(content), extra={int(number[1:]): body for number, body in extra.items()})


def tree(objects: dict[int, str], trailer: str = "") -> bytes:
    """A PDF of these objects, the catalog at 1."""
    return written({number: body.encode() for number, body in objects.items()}, trailer)


def deflated(pieces: Iterator[bytes]) -> bytes:
    """What comes in pieces, packed, without ever being whole."""
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(piece) for piece in pieces), packer.flush()])


def repeated(piece: bytes, size: int) -> Iterator[bytes]:
    """At least `size` bytes of the piece over and over."""
    block = piece * (MIB // len(piece))
    return (block for _ in range(size // len(block) + 1))


def packed_stream(data: bytes, entries: str = "/Filter /FlateDecode") -> bytes:
    """A stream object of data that is packed already."""
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def contents(data: bytes, entries: str = "/Filter /FlateDecode") -> bytes:
    """A PDF whose page's content is this stream."""
    return written(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            4: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            5: packed_stream(data, entries),
        }
    )


# pages


def many_pages() -> bytes:
    """5,000 real pages."""
    kids = " ".join(f"{number} 0 R" for number in range(10, 5010))
    pages = {number: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>" for number in range(10, 5010)}
    return tree({1: "<< /Type /Catalog /Pages 2 0 R >>", 2: f"<< /Type /Pages /Kids [{kids}] /Count 5000 >>", **pages})


def declared_pages() -> bytes:
    """One page, and two thousand million declared."""
    sheet = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>"
    return tree({1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>", 3: sheet})


def endless_tree() -> bytes:
    """A page tree whose node is its own child."""
    return tree({1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"})


def endless_tree_of_two() -> bytes:
    """Two nodes, each the child of the other, and a count that says 50 pages."""
    return tree(
        {
            1: "<< /Type /Catalog /Pages 2 0 R >>",
            2: "<< /Type /Pages /Kids [3 0 R] /Count 50 >>",
            3: "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 2 0 R] /Count 50 >>",
        }
    )


def deep_tree() -> bytes:
    """A page tree 3,000 nodes deep."""
    depth = 3000
    nodes = {n: f"<< /Type /Pages /Kids [{n + 1} 0 R] /Count 1 /Parent {n - 1} 0 R >>" for n in range(2, depth)}
    sheet = f"<< /Type /Page /Parent {depth - 1} 0 R /MediaBox [0 0 600 800] >>"
    return tree({1: "<< /Type /Catalog /Pages 2 0 R >>", **nodes, depth: sheet})


def parent_loop() -> bytes:
    """A page without a size, whose ancestors are each other's parents."""
    return tree(
        {
            1: "<< /Type /Catalog /Pages 2 0 R >>",
            2: "<< /Type /Pages /Parent 4 0 R /Kids [3 0 R] /Count 1 >>",
            3: "<< /Type /Page /Parent 4 0 R /Contents 5 0 R >>",
            4: "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>",
            5: "<< /Length 5 0 R >>\nstream\nq Q\nendstream",
        }
    )


# cross-references


def xref_loop() -> bytes:
    """A cross-reference table whose predecessor is itself, and no page."""
    data = tree({1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [] /Count 0 >>"}, "/Prev 0000000000")
    start = data.rindex(b"xref\n0")
    return data.replace(b"/Prev 0000000000", b"/Prev %010d" % start)


def xref_stream(entries: str, rows: list[tuple[int, int, int]], objects: bytes = b"") -> bytes:
    """A PDF of cross-reference streams: `rows` of type, place and generation (ISO 32000-1, 7.5.8)."""
    body = b"%PDF-1.7\n" + objects
    start = len(body)
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    head = f"<< /Type /XRef /Size {len(rows)} /W [1 4 2] /Root 1 0 R /Length {len(table)} {entries} >>"
    return body + f"{len(rows)} 0 obj\n{head}\nstream\n".encode() + table + f"\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n".encode()


def xref_stream_loop() -> bytes:
    """A cross-reference stream whose predecessor is itself."""
    return xref_stream("/Prev 9", [(0, 0, 65535), (2, 2, 0)])


def stream_within_itself() -> bytes:
    """An object stream that is the first object of itself, and extends itself."""
    inside = b"2 0 << >>"
    held = b"2 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Extends 2 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(inside), inside)
    return xref_stream("", [(0, 0, 65535), (2, 2, 0), (2, 2, 0)], held)


def streams_within_each_other() -> bytes:
    """The catalog in an object stream, which is in another, which is in the first."""
    return xref_stream("", [(0, 0, 65535), (2, 2, 0), (2, 3, 0), (2, 2, 0)])


def declared_objects() -> bytes:
    """A cross-reference stream that says it has two thousand million entries."""
    return xref_stream("/Index [0 2000000000]", [(0, 0, 65535), (1, 9, 0)])


# objects


def many_objects() -> bytes:
    """300,000 objects of nothing in an object stream, and no page."""
    count = 300_000
    numbers = b"".join(b"%d 0 " % number for number in range(3, count))
    first = len(numbers)
    data = zlib.compress(numbers + b"<< >>", 9)
    held = packed_stream(data, f"/Type /ObjStm /N {count - 3} /First {first} /Filter /FlateDecode")
    return xref_stream("", [(0, 0, 65535), (2, 2, 0), (1, 9, 0)], b"2 0 obj\n" + held + b"\nendobj\n")


def deep_array() -> bytes:
    """A hundred thousand arrays in each other, as a page's size."""
    deep = "[" * 100_000 + "]" * 100_000
    return tree(
        {
            1: "<< /Type /Catalog /Pages 2 0 R >>",
            2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: f"<< /Type /Page /Parent 2 0 R /MediaBox {deep} /Contents {deep} >>",
        }
    )


def many_operators() -> bytes:
    """A gigabyte of rectangles in a megabyte: each becomes an object in memory."""
    return contents(deflated(repeated(b"0 0 1 1 re f\n", 300 * MIB)))


def many_words() -> bytes:
    """Thirty million words on one page."""
    return contents(deflated(iter([b"BT /F1 9 Tf 50 50 Td\n", *repeated(b"(a ) Tj\n", 240 * MIB), b"ET"])))


def deep_states() -> bytes:
    """Graphics states saved in each other, a hundred million of them."""
    return contents(deflated(repeated(b"q\n", 200 * MIB)))


def dashes() -> bytes:
    """A line of dashes too short to see, on a page that has to be looked at."""
    return page("[0.00001] 0 d 0.1 w 0 0 m 600 800 l S\n" * 50 + PARAGRAPH + line("pale", before="1 1 1 rg"))


def tiles() -> bytes:
    """A pattern whose tiles are a ten-thousandth of a point apart."""
    pattern = stream(
        b"0 0 1 1 re f", "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.0001 /YStep 0.0001 /Resources << >>"
    )
    return pdf(
        Sheet(
            "/Pattern cs /P scn 0 0 600 800 re f " + PARAGRAPH + line("pale", before="1 1 1 rg"),
            entries="/Resources << /Font << /F1 3 0 R >> /Pattern << /P 1000 0 R >> >>",
        ),
        extra={1000: pattern},
    ).replace(b"/Resources << /Font << /F1 3 0 R >> /XObject <<  >> >>", b"")


def transparency() -> bytes:
    """Five hundred transparent groups in each other, each as large as the page."""
    depth = 500
    groups = {
        1000 + n: stream(
            b"/X Do" if n else b"0 0 600 800 re f",
            "/Type /XObject /Subtype /Form /BBox [0 0 14000 14000] /Group << /S /Transparency /I true >> "
            f"/Resources << /XObject << /X {999 + n} 0 R >> >>",
        )
        for n in range(depth)
    }
    sheet = Sheet(
        "/T Do " + PARAGRAPH + line("pale", before="1 1 1 rg"), resources={"T": form("/Y Do", f"/Y {999 + depth} 0 R")}, size=(14000, 14000)
    )
    return pdf(sheet, extra=groups)


def form_in_itself() -> bytes:
    """A group that draws itself twice."""
    return pdf(Sheet("/X Do", resources={"X": form("/Y Do /Y Do", "/Y 1000 0 R")}), extra={1000: form("/Y Do /Y Do", "/Y 1000 0 R")})


def mapped_font() -> bytes:
    """A font whose characters are said to mean four thousand million others."""
    cmap = b"begincmap 1 begincodespacerange <00000000> <ffffffff> endcodespacerange 1 beginbfrange <00000000> <ffffffff> <0000> endbfrange"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 1001 0 R >>"
    sheet = Sheet(PARAGRAPH.replace("/F1", "/F2"), entries="/Resources << /Font << /F2 1000 0 R >> >>")
    data = pdf(sheet, extra={1000: font, 1001: stream(cmap)})
    return data.replace(b"/Resources << /Font << /F1 3 0 R >> /XObject <<  >> >>", b"")


# streams


def flate() -> bytes:
    """A gigabyte of spaces in a megabyte, as a page's content."""
    return contents(deflated(repeated(b" ", 1024 * MIB)))


def flate_in_flate() -> bytes:
    """Four gigabytes of spaces in 16 kB: packed twice."""
    return contents(zlib.compress(deflated(repeated(b" ", 1024 * MIB)), 9), "/Filter [/FlateDecode /FlateDecode]")


def lengthened() -> bytes:
    """The same by run lengths (ISO 32000-1, 7.4.5) in flate."""
    return contents(deflated(repeated(b"\x81 ", 16 * MIB)), "/Filter [/FlateDecode /RunLengthDecode]")


# pixels


def picture(width: int, height: int, entries: str = "", data: bytes = b"", seen: bool = True) -> bytes:
    """A PDF page that is one image, and if `seen` a pale word, for which the page has to be looked at."""
    size = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} {entries}"
    held = packed_stream(data or deflated(repeated(b"\0", width * height // 8)), size)
    return pdf(
        Sheet("q 600 0 0 800 0 0 cm /Im Do Q\n" + PARAGRAPH + (line("pale", before="1 1 1 rg") if seen else ""), resources={"Im": held})
    )


def pdf_pixels() -> bytes:
    """An image of 900 million grey samples on a page."""
    return picture(30_000, 30_000, "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode")


def pdf_allowed_pixels() -> bytes:
    """An image of fewer pixels than are allowed, which takes 192 MB."""
    return picture(8_000, 6_000, "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode", deflated(repeated(b"\0", 144 * MIB)))


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG (RFC 2083, 3.2)."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *, more: bytes = b"", data: bytes = b"") -> bytes:
    """A grey PNG of this size on paper."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", data or zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def png_text() -> bytes:
    """A PNG with a comment of a gigabyte."""
    return png(100, 100, more=chunk(b"zTXt", b"Comment\0\0" + deflated(repeated(b" ", 1024 * MIB))))


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


def zipped(name: str = "zeros.txt", size: int = 1024 * MIB) -> bytes:
    """A ZIP of a megabyte that holds a gigabyte."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive, archive.open(name, "w", force_zip64=True) as entry:
        for piece in repeated(b"0", size):
            entry.write(piece)
    return buffer.getvalue()


def nested_zips(depth: int = 100) -> bytes:
    """A ZIP in a ZIP in a ZIP …"""
    data = b"bottom"
    for level in range(depth):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{level}.zip", data)
        data = buffer.getvalue()
    return data


def office() -> bytes:
    """A DOCX whose text is a gigabyte."""
    return zipped("word/document.xml")


def zip_as_pdf() -> bytes:
    """A ZIP that holds a file called `%PDF-`, so that it looks like a PDF."""
    return zipped("%PDF-1.7", 64 * MIB)


def gzipped() -> bytes:
    """A gzip of a gzip of a gigabyte."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packer:
        for piece in repeated(b"0", 1024 * MIB):
            packer.write(piece)
    return gzip.compress(buffer.getvalue(), mtime=0)


def laughing_xml(encoding: str = "utf-8", before: str = "") -> bytes:
    """Ten to the power of twelve laughs, as entities of entities."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 13))
    return f'{before}<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><x>&l12;</x>'.encode(encoding)


def outside_xml() -> bytes:
    """An entity that is a file of the machine."""
    return b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def svg() -> bytes:
    """A picture that draws itself, in XML."""
    return b'<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><use href="#a"/><use href="#a"/></g></svg>'


def attachments(depth: int = 50) -> bytes:
    """A PDF attached to a PDF attached to a PDF … and at the bottom a ZIP bomb."""
    data = zipped(size=64 * MIB)
    for _ in range(depth):
        data = pdf(
            Sheet(PARAGRAPH),
            extra={1000: packed_stream(zlib.compress(data, 9), "/Type /EmbeddedFile /Filter /FlateDecode")},
            catalog="/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /F (a) /EF << /F 1000 0 R >> >>] >> >>",
        )
    return data


def metadata() -> bytes:
    """A sound PDF whose metadata are an XML bomb."""
    return pdf(
        Sheet(PARAGRAPH), extra={1000: stream(laughing_xml(), "/Type /Metadata /Subtype /XML")}, catalog="/Metadata 1000 0 R"
    )


# damaged


def cut(data: bytes, share: float) -> bytes:
    """The first part of a document."""
    return data[: int(len(data) * share)]


def noise(kind: str) -> bytes:
    """A sound image that does not pack well."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((400, 400)).rotate(30).save(buffer, kind)
    return buffer.getvalue()


def bombs() -> Iterator[Bomb]:
    """All of them; the first of each kind stands for it in the short form."""
    yield Bomb("page size", "a page of 1e9 points", lambda: pdf(Sheet(PARAGRAPH, (10**9, 10**9))))
    yield Bomb("page size", "a page of no height", lambda: pdf(Sheet(PARAGRAPH, (600, 0))), ())
    yield Bomb("page size", "5,000 pages", many_pages)
    yield Bomb("page size", "2,000,000,000 pages declared", declared_pages, ())
    yield Bomb("page tree", "its own child", endless_tree)
    yield Bomb("page tree", "each other's child", endless_tree_of_two)
    yield Bomb("page tree", "3,000 deep", deep_tree)
    yield Bomb("page tree", "each other's parent", parent_loop, ())
    yield Bomb("cross-references", "a table before itself", xref_loop)
    yield Bomb("cross-references", "a stream before itself", xref_stream_loop)
    yield Bomb("cross-references", "an object stream in itself", stream_within_itself)
    yield Bomb("cross-references", "object streams in each other", streams_within_each_other)
    yield Bomb("cross-references", "2,000,000,000 objects declared", declared_objects)
    yield Bomb("objects", "groups of groups of words", pdfs.laughs)
    yield Bomb("objects", "a group in itself", form_in_itself)
    yield Bomb("objects", "300,000 objects", many_objects)
    yield Bomb("objects", "100,000 arrays in each other", deep_array, ())
    yield Bomb("objects", "rectangles", many_operators)
    yield Bomb("objects", "words", many_words)
    yield Bomb("objects", "saved states", deep_states)
    yield Bomb("objects", "dashes", dashes, ())
    yield Bomb("objects", "tiles", tiles)
    yield Bomb("objects", "transparent groups", transparency, ())
    yield Bomb("objects", "a font of 2^32 characters", mapped_font, ())
    yield Bomb("flate", "a gigabyte of spaces, packed twice", flate_in_flate)
    yield Bomb("flate", "a gigabyte of spaces", flate)
    yield Bomb("flate", "run lengths in flate", lengthened)
    yield Bomb("pixels", "a PNG of 60,000 x 60,000", lambda: png(60_000, 60_000))
    yield Bomb("pixels", "an image in a PDF of 30,000 x 30,000", pdf_pixels)
    yield Bomb("pixels", "an image in a PDF that may be as large", pdf_allowed_pixels, ())
    yield Bomb("pixels", "a PNG with a gigabyte of comment", png_text)
    yield Bomb("pixels", "a JPEG of 65,500 x 65,500", lambda: jpeg(65_500, 65_500))
    yield Bomb("pixels", "a WebP of 16,000,000 x 200", lambda: webp(16_000_000, 200))
    yield Bomb("pixels", "a TIFF of 4e9 x 4e9", lambda: tiff(1, 2**32 - 1, 2**32 - 1))
    yield Bomb("frames", "a TIFF of 20,000 frames", lambda: tiff(20_000))
    yield Bomb("frames", "a TIFF whose frames go round", lambda: tiff(3, last=8))
    yield Bomb("frames", "a TIFF with a tag of 4 GB", tiff_big_tag)
    yield Bomb("zip", "a ZIP of a gigabyte", lambda: zipped(size=64 * MIB), (UNSUPPORTED,))
    yield Bomb("zip", "a ZIP that looks like a PDF", zip_as_pdf)
    yield Bomb("zip", "a DOCX of a gigabyte", office, (UNSUPPORTED,))
    yield Bomb("zip", "a gzip in a gzip", gzipped, (UNSUPPORTED,))
    yield Bomb("XML", "a billion laughs", laughing_xml, (UNSUPPORTED,))
    yield Bomb("XML", "laughs in UTF-16", lambda: laughing_xml("utf-16"), (UNSUPPORTED,))
    yield Bomb("XML", "laughs after a byte order mark", lambda: laughing_xml("utf-8-sig", "\n\n "), (UNSUPPORTED,))
    yield Bomb("XML", "a file of the machine", outside_xml, (UNSUPPORTED,))
    yield Bomb("XML", "an SVG that draws itself", svg, (UNSUPPORTED,))
    yield Bomb("XML", "metadata of a sound PDF", metadata, ())
    yield Bomb("containers", "100 ZIPs in each other", nested_zips, (UNSUPPORTED,))
    yield Bomb("containers", "50 PDFs attached to each other", attachments, ())
    yield Bomb("password", "a PDF with a password", pdfs.protected, (ENCRYPTED,))
    yield Bomb("truncated", "a PDF, half of it", lambda: cut(page(), 0.5), (UNREADABLE,))
    yield Bomb("truncated", "a PDF, its first line", lambda: page()[:9], (UNREADABLE,))
    for kind in ("PNG", "JPEG", "TIFF", "WEBP"):
        for share in (0.1, 0.5, 0.9):
            yield Bomb("truncated", f"a {kind}, {share:.0%} of it", lambda kind=kind, share=share: cut(noise(kind), share))  # type: ignore[misc]
