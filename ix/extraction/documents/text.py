"""Plain text in any encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ix.extraction.documents import Limits
from ix.extraction.documents.encodings import Decoded, decoded
from ix.extraction.documents.grid import GridDocument
from ix.extraction.documents.plain import plain
from ix.extraction.documents.textkinds import kind_of

ARCHIVE = re.compile(rb"PK\x03\x04|\x1f\x8b|\xfd7zXZ|7z\xbc\xaf|Rar!\x1a|\x28\xb5\x2f\xfd|\xd0\xcf\x11\xe0")
"""ZIP (office documents too), gzip, xz, 7z, RAR, zstd, OLE: what they pack may look like text."""


class TextFormat:
    """Plain text: what is text and nothing else; encodings are guessed where they are not said."""

    name = "plain text"
    rank = 90
    memory = None

    def recognises(self, data: bytes) -> bool:
        text = None if is_packed(data) else decoded(data)
        return text is not None and kind_of(text.text) == "plain"

    def open(self, data: bytes, limits: Limits) -> GridDocument:
        text = decoded(data) or Decoded("")
        return GridDocument(map(plain, sheets(text.text)), limits, text.warnings)


def is_packed(data: bytes) -> bool:
    """Whether these are the bytes of an archive."""
    return ARCHIVE.match(data) is not None


def sheets(text: str) -> Iterator[str]:
    """The parts between form feeds that have a word. Blanks at their end are left out."""
    return (sheet.rstrip() for sheet in text.split("\f") if sheet.strip())


FORMAT = TextFormat()
