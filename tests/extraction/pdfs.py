"""A writer of small PDFs: what a test needs, nothing hidden."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from PIL import Image


@dataclass(frozen=True)
class Sheet:
    """One page: a content stream, its size in points, and entries that go into its dictionary as they are."""

    content: str = ""
    size: tuple[float, float] = (600, 800)
    entries: str = ""
    resources: dict[str, bytes] = field(default_factory=dict)


def line(text: str, x: float = 50, y: float = 700, size: float = 12, before: str = "", matrix: str = "1 0 0 1") -> str:
    """One line of text in Helvetica. `before` is content that sets colour or rendering mode, `matrix` its rotation."""
    return f"q {before} BT /F1 {size} Tf {matrix} {x} {y} Tm ({text}) Tj ET Q\n"


def lines(*texts: str) -> str:
    """Lines of text below one another."""
    return "".join(line(text, y=700 - 20 * row) for row, text in enumerate(texts))


PARAGRAPH = lines(*(f"line {number} has seven words of text" for number in range(10)))
"""Seventy words: a text layer that needs no OCR."""


def stream(data: bytes, entries: str = "") -> bytes:
    """A stream object."""
    packed = zlib.compress(data)
    return f"<< /Length {len(packed)} /Filter /FlateDecode {entries} >>\nstream\n".encode() + packed + b"\nendstream"


def image(picture: Image.Image) -> bytes:
    """A grey image."""
    grey = picture.convert("L")
    size = f"/Width {grey.width} /Height {grey.height}"
    return stream(grey.tobytes(), f"/Type /XObject /Subtype /Image {size} /ColorSpace /DeviceGray /BitsPerComponent 8")


def form(content: str, resources: str = "") -> bytes:
    """A group of drawing operators."""
    return stream(
        content.encode(),
        f"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << {resources} >> >>",
    )


def pdf(*sheets: Sheet, extra: dict[int, bytes] | None = None, catalog: str = "", trailer: str = "") -> bytes:
    """A PDF of these pages. `extra` are objects with their numbers, from 1000 on."""
    objects = {1: f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(), **(extra or {})}
    objects[3] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    kids = []
    for index, sheet in enumerate(sheets):
        page = 10 + 10 * index
        kids.append(f"{page} 0 R")
        names = ""
        for number, (name, data) in enumerate(sheet.resources.items(), page + 2):
            objects[number] = data
            names += f"/{name} {number} 0 R "
        resources = f"<< /Font << /F1 3 0 R >> /XObject << {names} >> >>"
        box = f"/MediaBox [0 0 {sheet.size[0]} {sheet.size[1]}]"
        entries = f"{box} /Resources {resources} /Contents {page + 1} 0 R {sheet.entries}"
        objects[page] = f"<< /Type /Page /Parent 2 0 R {entries} >>".encode()
        objects[page + 1] = stream(sheet.content.encode("cp1252"))
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return written(objects, trailer)


def written(objects: dict[int, bytes], trailer: str = "") -> bytes:
    """The file: objects, cross-reference table, trailer."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start, last = len(out), max(objects)
    out += f"xref\n0 {last + 1}\n0000000000 65535 f \n".encode()
    for number in range(1, last + 1):
        out += (f"{places[number]:010} 00000 n \n" if number in places else "0000000000 65535 f \n").encode()
    out += f"trailer\n<< /Size {last + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def scan(picture: Image.Image, *, rotation: int = 0, over: str = "") -> bytes:
    """A page that is one image; `over` is drawn after it."""
    drawn = picture.rotate(-rotation, expand=True)
    size = 600 * drawn.width / max(drawn.size), 600 * drawn.height / max(drawn.size)
    return pdf(Sheet(f"q {size[0]} 0 0 {size[1]} 0 0 cm /Im Do Q\n{over}", size, resources={"Im": image(drawn)}))


def protected() -> bytes:
    """A PDF that no empty password opens."""
    keys = "<" + "00" * 32 + ">"
    return pdf(
        Sheet(PARAGRAPH),
        extra={1000: f"<< /Filter /Standard /V 1 /R 2 /P -4 /O {keys} /U {keys} >>".encode()},
        trailer=f"/Encrypt 1000 0 R /ID [{keys} {keys}]",
    )


def laughs(levels: int = 12) -> bytes:
    """A PDF of 20 kB whose page draws 10 to the power of `levels` words."""
    extra = {1000: form("BT /F1 9 Tf 50 50 Td (ha) Tj ET")}
    for level in range(1, levels):
        extra[1000 + level] = form("/X Do " * 10, f"/X {999 + level} 0 R")
    sheet = Sheet("/X Do " * 10, resources={"X": form("/Y Do " * 10, f"/Y {999 + levels} 0 R")})
    return pdf(sheet, extra=extra)


def tiles() -> bytes:
    """A PDF with a pattern whose tiles are a ten-thousandth of a point apart, and a pale word, for which it has to be
    drawn."""
    pattern = stream(
        b"0 0 1 1 re f",
        "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.0001 /YStep 0.0001 /Resources << >>",
    )
    return pdf(
        Sheet(
            "/Pattern cs /P scn 0 0 600 800 re f " + PARAGRAPH + line("pale", before="1 1 1 rg"),
            entries="/Resources << /Font << /F1 3 0 R >> /Pattern << /P 1000 0 R >> >>",
        ),
        extra={1000: pattern},
    ).replace(b"/Resources << /Font << /F1 3 0 R >> /XObject <<  >> >>", b"")
