"""A font without ink, for text that lies unseen on the picture of a page (text rendering mode 3; ISO 32000-2, 9.3.6).

Whatever the script, a letter is its UTF-16 code, half as wide as the type is high, and has one and the same blank
glyph; how wide it stands on the page says the text itself. OCRmyPDF and Tesseract do likewise."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from functools import cache

UNITS = 1000
"""Units of an em."""
ADVANCE = 500
"""How wide each glyph is, units."""
NAME = "IxBlank"
_CODES = 0x10000
_CHECKSUM = 0xB1B0AFBA
"""What the whole file's checksum is subtracted from (OpenType, table head)."""


@cache
def true_type() -> bytes:
    """The font's file (OpenType 1.9, TrueType outlines): two glyphs without outlines, of which every code is the
    second."""
    tables = dict(sorted(_tables().items()))
    start = 12 + 16 * len(tables)
    directory, body = b"", b""
    for name, table in tables.items():
        directory += struct.pack(">4sIII", name.encode(), _checksum(table), start + len(body), len(table))
        body += _padded(table)
    power = len(tables).bit_length() - 1
    head = struct.pack(">IHHHH", 0x00010000, len(tables), 16 << power, power, 16 * len(tables) - (16 << power))
    whole = head + directory + body
    adjustment = struct.pack(">I", (_CHECKSUM - _checksum(whole)) % 2**32)
    at = start + sum(len(_padded(table)) for name, table in tables.items() if name < "head") + 8
    return whole[:at] + adjustment + whole[at + 4 :]


def _tables() -> Mapping[str, bytes]:
    box = struct.pack(">4h", 0, 0, ADVANCE, UNITS)
    # one segment, the one that ends every such table
    codes = struct.pack(">10HhH", 4, 24, 0, 2, 2, 0, 0, 0xFFFF, 0, 0xFFFF, 1, 0)
    about = struct.pack(">4I2H2q", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, UNITS, 0, 0)
    return {
        "cmap": struct.pack(">4HI", 0, 1, 3, 1, 12) + codes,
        # an empty table would be refused by some readers
        "glyf": bytes(4),
        "head": about + box + struct.pack(">2H3h", 0, 8, 2, 0, 0),
        "hhea": struct.pack(">I3hH6h10xH", 0x10000, UNITS, 0, 0, ADVANCE, 0, 0, ADVANCE, 1, 0, 0, 1),
        # the second has the same width: it is written once
        "hmtx": struct.pack(">Hhh", ADVANCE, 0, 0),
        "loca": struct.pack(">3H", 0, 0, 0),
        "maxp": struct.pack(">IH8xH16x", 0x10000, 2, 1),
        "post": struct.pack(">2I2hI16x", 0x30000, 0, 0, 0, 1),
    }


def _padded(table: bytes) -> bytes:
    return table + bytes(-len(table) % 4)


def _checksum(table: bytes) -> int:
    padded = _padded(table)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) % 2**32


def glyphs() -> bytes:
    """Which glyph each code has (CIDToGIDMap): the second one."""
    return struct.pack(">H", 1) * _CODES


def to_unicode() -> bytes:
    """What each code means (Adobe Technical Note 5411): itself. A range may not change the first byte."""
    ranges = "\n".join(
        f"{len(block)} beginbfrange\n"
        + "\n".join(f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>" for high in block)
        + "\nendbfrange"
        for block in _blocks()
    )
    return f"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{ranges}
endcmap
CMapName currentdict /CMap defineresource pop
end
end""".encode()


def _blocks() -> Iterator[range]:
    # at most a hundred in one operator
    return (range(start, min(start + 100, 256)) for start in range(0, 256, 100))
