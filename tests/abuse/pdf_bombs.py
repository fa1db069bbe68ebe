"""Hostile PDFs: pages without end, objects in themselves, streams that swell, pictures without bounds. See
`tests.abuse.bombs`."""

from __future__ import annotations

import struct
import zlib

from tests.abuse.swelling import MIB, deflated, laughing_xml, zipped
from tests.extraction.pdfs import PARAGRAPH, Sheet, form, line, pdf, stream, written


def page(content: str = PARAGRAPH, **extra: bytes) -> bytes:
    """A PDF of one page; `extra` are objects by number, such as `_1000`."""
    return pdf(Sheet(content), extra={int(number[1:]): body for number, body in extra.items()})


def tree(objects: dict[int, str], trailer: str = "") -> bytes:
    """A PDF of these objects, the catalog at 1."""
    return written({number: body.encode() for number, body in objects.items()}, trailer)


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
            4: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>",
            5: packed_stream(data, entries),
        }
    )


# pages


def many_pages() -> bytes:
    """5,000 real pages."""
    kids = " ".join(f"{number} 0 R" for number in range(10, 5010))
    pages = dict.fromkeys(range(10, 5010), "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>")
    return tree({1: "<< /Type /Catalog /Pages 2 0 R >>", 2: f"<< /Type /Pages /Kids [{kids}] /Count 5000 >>", **pages})


def declared_pages() -> bytes:
    """One page, and two thousand million declared."""
    sheet = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>"
    return tree(
        {1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>", 3: sheet}
    )


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
    return (
        body
        + f"{len(rows)} 0 obj\n{head}\nstream\n".encode()
        + table
        + f"\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n".encode()
    )


def xref_stream_loop() -> bytes:
    """A cross-reference stream whose predecessor is itself."""
    return xref_stream("/Prev 9", [(0, 0, 65535), (2, 2, 0)])


def stream_within_itself() -> bytes:
    """An object stream that is the first object of itself, and extends itself."""
    inside = b"2 0 << >>"
    held = b"2 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Extends 2 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        len(inside),
        inside,
    )
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
    return contents(deflated(b"0 0 1 1 re f\n", 300 * MIB))


def many_words() -> bytes:
    """Thirty million words on one page."""
    return contents(deflated(b"(a ) Tj\n", 240 * MIB, b"BT /F1 9 Tf 50 50 Td\n", b"ET"))


def deep_states() -> bytes:
    """Graphics states saved in each other, a hundred million of them."""
    return contents(deflated(b"q\n", 200 * MIB))


def dashes() -> bytes:
    """A line of dashes too short to see, on a page that has to be looked at."""
    return page("[0.00001] 0 d 0.1 w 0 0 m 600 800 l S\n" * 50 + PARAGRAPH + line("pale", before="1 1 1 rg"))


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
        "/T Do " + PARAGRAPH + line("pale", before="1 1 1 rg"),
        resources={"T": form("/Y Do", f"/Y {999 + depth} 0 R")},
        size=(14000, 14000),
    )
    return pdf(sheet, extra=groups)


def form_in_itself() -> bytes:
    """A group that draws itself twice."""
    return pdf(
        Sheet("/X Do", resources={"X": form("/Y Do /Y Do", "/Y 1000 0 R")}),
        extra={1000: form("/Y Do /Y Do", "/Y 1000 0 R")},
    )


def mapped_font() -> bytes:
    """A font whose characters are said to mean four thousand million others."""
    whole = b"<00000000> <ffffffff>"
    cmap = (
        b"begincmap 1 begincodespacerange "
        + whole
        + b" endcodespacerange 1 beginbfrange "
        + whole
        + b" <0000> endbfrange"
    )
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 1001 0 R >>"
    sheet = Sheet(PARAGRAPH.replace("/F1", "/F2"), entries="/Resources << /Font << /F2 1000 0 R >> >>")
    data = pdf(sheet, extra={1000: font, 1001: stream(cmap)})
    return data.replace(b"/Resources << /Font << /F1 3 0 R >> /XObject <<  >> >>", b"")


def many_notes(count: int = 20_000) -> bytes:
    """So many notes typed onto a page, none of which says how it is drawn."""
    numbers = range(1000, 1000 + count)
    typed = b"<< /Type /Annot /Subtype /FreeText /Contents (typed) /DA (/Helv 9 Tf 0 g) /Rect [50 100 250 120] >>"
    listed = " ".join(f"{number} 0 R" for number in numbers)
    return pdf(Sheet(PARAGRAPH, entries=f"/Annots [{listed}]"), extra=dict.fromkeys(numbers, typed))


def huge_words() -> bytes:
    """5,000 words upon each other, each as large as the page, and none that can be seen."""
    return page("".join(line(f"w{at}", x=0, y=0, size=800, before="1 g") for at in range(5000)))


def many_curves() -> bytes:
    """200,000 small figures of many points, any of which may be a letter."""
    curve = b"9 9 m 9 8 l 7 9 l 8 9 l 9 9 l 1 9 l 2 9 l 3 9 l f\n"
    return contents(deflated(curve, 10 * MIB, b"BT /F1 9 Tf (a) Tj ET\n"))


# streams


def flate() -> bytes:
    """A gigabyte of spaces in a megabyte, as a page's content."""
    return contents(deflated(b" ", 1024 * MIB))


def flate_in_flate() -> bytes:
    """A gigabyte of spaces in 3 kB: packed twice."""
    return contents(zlib.compress(deflated(b" ", 1024 * MIB), 9), "/Filter [/FlateDecode /FlateDecode]")


def lengthened() -> bytes:
    """The same by run lengths (ISO 32000-1, 7.4.5) in flate."""
    return contents(deflated(b"\x81 ", 16 * MIB), "/Filter [/FlateDecode /RunLengthDecode]")


# pictures


def picture(width: int, height: int, entries: str = "", data: bytes = b"", seen: bool = True) -> bytes:
    """A PDF page that is one image, and if `seen` a pale word, for which the page has to be looked at."""
    size = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} {entries}"
    held = packed_stream(data or deflated(b"\0", width * height // 8), size)
    return pdf(
        Sheet(
            "q 600 0 0 800 0 0 cm /Im Do Q\n" + PARAGRAPH + (line("pale", before="1 1 1 rg") if seen else ""),
            resources={"Im": held},
        )
    )


def pdf_pixels() -> bytes:
    """An image of 900 million grey samples on a page."""
    return picture(30_000, 30_000, "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode")


def pdf_allowed_pixels() -> bytes:
    """An image of fewer pixels than are allowed, which takes 192 MB."""
    return picture(
        8_000, 6_000, "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode", deflated(b"\xff", 144 * MIB)
    )


# what else a PDF carries


def attachments(depth: int = 50) -> bytes:
    """A PDF attached to a PDF attached to a PDF … and at the bottom a ZIP bomb."""
    data = zipped()
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
        Sheet(PARAGRAPH),
        extra={1000: stream(laughing_xml(), "/Type /Metadata /Subtype /XML")},
        catalog="/Metadata 1000 0 R",
    )
