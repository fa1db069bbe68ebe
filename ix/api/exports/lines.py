"""What is printed on pages as plain text: its lines from top to bottom, a wide gap as a few spaces."""

from __future__ import annotations

import zlib
from importlib.util import find_spec
from typing import Any

from ix.extraction import layout
from ix.extraction.page import Page, contents


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


GAP = "   "
"""Between the cells of a line."""
# a web process alone comes without numpy, which tells how a page slants; most pages do not
LEVELS = _is_there("numpy")


def text_of(page: dict[str, Any], words: bytes) -> bytes:
    """The text of a page in UTF-8, without what nobody can see on it. `words` are packed as they are stored."""
    read = Page(page["page"], page["width"], page["height"], contents(zlib.decompress(words)).words)
    lines = layout.lines(read, levelled=LEVELS)
    return "".join(f"{GAP.join(cell.text for cell in line.cells)}\n" for line in lines).encode("utf-8", "replace")
