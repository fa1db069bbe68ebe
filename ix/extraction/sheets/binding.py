"""A PDF file around sheets (ISO 32000-1): objects, one after the other, and where each begins."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from ix.extraction.sheets import font

CATALOG, PAGES, FONT, DESCENDANT, DESCRIPTOR, FILE, GLYPHS, MEANINGS = range(1, 9)
"""Numbers of the objects that every file has."""
OF_A_SHEET = 3
"""Objects of each sheet: the page, its content, its picture."""
COLOURS = {1: "DeviceGray", 3: "DeviceRGB"}


class Binding:
    """A file that grows sheet by sheet. `size` is how many bytes it has so far."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._begins: dict[int, int] = {}
        self._sheets: list[int] = []
        self.size = 0
        # the four bytes say that there is more in it than text (7.5.2)
        self._write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
        self._font()

    def add(self, told: Mapping[str, Any], picture: bytes, content: bytes) -> None:
        """Another sheet, as `sheet.handle` made it: what it tells of itself, a JPEG, and what is drawn, deflated."""
        number = MEANINGS + 1 + OF_A_SHEET * len(self._sheets)
        (width, height), (across, down) = told["size"], told["pixels"]
        self._sheets.append(number)
        self._object(
            number,
            f"<< /Type /Page /Parent {PAGES} 0 R /MediaBox [0 0 {width:.2f} {height:.2f}] /Contents {number + 1} 0 R "
            f"/Resources << /Font << /Blank {FONT} 0 R >> /XObject << /Picture {number + 2} 0 R >> >> >>",
        )
        self._stream(number + 1, "/Filter /FlateDecode", content)
        self._stream(
            number + 2,
            f"/Type /XObject /Subtype /Image /Width {across} /Height {down} /ColorSpace /{COLOURS[told['colours']]} "
            "/BitsPerComponent 8 /Filter /DCTDecode",
            picture,
        )

    def whole(self) -> bytes:
        """The file, once all its sheets are in it."""
        # last, because it is known only now; readers find it by the table
        kids = " ".join(f"{number} 0 R" for number in self._sheets)
        self._object(PAGES, f"<< /Type /Pages /Count {len(self._sheets)} /Kids [{kids}] >>")
        self._object(CATALOG, f"<< /Type /Catalog /Pages {PAGES} 0 R >>")
        start, count = self.size, len(self._begins) + 1
        # each entry has 20 bytes, the two at its end among them (7.5.4)
        entries = "".join(f"{self._begins[number]:010} 00000 n \n" for number in range(1, count))
        self._write(f"xref\n0 {count}\n0000000000 65535 f \n{entries}".encode())
        self._write(f"trailer\n<< /Size {count} /Root {CATALOG} 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
        return b"".join(self._parts)

    def _font(self) -> None:
        system = "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
        self._object(
            FONT,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{font.NAME} /Encoding /Identity-H "
            f"/DescendantFonts [{DESCENDANT} 0 R] /ToUnicode {MEANINGS} 0 R >>",
        )
        self._object(
            DESCENDANT,
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{font.NAME} {system} /FontDescriptor {DESCRIPTOR} 0 R "
            f"/DW {font.ADVANCE} /CIDToGIDMap {GLYPHS} 0 R >>",
        )
        self._object(
            DESCRIPTOR,
            f"<< /Type /FontDescriptor /FontName /{font.NAME} /Flags 5 /FontBBox [0 0 {font.ADVANCE} {font.UNITS}] "
            f"/ItalicAngle 0 /Ascent {font.UNITS} /Descent 0 /CapHeight {font.UNITS} /StemV 80 "
            f"/FontFile2 {FILE} 0 R >>",
        )
        file = font.true_type()
        self._packed(FILE, file, f"/Length1 {len(file)}")
        self._packed(GLYPHS, font.glyphs())
        self._packed(MEANINGS, font.to_unicode())

    def _packed(self, number: int, data: bytes, entries: str = "") -> None:
        self._stream(number, f"/Filter /FlateDecode {entries}", zlib.compress(data))

    def _stream(self, number: int, entries: str, data: bytes) -> None:
        head = f"<< /Length {len(data)} {entries} >>\nstream\n".encode()
        self._object(number, head, data, b"\nendstream")

    def _object(self, number: int, *parts: str | bytes) -> None:
        self._begins[number] = self.size
        content: Sequence[bytes] = [one.encode() if isinstance(one, str) else one for one in parts]
        for part in (f"{number} 0 obj\n".encode(), *content, b"\nendobj\n"):
            self._write(part)

    def _write(self, part: bytes) -> None:
        self._parts.append(part)
        self.size += len(part)
